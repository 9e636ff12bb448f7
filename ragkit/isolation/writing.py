"""Writing only where the work is: stores, prepared models, and what a command was told to write.

Reading stays free for commands: libraries, models and the folders of documents lie anywhere, and a file
that is read goes nowhere without a network. What matters is what is written: a copy of a document in a
folder that another program backs up or carries into a cloud has left the machine all the same.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from pathlib import Path

from ragkit.isolation.kernel import Kernel
from ragkit.isolation.landlock import (
    CHANGING,
    READ_FILE,
    SCOPE_ABSTRACT_SOCKETS,
    WRITE_FILE,
    WRITING,
    NotPossible,
    Rule,
    restrict,
)
from ragkit.isolation.namespace import count_threads

_ALWAYS = (Rule(Path(os.devnull), READ_FILE | WRITE_FILE),)
_OPEN_TO_ALL = ("/dev/full", "/dev/zero")
"""Files that everybody may write to and that keep nothing: to see whether this process still may."""
_OPEN_FOLDERS = ("/tmp", "/dev/shm")


def restrict_writing(kernel: Kernel, write: Collection[Path]) -> str:
    """Let this process and its children write below `write` only; why it is not so, or "".

    Links to what lies elsewhere are followed when this is called, not later.
    """
    if count_threads() != 1:
        return "the process already has threads"
    rules = [*_ALWAYS, *(Rule(path, WRITING) for path in write)]
    try:
        # Signals are not scoped: helpers that were started before must be ended.
        restrict(kernel, CHANGING, rules, SCOPE_ABSTRACT_SOCKETS)
    except NotPossible as reason:
        return str(reason)
    return _self_test(write)


def writing_is_refused() -> bool:
    """Whether the kernel refuses files that everybody may write to, as where files are restricted.

    False also where none of them is there: then nothing is known.
    """
    answers = [_try_to_write(path) for path in _OPEN_TO_ALL]
    return errno.EACCES in answers and 0 not in answers


def _self_test(write: Collection[Path]) -> str:
    """Really try to write elsewhere; what could be done, or an empty string."""
    given = {path.resolve() for path in write}
    for path in _OPEN_TO_ALL:
        if not _lies_in(Path(path), given) and not _try_to_write(path):
            return f"{path} can be written to"
    for folder in map(Path, _OPEN_FOLDERS):
        if not _lies_in(folder, given) and _can_create(folder):
            return f"a folder can be made in {folder}"
    return ""


def _lies_in(path: Path, given: Collection[Path]) -> bool:
    place = path.resolve()
    return any(place == folder or folder in place.parents for folder in given)


def _try_to_write(path: str) -> int:
    """0 if it can be opened for writing, else the error number."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CLOEXEC))
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _can_create(folder: Path) -> bool:
    """It is gone again if it can."""
    probe = folder / f".ragkit-{os.getpid()}"
    try:
        probe.mkdir(mode=0o700)
    except OSError:
        return False
    probe.rmdir()
    return True
