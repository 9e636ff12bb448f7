"""One writer per pipeline. Readers take no lock."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ragkit.catalog.store import file_faults, make_private
from ragkit.errors import Busy

LOCK_NAME = "lock"


class WriterLock:
    """An advisory lock on `<folder>/lock`, freed by the kernel when its process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[str] | None = None

    def __enter__(self) -> WriterLock:
        """Raises Busy at once, with the process and since when, if another process holds it."""
        with file_faults(self.folder):
            make_private(self.folder)
            (self.folder / LOCK_NAME).touch(mode=0o600)
            file = (self.folder / LOCK_NAME).open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(file)
            file.close()
            raise Busy(
                f"Another process writes to {self.folder}{holder}.",
                hint="Wait for it to end; search and ask work meanwhile.",
            ) from None
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "since": datetime.now(UTC).isoformat("T", "seconds")}, file)
        file.flush()
        self._file = file
        return self

    @staticmethod
    def is_held(folder: Path) -> bool:
        """Whether some process writes to the pipeline at this moment."""
        try:
            with (folder / LOCK_NAME).open("r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # no lock file, or none that can be read: nobody holds it
        return False

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        data = json.load(file)
        return f" (process {data['pid']}, since {data['since']})"
    except (ValueError, KeyError, TypeError):
        return ""  # the holder has locked it but not yet written its name
