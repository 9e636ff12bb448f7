"""Scratch folders: what a comparison makes of a pipeline's documents, below its store, while it runs.

Whoever works in one holds a shared lock; a purge holds the exclusive one, so that no text is laid out
while it erases and certifies. What a killed comparison left there is removed by the next one, by the
next ingest and by a purge.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ragkit.catalog.store import file_faults
from ragkit.errors import Busy
from ragkit.files import make_private

SCRATCH = ".bench"


@contextmanager
def scratch_folder(beside: Path) -> Iterator[Path]:
    """A new folder below `beside`, for the owner alone; gone afterwards, whatever the end.

    Raises Busy while documents of `beside` are being purged, StorageFault.
    """
    clear_scratch(beside)
    with _locked(
        beside, fcntl.LOCK_SH, "Documents are being purged; nothing is laid out meanwhile."
    ):
        folder = beside / SCRATCH / str(os.getpid())
        with file_faults(beside):
            folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
    with suppress(OSError):  # another one works there
        (beside / SCRATCH).rmdir()


@contextmanager
def no_scratch(store: Path) -> Iterator[None]:
    """Nothing is laid out, and what was left is gone. Raises Busy while a comparison runs, StorageFault."""
    busy = "A comparison lays out texts of these documents at this moment."
    with _locked(store, fcntl.LOCK_EX, busy):
        _empty(store / SCRATCH)
        yield
    with suppress(OSError):
        (store / SCRATCH).rmdir()


def clear_scratch(beside: Path) -> None:
    """Remove what killed comparisons left, unless one is running. Raises StorageFault."""
    if (beside / SCRATCH).is_dir():
        with suppress(Busy), no_scratch(beside):
            pass


@contextmanager
def _locked(beside: Path, how: int, busy: str) -> Iterator[None]:
    """The lock is on the folder itself, and is freed by the kernel when its process ends."""
    with file_faults(beside):
        make_private(beside / SCRATCH)
        place = os.open(beside / SCRATCH, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _take(place, how, busy)
        yield
    finally:
        os.close(place)


def _take(place: int, how: int, busy: str) -> None:
    try:
        fcntl.flock(place, how | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(busy, hint="Wait for it to end.") from None


def _empty(folder: Path) -> None:
    with file_faults(folder):
        for path in folder.iterdir():
            shutil.rmtree(path)
