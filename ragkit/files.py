"""Writing files so that a reader, and a machine that loses its power, sees the old one or the new one."""

from __future__ import annotations

import os
import re
import tempfile
from fnmatch import translate
from pathlib import Path
from typing import IO

PRIVATE = 0o600
LEFT_BEHIND = ("~$*", "Thumbs.db", "desktop.ini", "*.tmp", "*.part", "*.crdownload")
"""Files that programs leave beside documents; like hidden ones they are not documents."""
_LEFT_BEHIND = re.compile("|".join(map(translate, LEFT_BEHIND)))


def is_left_behind(name: str) -> bool:
    """Whether a file of this name is hidden or left behind by a program."""
    return name.startswith(".") or _LEFT_BEHIND.match(name) is not None


def scratch_file(name: str) -> IO[bytes]:
    """A file for a child process to write to and this one to read, in memory where the system can.

    In a sealed process nothing may be written to a folder for temporary files.
    """
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create(name), "w+b")
    return tempfile.TemporaryFile()


def write_atomically(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Write `text` as UTF-8 to a file beside `path`, flush it to the disk, and rename it over `path`.

    mode: the new file's permissions, whatever the umask. Raises OSError; the old file then stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """A rename lasts only when the folder has been written too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
