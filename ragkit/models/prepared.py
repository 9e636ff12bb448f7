"""What was converted from a model for this machine: it is loaded as the model is, so it is checked so too.

It is derived: what is not as it was made is thrown away, and the next ingest makes it again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from ragkit.errors import CheckFailed
from ragkit.models.digests import DigestMemory
from ragkit.models.files import Progress

CHECKED = "checked.json"
_SETTLED = 60.0
"""Seconds after which a file is no longer being written: another process may compile a graph now."""
_MADE_AGAIN = "ragkit ingest makes it again, in about 20 seconds."
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


def prepared_folders(root: Path) -> tuple[Path, ...]:
    """All that was prepared on this machine, of any model."""
    return tuple(sorted(path.parent for path in root.glob("*/conversion.json")))


def _made(folder: Path) -> Iterable[Path]:
    """Graphs, weights and compiled graphs; not what is being written aside."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in inside)
        if path.is_file() and not hidden and path.suffix != _FIGURES:
            yield path
