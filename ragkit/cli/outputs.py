"""Where a result is to be written: looked at before the work, which may take minutes."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from ragkit.config import Config
from ragkit.errors import UsageFault


def require_writable_file(file: Path) -> None:
    """Whether a file can be made or replaced there. Raises UsageFault."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise UsageFault(
            f"There is no folder {folder} to write {file.name} to.",
            hint=f"mkdir -p {shlex.quote(str(folder))}",
        )
    _require_access(folder)


def require_writable_folder(folder: Path) -> None:
    """Whether files can be written there; it is made when it is missing. Raises UsageFault."""
    place = folder.absolute()
    nearest = next(each for each in (place, *place.parents) if each.exists())
    if not nearest.is_dir():
        raise UsageFault(f"{nearest} is no folder, so nothing can be written to {folder}.")
    _require_access(nearest)


def _require_access(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageFault(
            f"Nothing can be written to {folder}.",
            hint="Give --output a place that you may write to.",
        )


def require_own_file(file: Path | None, config: Config) -> None:
    """Raises UsageFault for a place among documents, where the next ingest would read it as one, or in
    a store."""
    place = None if file is None else file.absolute().parent.resolve()
    for pipeline in config.pipelines.values():
        for folder in (*pipeline.folders, pipeline.store):
            there = folder.resolve()
            if place is not None and (place == there or there in place.parents):
                raise UsageFault(
                    f"{file} would lie among what is in {folder}.",
                    hint="Name a file in a folder of its own.",
                )
