"""Files: private ones, whole ones (a reader sees the old or the new), their digests, their names."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable
from fnmatch import translate
from pathlib import Path
from typing import IO

PRIVATE = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""The bits of a mode that let anybody but the owner in."""
NIGHT_LOCK = "night.lock"
"""Held during a night: in a store, or for several pipelines in the folder of the stores."""
_BLOCK = 1 << 20
LEFT_BEHIND = ("~$*", "Thumbs.db", "desktop.ini", "*.tmp", "*.part", "*.crdownload")
"""Files that programs leave beside documents; like hidden ones they are not documents."""
_LEFT_BEHIND = re.compile("|".join(map(translate, LEFT_BEHIND)))


def is_left_behind(name: str) -> bool:
    """Whether a file of this name is hidden or left behind by a program."""
    return name.startswith(".") or _LEFT_BEHIND.match(name) is not None


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def digest_of(path: Path, on_block: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file, in hexadecimal. on_block: told the bytes done. Raises OSError."""
    digest, done = hashlib.sha256(), 0
    block = memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(block):
            digest.update(block[:size])
            done += size
            if on_block is not None:
                on_block(done)
    return digest.hexdigest()


def scratch_file(name: str) -> IO[bytes]:
    """A file for a child process to write to and this one to read, in memory where the system can.

    In a sealed process nothing may be written to a folder for temporary files.
    """
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create(name), "w+b")
    return tempfile.TemporaryFile()


def write_atomically(path: Path, text: str | Iterable[str], mode: int = PRIVATE) -> None:
    """Write `text` as UTF-8 to a file beside `path`, flush it to the disk, and rename it over `path`.

    text: whole, or in pieces. mode: the new file's permissions, whatever the umask. Raises OSError, and
    what the pieces raise; the old file then stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.writelines([text] if isinstance(text, str) else text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _flush_folder(path.parent)


def remove_leftovers(path: Path) -> None:
    """What runs that were killed left half-written beside `path`: it may hold words of documents."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.new*"):
        number = left.name.removeprefix(f".{path.name}.").partition(".")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def _flush_folder(folder: Path) -> None:
    """A rename lasts only when the folder has been written too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
