"""One writer per pipeline, and one night at a time. Readers take no lock."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ragkit.catalog.store import LOCK_NAME, file_faults
from ragkit.errors import Busy
from ragkit.files import NIGHT_LOCK, make_private


class WriterLock:
    """An advisory lock on `<folder>/lock`, freed by the kernel when its process ends, however it ends."""

    name = LOCK_NAME
    held = "Another process writes to {folder}{holder}."
    hint = "Wait for it to end; search and ask work meanwhile."

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[str] | None = None

    def __enter__(self) -> WriterLock:
        """Raises Busy at once, with the process and since when, if another process holds it."""
        with file_faults(self.folder):
            make_private(self.folder)
            (self.folder / self.name).touch(mode=0o600)
            file = (self.folder / self.name).open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with file:
                raise self._busy(self.folder, file) from None
        self._file = file
        holder = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat("T", "seconds")}
        with suppress(OSError):  # a full disk: it is the lock that counts, not its holder's name
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), json.dumps(holder).encode(), 0)
        return self

    @classmethod
    def is_held(cls, folder: Path) -> bool:
        """Whether some process holds the lock, which says that it writes to the pipeline."""
        try:
            with (folder / cls.name).open("r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # no lock file, or none that can be read: nobody holds it
        return False

    @classmethod
    def _busy(cls, folder: Path, file: IO[str]) -> Busy:
        return Busy(cls.held.format(folder=folder, holder=_holder(file)), hint=cls.hint)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class NightLock(WriterLock):
    """The same for a whole night: its ingest and its report, between which the other lock is free.

    folder: a pipeline's store; or the folder of all stores, for nights of several pipelines.
    """

    name = NIGHT_LOCK
    held = "Another night is still going on in {folder}{holder}; this one is left out."
    hint = "Wait for it to end; its report will tell everything."

    @classmethod
    def require_free(cls, folder: Path) -> None:
        """Raises Busy, as taking the lock would, without taking it."""
        if cls.is_held(folder):
            with (folder / cls.name).open("r", encoding="utf-8") as file:
                raise cls._busy(folder, file)


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        data = json.load(file)
        os.kill(data["pid"], 0)
        return f" (process {data['pid']}, since {data['since']})"
    except (ValueError, KeyError, TypeError):
        return ""  # the holder has locked it but not yet written its name
    except ProcessLookupError:
        return ", or reads it on a full disk"  # see store.py
    except PermissionError:
        return f" (process {data['pid']} of another user, since {data['since']})"
