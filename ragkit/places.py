"""The places that work on a settings file writes to: what a sealed process is given, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ragkit.config import Config, Pipeline
from ragkit.files import NIGHT_LOCK, make_private
from ragkit.models.digests import MEMORY_FOLDER

PREPARED_FOLDER = MEMORY_FOLDER
"""In the models folder: what was converted, measured and checked on this machine."""


def written_places(config: Config, models: Path, also: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Folders and devices: the stores, what is made of models, and what `also` stands for.

    A file, or what is not there yet, stands for the nearest folder that is: files are written beside
    themselves and renamed. A store that is not there stands for nothing (see `make_stores`).
    """
    prepared = models / PREPARED_FOLDER
    # It makes a folder as soon as it is imported, in that for temporary files if it is not told.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str((prepared / "torch").absolute())
    with suppress(OSError):  # not this user's: then nothing can be prepared
        make_private(prepared)
    stores = [pipeline.store for pipeline in config.pipelines.values()]
    locks = {store.parent / NIGHT_LOCK for store in stores}
    return (*stores, *locks, prepared, *map(_stands_for, also))


def make_stores(pipelines: Iterable[Pipeline]) -> None:
    """Make the folders of stores that are to be filled, for the owner alone.

    Before the process is sealed: then nobody may write where a store would have to be made. What cannot
    be made is told by who needs it.
    """
    for pipeline in pipelines:
        with suppress(OSError):
            make_private(pipeline.store)


def make_outputs(pipelines: Iterable[Pipeline]) -> tuple[Path, ...]:
    """Make the folders that the steps after an ingest write to, for the owner alone. Returns those that
    are there: what cannot be made is told by the step, and nothing around it may be written to.
    """
    folders = dict.fromkeys(output.folder for each in pipelines for output in each.outputs)
    for folder in folders:
        with suppress(OSError):
            make_private(folder)
    return tuple(folder for folder in folders if folder.is_dir())


def make_night_lock(pipelines: Iterable[Pipeline]) -> None:
    """Make the file that is locked for a night of several pipelines, beside their stores."""
    for pipeline in pipelines:
        with suppress(OSError):
            make_private(pipeline.store.parent)
            (pipeline.store.parent / NIGHT_LOCK).touch(mode=0o600)


def _stands_for(path: Path) -> Path:
    place = path.resolve()
    if place.exists() and not place.is_file():
        return place
    return next(folder for folder in place.parents if folder.is_dir())
