"""The sealed end: opens a workspace, and does what the caller asks, one thing after the other."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.config import load_config
from ragkit.errors import Interrupted, RagkitError, explained
from ragkit.isolation import Attempt, attempts, current, seal
from ragkit.models import default_models_folder
from ragkit.parsers.ocr_helpers import OcrHelpers
from ragkit.places import make_outputs, make_stores, written_places
from ragkit.remote.codec import from_plain, to_plain
from ragkit.remote.faults import error_to_plain
from ragkit.remote.frames import Channel, EndOfStream
from ragkit.remote.surface import Operation, operations

if TYPE_CHECKING:
    from ragkit.workspace import Workspace

_GRACE_SECONDS = 20.0
_LOOK_SECONDS = 1.0


class Interrupts:
    """Ctrl-C of the caller: taken while there is work, and never in the middle of a message."""

    def __init__(self) -> None:
        self.working = False
        self._sending = False
        self._held = False
        signal.signal(signal.SIGINT, self._arrived)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """One that arrives here is raised at the end."""
        self._sending = True
        try:
            yield
        finally:
            self._sending = False
        if self._held:
            self._held = False
            raise KeyboardInterrupt

    def _arrived(self, number: int, frame: object) -> None:
        if self._sending:
            self._held = self.working
        elif self.working:
            raise KeyboardInterrupt


class Server:
    """Answers over `channel` until the caller closes it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._interrupts = Interrupts()
        self._told: set[Attempt] = set()

    def serve(self) -> None:
        """Seal, open, answer. Raises EndOfStream when the caller is gone."""
        opening = self._channel.receive()
        try:
            workspace = _opened(opening)
        except Exception as error:  # noqa: BLE001 (translated for the caller, as the command does)
            self._channel.send({"error": error_to_plain(explained(error))})
            return
        _forget_standard_error()
        threading.Thread(
            target=self._end_with_the_caller, args=(os.getppid(),), daemon=True
        ).start()
        self._channel.send({"isolation": to_plain(current())})
        with workspace:
            while True:
                self._answer(workspace, self._channel.receive())

    def _answer(self, workspace: Workspace, request: dict[str, Any]) -> None:
        try:
            reply = self._done(workspace, request)
        except KeyboardInterrupt:
            reply = {"interrupted": True}
        except Exception as error:  # noqa: BLE001 (translated for the caller, as the command does)
            reply = {"error": error_to_plain(explained(error))}
        finally:
            self._interrupts.working = False
        self._channel.send({**reply, "attempts": self._new_attempts()})

    def _done(self, workspace: Workspace, request: dict[str, Any]) -> dict[str, Any]:
        operation = operations()[str(request["call"])]
        given = {
            name: from_plain(value, operation.hints[name])
            for name, value in request["arguments"].items()
        }
        told = {name: self._teller(name) for name in request["callbacks"]}
        self._interrupts.working = True
        result = _call(workspace, operation, {**given, **told})
        self._interrupts.working = False
        return {"result": to_plain(result)}

    def _teller(self, name: str) -> Callable[[object], None]:
        def tell(value: object) -> None:
            with self._interrupts.held_back():
                try:
                    self._channel.send({"event": name, "value": to_plain(value)})
                except EndOfStream:
                    raise Interrupted("The program that asked is gone.") from None

        return tell

    def _new_attempts(self) -> Any:
        """Attempts to connect that the caller has not been told of."""
        new = [one for one in attempts() if not one.harmless and one not in self._told]
        self._told.update(new)
        return to_plain(new)

    def _end_with_the_caller(self, parent: int) -> None:
        """For a thread: when the caller is gone, interrupt the work, and end after a grace."""
        hangup = getattr(select, "POLLRDHUP", 0) | select.POLLHUP
        watched = select.poll()
        watched.register(self._channel.fileno(), hangup)
        while not watched.poll(_LOOK_SECONDS * 1000) and os.getppid() == parent:
            continue
        if self._interrupts.working and hasattr(signal, "pthread_kill"):
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)  # also ends a system call it waits in
        time.sleep(_GRACE_SECONDS)
        os._exit(1)


def _call(workspace: Workspace, operation: Operation, arguments: dict[str, Any]) -> object:
    found = getattr(workspace, operation.name)
    return found if operation.is_property else found(**arguments)


def _opened(opening: dict[str, Any]) -> Workspace:
    """A workspace in this process, sealed before anything is loaded that opens documents."""
    path, weak = Path(opening["config"]), opening["accept_weak_isolation"] is True
    models = None if opening["models"] is None else Path(opening["models"])
    config = load_config(path)
    helpers = OcrHelpers()
    outputs: tuple[Path, ...] = ()
    if opening["reads_files"] is True:
        # Which pipelines is not known yet, and later no store could be made.
        make_stores(config.pipelines.values())
        outputs = make_outputs(config.pipelines.values())
        helpers = OcrHelpers.for_pipelines(config, accept_weak_isolation=weak)
    try:
        write = written_places(config, models or default_models_folder(), outputs)
        isolation = seal(accept_weak=weak, write=write)
        from ragkit.workspace import Workspace

        # Recorded where it made a difference.
        accepted = weak and not isolation.is_strong
        return Workspace(path, models=models, ocr_helpers=helpers, accepted_weak=accepted)
    except BaseException:
        helpers.close()
        raise


def _forget_standard_error() -> None:
    """From here on documents are opened, and what a library prints may be their text."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 2)
    os.close(nothing)


def main() -> None:
    """`python -m ragkit.remote N`: N is the descriptor of this end of the pair of sockets."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.set_inheritable(False)
    try:
        Server(Channel(connection)).serve()
    except (EndOfStream, KeyboardInterrupt):
        sys.exit(0)
    except RagkitError as error:
        sys.exit(error.exit_code)
