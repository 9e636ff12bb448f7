"""Every way in which ragkit can fail, as one tree.

    RagkitError                          exit  HTTP
    ├── UsageFault                          2   400   the command or a question cannot be understood
    │   ├── ConfigFault                     2   400   pipelines.yaml is missing or has faults: all of them
    │   ├── NothingInScope                  2   400   filters that no document fits; it says what there is
    │   └── UnknownPipeline                 2   404   no pipeline, document or model of that name
    ├── UnreadableDocument                  3   422   one file cannot be read; the run goes on
    ├── NotReady                            4   503   something must be made first; the hint says how
    │   ├── ModelMissing                    4   503   a model is not on this machine
    │   ├── IndexMissing                    4   503   nothing is published yet
    │   ├── StorageFault                    4   507   the disk is full, read-only or the store unreadable
    │   └── IsolationFault                  4   500   the network cannot be shut off here, so nothing is opened
    ├── Busy                                5   409   another process writes to this pipeline
    ├── ConnectionBlocked                   8   502   something tried to connect, and was refused
    ├── ProcessLost                         1   500   the sealed process of the Python API was killed
    ├── CheckFailed                         9   409   what was checked does not hold (a digest, a citation)
    └── Interrupted                       130   499   the user stopped it; what was done is kept

A message is one sentence that says what happened and where; `hint` is the next command or step.
Whether a question was answered is not an error: outcomes have exit codes of their own (`OUTCOME_EXIT_CODES`).
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

EXIT_OK = 0
EXIT_BUG = 1
EXIT_SOME_FAILED = 3
EXIT_NOT_FOUND = 6
EXIT_HELD_BACK = 7
"""The quality gate kept the old state; no fault, so no class of the tree has it."""
EXIT_PRECEDENCE = (130, 1, 8, 9, 7, 5, 4, 2, 3, 6, 0)
"""When several exit codes apply, the first of these is used."""

LOCKED = "It is protected by a password"
"""How the reason begins of every document that would open with one."""

OUTCOME_EXIT_CODES = {"found": 0, "not_found": 6, "ambiguous": 6}


def strongest_exit_code(codes: Iterable[int]) -> int:
    """The code that stands for all of `codes`, by EXIT_PRECEDENCE; 0 for none."""
    present = set(codes)
    return next((code for code in EXIT_PRECEDENCE if code in present), EXIT_OK)


class RagkitError(Exception):
    """Anything ragkit reports in one sentence. `hint` is the next command, or an empty string."""

    exit_code = EXIT_BUG
    http_status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_dict(self) -> dict[str, object]:
        """For `--json`: {"error", "message", "hint", "exit_code"}."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }


class UsageFault(RagkitError):
    """The command, an option or a question cannot be understood."""

    exit_code = 2
    http_status = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a settings file: where (a dotted path), the line (1-based, 0 unknown) and what."""

    place: str
    line: int
    problem: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.place}" if self.line else self.place
        return f"{where}: {self.problem}"


class ConfigFault(UsageFault):
    """pipelines.yaml is missing or has faults; all of them are in `faults`."""

    def __init__(self, message: str, *, faults: Sequence[Fault] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.faults = tuple(faults)

    def as_dict(self) -> dict[str, object]:
        shown = [{"place": f.place, "line": f.line, "problem": f.problem} for f in self.faults]
        return {**super().as_dict(), "faults": shown}


class NothingInScope(UsageFault):
    """No document fits the filters of a question, so nothing was searched; the message says which
    filter left nothing, and what there is."""


class UnknownPipeline(UsageFault):
    """No pipeline, document or model of that name; the message lists those there are."""

    http_status = 404


class UnreadableDocument(RagkitError):
    """One file cannot be read. `kind` is a short stable word, the message is the reason for a person."""

    exit_code = EXIT_SOME_FAILED
    http_status = 422

    def __init__(self, message: str, *, kind: str = "damaged", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class NotReady(RagkitError):
    """Something must be made first; the hint is the exact command."""

    exit_code = 4
    http_status = 503


class ModelMissing(NotReady):
    """A model is not on this machine; the hint is the `ragkit models pull` that brings it."""


class IndexMissing(NotReady):
    """Nothing is published for this pipeline; the hint is the `ragkit ingest` that does."""


class Busy(RagkitError):
    """Another process writes to this pipeline."""

    exit_code = 5
    http_status = 409


class StorageFault(NotReady):
    """The disk is full, read-only or cannot be read; what was published stays as it was."""

    http_status = 507


class ConnectionBlocked(RagkitError):
    """Something tried to open a connection and was refused; the message names the call site."""

    exit_code = 8
    http_status = 502


class ProcessLost(RagkitError):
    """The sealed process that works for a Python program ended; the message says how."""


class IsolationFault(NotReady):
    """The network cannot be shut off on this machine, so documents are not opened."""

    http_status = 500


class CheckFailed(RagkitError):
    """What was checked does not hold: a digest, a citation, the store."""

    exit_code = 9
    http_status = 409


class Interrupted(RagkitError):
    """The user stopped it; what was done is kept."""

    exit_code = 130
    http_status = 499


SURROUNDINGS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.EIO,
)
"""What the machine can do to any command; every other OSError is a bug."""


def explained(error: Exception) -> RagkitError:
    """`error` as one of the tree: itself, what the machine did to the work, or a bug.

    Neither the message nor the traceback of an unknown error is shown: either may hold words of a
    document.
    """
    if isinstance(error, RagkitError):
        return error
    if isinstance(error, OSError) and error.errno in SURROUNDINGS:
        where = error.filename or "The output"
        return StorageFault(f"{where} cannot be used: {error.strerror}.", hint="Check that disk.")
    return RagkitError(
        f"An unexpected {type(error).__name__} in {_innermost(error)}: this is a bug in ragkit.",
        hint="Run the command again with -v for the traceback (it may show document text).",
    )


def _innermost(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
