"""What was converted from a model for this machine: it is loaded as the model is, so it is checked so too.

It is derived: what is not as it was made is thrown away, and the next ingest makes it again.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ragkit.errors import CheckFailed
from ragkit.models.digests import DigestMemory
from ragkit.models.files import Progress, bytes_under

CHECKED = "checked.json"
_SETTLED = 60.0
"""Seconds after which a file is no longer being written: another process may compile a graph now."""
_MADE_AGAIN = "ragkit ingest makes it again, in about 20 seconds."
_STATES_KEPT = 30 * 24 * 3600.0
"""Seconds. A state's name does not tell which version of the library reads it, and one of an older version
is never read again. One that is still of use is made anew by reading its instructions, which takes
seconds, once a month."""
_SHA256 = re.compile("[0-9a-f]{64}")
_FIGURES = ".json"
"""Figures and reasons, which are read as data and decide no byte of a vector."""


def check_prepared(folder: Path, progress: Progress, *, fresh: bool = False) -> None:
    """Note the digests of files that are new (and not still being written), compare the others.

    Raises CheckFailed by name for one that changed or went, after removing `folder`; StorageFault if
    what is new cannot be noted.
    """
    memory = DigestMemory(folder / CHECKED)
    files = {path.relative_to(folder).as_posix(): path for path in _made(folder)}
    wrong = [key for key in memory.known() if key not in files]
    new = False
    for key, path in files.items():
        first = memory.first(key)
        if first is None and time.time() - path.stat().st_mtime < _SETTLED:
            continue
        new |= first is None
        found = memory.digest(key, path, progress, fresh=fresh)
        if first is not None and first[0] != found:
            wrong.append(key)
    if wrong:
        shutil.rmtree(folder, ignore_errors=True)
        raise CheckFailed(
            f"{folder / wrong[0]} is not what was made of its model, and was thrown away.",
            hint=_MADE_AGAIN,
        )
    if new:
        memory.save_first(folder, f"Make {folder} writable for you, or delete it: {_MADE_AGAIN}")
    else:
        memory.save()


def check_all_prepared(root: Path, progress: Progress) -> int:
    """The same for all that was prepared on this machine, of any model, hashed anew; how many there are.

    What nobody needs any more is deleted. Raises CheckFailed after the last, with all that is wrong.
    """
    sweep(root)
    folders = sorted(path.parent for path in root.glob("*/conversion.json"))
    wrong = []
    for folder in folders:
        try:
            check_prepared(folder, progress, fresh=True)
        except CheckFailed as error:
            wrong.append(error)
    if wrong:
        raise CheckFailed(" ".join(e.message for e in wrong), hint=wrong[0].hint)
    return len(folders)


def remove_prepared(root: Path, digest: str) -> int:
    """Delete what was made of the model with weights of that sha256 ("": not known): conversions, what
    the engine measured and kept. And what nobody needs any more. Returns the bytes freed of the model's.
    """
    sweep(root)
    if not _SHA256.fullmatch(digest):
        return 0
    mark = digest[:16]
    folders = [root / f"engine-{mark}", *root.glob(f"{mark}-*")]
    freed = sum(bytes_under(folder) for folder in folders)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return freed


def sweep(root: Path) -> None:
    """Delete what killed processes left, and states of instructions that are too old to be of use.

    What cannot be deleted stays: nothing depends on it.
    """
    for folder in root.glob("bench-*"):
        if _has_ended(folder.name.rpartition("-")[2]):
            shutil.rmtree(folder, ignore_errors=True)
    for file in root.glob("engine-*/.state-*.new"):
        if _has_ended(file.name.removesuffix(".new").rpartition(".")[2]):
            _delete(file)
    for file in root.glob("engine-*/state-*.bin"):
        with suppress(OSError):  # a process at work may replace it now
            if file.stat().st_mtime < time.time() - _STATES_KEPT:
                _delete(file)


def _delete(file: Path) -> None:
    with suppress(OSError):
        file.unlink()


def _has_ended(process: str) -> bool:
    """Whether there is no process of that number (a text) any more."""
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError, OverflowError):  # another user's, or no number
        return False
    return False


def _made(folder: Path) -> Iterable[Path]:
    """Graphs, weights and compiled graphs; not what is being written aside."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in inside)
        if path.is_file() and not hidden and path.suffix != _FIGURES:
            yield path
