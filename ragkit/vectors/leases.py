"""Leases on vector indexes: none is removed while somebody opens it.

A reader holds a shared lock on an index's folder while it opens it and asks the first time, which
reads all its files; what it has open then goes on answering. The ingest that removes an old index
waits for those. Locks are the kernel's (flock), so that a killed reader's is gone with it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ragkit.errors import StorageFault
from ragkit.vectors.manifest import REBUILD_HINT

PATIENCE_SECONDS = 10.0
"""Opening takes under a second; a reader that was stopped meanwhile is not waited for any longer."""
_PAUSE_SECONDS = 0.02


@contextmanager
def leased(folder: Path) -> Iterator[None]:
    """The index in `folder` stays while this lasts. Raises StorageFault if it is not there."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StorageFault(f"{folder} cannot be opened.", hint=REBUILD_HINT) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if not folder.is_dir():  # removed between the two
            raise StorageFault(f"{folder} is gone.", hint=REBUILD_HINT)
        yield
    finally:
        os.close(descriptor)


def remove_index(folder: Path, patience: float = PATIENCE_SECONDS) -> None:
    """Remove a folder of vectors once nobody opens it, and at the latest after `patience` seconds.

    Raises OSError.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _wait_for_readers(descriptor, time.monotonic() + patience)
        # Under a name that no reader asks for first: one that comes now finds nothing, not a half.
        aside = folder.with_name(f"{folder.name}.removed")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    finally:
        os.close(descriptor)
    shutil.rmtree(aside, ignore_errors=True)


def _wait_for_readers(descriptor: int, until: float) -> None:
    while time.monotonic() < until:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
