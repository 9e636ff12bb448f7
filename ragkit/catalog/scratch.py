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
    clear_scratch(beside)


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
    """The lock is on the folder itself, and is freed by the kernel when its process ends.

    The folder is removed under the exclusive one only; who then gets a lock on what was removed takes
    it once more.
    """
    with file_faults(beside):
        place = _opened(beside / SCRATCH)
    try:
        _take(place, how, busy)
        while not _is_still(place, beside / SCRATCH):  # removed before the lock was ours
            os.close(place)
            with file_faults(beside):
                place = _opened(beside / SCRATCH)
            _take(place, how, busy)
        yield
    finally:
        os.close(place)


def _opened(folder: Path) -> int:
    make_private(folder)
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def _is_still(place: int, folder: Path) -> bool:
    """Whether what is open at `place` is the folder that others meet under that name."""
    try:
        return os.path.samestat(os.fstat(place), folder.stat())
    except FileNotFoundError:
        return False


def _take(place: int, how: int, busy: str) -> None:
    try:
        fcntl.flock(place, how | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(busy, hint="Wait for it to end.") from None


def _empty(folder: Path) -> None:
    with file_faults(folder):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
