"""What `from ragkit import Workspace` gives: the same methods, done in a sealed process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import finalize

from ragkit.config import CONFIG_NAME, Config, load_config
from ragkit.errors import ConnectionBlocked, UsageFault
from ragkit.isolation import Attempt, Isolation
from ragkit.models import ModelStore, default_models_folder, load_registry
from ragkit.remote.codec import from_plain, to_plain
from ragkit.remote.frames import BadFrame
from ragkit.remote.surface import Operation, bound, operations
from ragkit.remote.worker import Worker

if TYPE_CHECKING:  # editors and type checkers see the methods that are attached below
    from ragkit.flows.conversing import Conversation
    from ragkit.types.scope import Scope
    from ragkit.workspace import Workspace as _Methods
else:
    _Methods = object


READ_FILES = frozenset({"ingest", "nightly"})
"""Methods that read documents; for the others nothing is started that they do not need."""


class Workspace(_Methods):
    """A pipelines.yaml and all that can be done with it, in a process of its own without a network.

    config: the settings file. models: the folder of models, by default the user's.
    accept_weak_isolation: also where the kernel cannot refuse the network (recorded).
    The process opens documents and indexes; the caller's process keeps its network and opens none.
    Opened models and indexes are kept until close(); use it in a `with`. One call at a time; a
    Workspace for each thread and each process. Callbacks are called in the caller's thread. Ctrl-C
    interrupts the work as it does in a command, a second one kills it; the next call goes on. Work
    that has not ended half a minute after it was interrupted is killed too.

    Every method raises, beside its own errors, ProcessLost if the process was killed, and
    ConnectionBlocked if something in it tried to connect, which the kernel refused.
    Raises ConfigFault with every fault of the file, IsolationFault.
    """

    def __init__(
        self,
        config: str | Path = CONFIG_NAME,
        *,
        models: Path | None = None,
        accept_weak_isolation: bool = False,
    ) -> None:
        self.config: Config = load_config(Path(config))
        self.models = ModelStore(models or default_models_folder(), load_registry())
        self.attempts: tuple[Attempt, ...] = ()
        """Where something in the sealed process tried to connect; empty, or this is to be reported."""
        self._worker = Worker(
            {
                "config": str(config),  # as it was given, for messages: both stand in one folder
                "models": None if models is None else str(Path(models).absolute()),
                "accept_weak_isolation": accept_weak_isolation,
                "reads_files": False,
            },
            stores=[pipeline.store.absolute() for pipeline in self.config.pipelines.values()],
        )
        # Also runs when the interpreter ends.
        self._ending = finalize(self, self._worker.close)
        self._is_closed = False
        self._worker.start()

    def __repr__(self) -> str:
        return f"<ragkit.Workspace of {self.config.path}: {self._state()}>"

    @property
    def isolation(self) -> Isolation:
        """How well the process that does the work is shut off: level "A" to "D", and why."""
        found: Isolation = self._decoded(self._worker.ready.get("isolation"), Isolation)
        return found

    def close(self) -> None:
        """End the process, which frees models and indexes. Nothing can be asked afterwards."""
        self._is_closed = True
        self._worker.close()

    def converse(
        self,
        pipeline: str,
        *,
        style: str | None = None,
        scope: Scope | None = None,
        as_typed: bool = False,
    ) -> Conversation:
        """Questions one after the other, each rewritten to stand alone. As the real one's.

        What is remembered, and a file it is saved to, are in this process; each question is answered
        in the sealed one.
        """
        from ragkit.flows.conversing import Conversation

        return Conversation(self, pipeline, style=style, scope=scope, as_typed=as_typed)

    def __enter__(self) -> Workspace:
        self._require_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _state(self) -> str:
        if self._is_closed:
            return "closed"
        process = self._worker.process
        if process:
            return f"process {process} runs, isolation {self.isolation.level}"
        return "no process runs, the next call starts one"

    def _require_open(self) -> None:
        if self._is_closed:
            raise UsageFault(
                f"This Workspace of {self.config.path} is closed.", hint="Open a new Workspace."
            )

    def _asked(self, operation: Operation, given: dict[str, Any]) -> Any:
        self._require_open()
        callbacks = {
            name: value
            for name, value in given.items()
            if name in operation.callbacks and value is not None
        }
        request = {
            "call": operation.name,
            "arguments": _checked(operation, given),
            "callbacks": list(callbacks),
        }

        def on_event(name: str, value: Any) -> None:
            if name not in callbacks:
                raise BadFrame("an event that nobody asked for")
            callbacks[name](from_plain(value, operation.callbacks[name]))

        reads_files = operation.name in READ_FILES
        reply = self._worker.ask(request, on_event, reads_files=reads_files)
        self._report(reply.get("attempts"))
        return self._decoded(reply.get("result"), operation.hints["return"])

    def _decoded(self, plain: Any, annotation: Any) -> Any:
        try:
            return from_plain(plain, annotation)
        except BadFrame as bad:
            raise self._worker.distrust(bad) from bad

    def _report(self, told: Any) -> None:
        """Raises ConnectionBlocked if there were attempts during the call."""
        new = self._decoded(told, tuple[Attempt, ...])
        self.attempts += new
        if new:
            places = ", ".join(dict.fromkeys(attempt.place for attempt in new))
            raise ConnectionBlocked(
                f"Something tried to connect and was refused; nothing left this machine: {places}.",
                hint="Please report this: no part of ragkit should try.",
            )


def _checked(operation: Operation, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments as JSON. Raises TypeError for one that is not what the method takes."""
    plain: dict[str, Any] = {}
    for name, value in given.items():
        if name in operation.callbacks:
            continue
        # A relative path is relative to where the caller stands now.
        plain[name] = to_plain(Path(value).absolute() if isinstance(value, PurePath) else value)
        try:
            from_plain(plain[name], operation.hints[name])
        except BadFrame as bad:
            wanted = operation.signature.parameters[name].annotation
            raise TypeError(f"{operation.name}(): `{name}` must be {wanted}") from bad
    return plain


def _mirrored(operation: Operation) -> Callable[..., Any]:
    def method(self: Workspace, /, *arguments: Any, **named: Any) -> Any:
        return self._asked(operation, bound(operation, arguments, named))

    method.__name__, method.__doc__ = operation.name, operation.doc
    method.__qualname__ = f"{Workspace.__name__}.{operation.name}"
    method.__signature__ = operation.signature  # type: ignore[attr-defined]
    return method


def _mirror(workspace: type[Workspace]) -> None:
    for operation in operations().values():
        method = _mirrored(operation)
        attached = property(method, doc=operation.doc) if operation.is_property else method
        setattr(workspace, operation.name, attached)


_mirror(Workspace)
