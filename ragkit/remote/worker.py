"""The caller's end: the process that does the work is started, asked, interrupted and ended here."""

from __future__ import annotations

import contextlib
import os
import signal
import site
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import ragkit
from ragkit.errors import Interrupted, ProcessLost, RagkitError, UsageFault
from ragkit.files import scratch_file
from ragkit.remote.faults import error_from_plain
from ragkit.remote.frames import BadFrame, Channel, EndOfStream

MODULE = "ragkit.remote"
_SECONDS_TO_END = 20.0
"""For freeing a model of gigabytes and ending helper processes."""
_SECONDS_TO_STOP = 30.0
"""For interrupted work to end by itself; then the process is killed, which loses nothing published."""

OnEvent = Callable[[str, Any], None]
_Identity = tuple[int, int]
"""Of a folder: its device and its number there."""


class Worker:
    """The sealed process, started when it is first needed and again after it was lost.

    opening: the first message to it. stores: folders that it may write to if they are there when it
    starts: it is replaced when another program has made one since. One question at a time, from any
    thread.
    """

    def __init__(self, opening: dict[str, Any], stores: Collection[Path] = ()) -> None:
        self._opening = opening
        self._stores = tuple(stores)
        self._given: dict[Path, _Identity] = {}
        self._folder = Path.cwd()
        self._caller = os.getpid()
        self._in_use = threading.Lock()  # protects the process and the order of its messages
        self._running: _Running | None = None
        self.ready: dict[str, Any] = {}

    def start(self) -> None:
        """Raises what the process says while it gets ready: IsolationFault, ConfigFault, ..."""
        with self._alone():
            self._started()

    def ask(
        self, request: dict[str, Any], on_event: OnEvent, *, reads_files: bool = False
    ) -> dict[str, Any]:
        """The reply, after `on_event` was told of every event, in this thread.

        reads_files: by a process that was made ready to read documents, scans too. That takes
        longer, and cannot be done once it is sealed: one that was not is replaced.

        Ctrl-C, or whatever `on_event` raises, interrupts the work, which ends before it is raised
        here; a second Ctrl-C kills the process, and so does half a minute without its end. Raises
        ProcessLost, UsageFault if it is at work.
        """
        with self._alone():
            return self._started(reads_files).ask(request, on_event)

    def distrust(self, bad: BadFrame) -> ProcessLost:
        """Kill the process, which sent a value that is not what it should be."""
        assert self._running is not None
        return self._running.lost(bad)

    @property
    def process(self) -> int:
        """The number of the process that runs; 0 if none does."""
        return 0 if self._running is None else self._running.process

    def close(self) -> None:
        """End the process. After a fork only this process's hold on it."""
        running, self._running = self._running, None
        if running is not None:
            running.end(by_its_owner=os.getpid() == self._caller)

    def _started(self, reads_files: bool = False) -> _Running:
        there = _identities(self._stores)
        unready = reads_files and not self._opening["reads_files"]
        outdated = unready or not there.items() <= self._given.items()
        if self._running is not None and (self._running.is_lost or outdated):
            self.close()
        self._opening["reads_files"] |= reads_files
        if self._running is None:
            self._running = running = _Running(self._folder)
            try:
                self.ready = running.ask(self._opening, _no_event)
            except BaseException:
                self.close()
                raise
            # One that reads documents makes the stores that are missing.
            made = _identities(self._stores) if self._opening["reads_files"] else {}
            self._given = {**made, **there}
        return self._running

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if os.getpid() != self._caller:
            raise UsageFault(
                f"This Workspace belongs to process {self._caller}; this one was forked from it.",
                hint="Make a Workspace in each process.",
            )
        if not self._in_use.acquire(blocking=False):
            raise UsageFault(
                "This Workspace is at work, in another thread or around this callback.",
                hint="Make a Workspace for each thread.",
            )
        try:
            yield
        finally:
            self._in_use.release()


class _Running:
    """One process. `is_lost`: it has ended, or is not to be asked again."""

    def __init__(self, folder: Path) -> None:
        # Only what Python itself says before anything is opened: the process then closes it.
        self._complaints: IO[bytes] = scratch_file("ragkit-start")
        self._process, self._channel = _start(folder, self._complaints)
        self.is_lost = False

    @property
    def process(self) -> int:
        """Its number; 0 once it has ended."""
        return self._process.pid if self._process.poll() is None else 0

    def ask(self, request: dict[str, Any], on_event: OnEvent) -> dict[str, Any]:
        try:
            self._channel.send(request)
            reply = self._reply(on_event)
        except (EndOfStream, BadFrame) as error:
            raise self.lost(error) from error
        except BaseException as stop:
            self._interrupt(stop)
            raise
        if "error" in reply:
            raise self._fault(reply["error"])
        return reply

    def end(self, *, by_its_owner: bool) -> None:
        """Have it end by itself, else kill it."""
        self.is_lost = True
        if by_its_owner:
            self._channel.end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_END)
            self._kill()
        else:
            self._process.returncode = 0  # another's child: nothing to wait for, or to warn of
        self._channel.close()
        self._complaints.close()

    def _fault(self, plain: Any) -> RagkitError:
        try:
            return error_from_plain(plain)
        except BadFrame as bad:
            return self.lost(bad)

    def _reply(self, on_event: OnEvent, deadline: float | None = None) -> dict[str, Any]:
        while True:
            frame = self._channel.receive(deadline)
            if "event" not in frame:
                return frame
            on_event(str(frame["event"]), frame.get("value"))

    def _interrupt(self, stop: BaseException) -> None:
        """Have the work end as Ctrl-C ends it in a command. A second Ctrl-C arrives here, and kills."""
        if self._channel.in_doubt:
            self._kill()
            return
        try:
            self._process.send_signal(signal.SIGINT)
            reply = self._reply(_no_event, time.monotonic() + _SECONDS_TO_STOP)
        except (EndOfStream, BadFrame):
            self._kill()
            return
        except BaseException:
            self._kill()
            raise
        if isinstance(stop, KeyboardInterrupt) and "error" in reply:
            fault = self._fault(reply["error"])
            if isinstance(fault, Interrupted):  # it says what is kept
                raise fault from stop

    def _kill(self) -> None:
        self.is_lost = True
        self._process.kill()
        self._process.wait()

    def lost(self, error: Exception) -> ProcessLost:
        """Why nothing more can be expected of it, in words."""
        if isinstance(error, EndOfStream):  # it is ending: its own exit code says why
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_END)
        ended = self._process.poll()
        self._kill()
        how = "sent what cannot be understood" if ended is None else _how_it_ended(ended)
        return ProcessLost(
            f"The process that does the work {how}.{self._last_words()}",
            hint="Call it again: a new one is started, and what was published is as it was.",
        )

    def _last_words(self) -> str:
        self._complaints.seek(0)
        said = self._complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
        return f" Python said: {said}" if said else ""


def _start(folder: Path, complaints: IO[bytes]) -> tuple[subprocess.Popen[bytes], Channel]:
    """`python -m ragkit.remote N`, N being its end of a pair of sockets. Exec, never a bare fork."""
    if not sys.executable:
        raise ProcessLost("This program does not say which Python it runs in (sys.executable).")
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", MODULE, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            cwd=folder,
            env=_environment(),
            close_fds=True,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C reaches the caller alone, which hands it on
        )
    return process, Channel(ours)


def _environment() -> dict[str, str]:
    """The caller's, with the folder of this very ragkit where Python would not look by itself."""
    folder = str(Path(ragkit.__path__[0]).parent)
    if folder in (*site.getsitepackages(), site.getusersitepackages()):
        return dict(os.environ)
    before = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (before, folder)))}


def _identities(folders: Iterable[Path]) -> dict[Path, _Identity]:
    """Of those that are there: one that was removed and made again is another."""
    found = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            status = folder.stat()
            found[folder] = (status.st_dev, status.st_ino)
    return found


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended unexpectedly (exit code {code})"
    return f"was killed by signal {-code} ({signal.Signals(-code).name})"


def _no_event(name: str, value: Any) -> None:
    """Nobody waits for events any more, or yet."""
