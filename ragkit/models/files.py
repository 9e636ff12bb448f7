"""Digests, stamps and careful writing: what the store and the sources do with files."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ragkit.errors import Busy, StorageFault
from ragkit.files import digest_of, make_private, write_atomically

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the bytes done and the bytes in all (0: not known)."""

Stamp = tuple[int, int, int, int]
"""Size, modification time, change time (both ns) and inode. Nobody but root can set a change time,
so a file with an unchanged stamp was not written to since."""

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
}


def no_progress(what: str, done: int, total: int) -> None:
    """For callers that show nothing."""


def sha256_of(path: Path, progress: Progress, what: str) -> str:
    """The digest of a file, in hexadecimal. progress: told after each MiB."""
    total = path.stat().st_size
    return digest_of(path, lambda done: progress(what, done, total))


def stamp_of(path: Path) -> Stamp:
    state = path.stat()
    return (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)


def bytes_under(folder: Path) -> int:
    """Of all files in a folder and below it; 0 if there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def write_json(path: Path, value: object) -> None:
    """Write `value` so that the file is the old one or the whole new one; the rename is on the disk."""
    make_private(path.parent)
    write_atomically(path, json.dumps(value, indent=2))
    flush_folder(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """The object in `path`; an empty one if there is none or it cannot be understood."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def flush_file(path: Path) -> None:
    """Make sure that the bytes of `path` are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Make sure that renames inside `folder` are on the disk. (On POSIX a folder opens like a file.)"""
    flush_file(folder)


@contextmanager
def only_one(lock: Path, what: str) -> Iterator[None]:
    """Hold `lock`, an empty file that is gone afterwards. Raises Busy.

    If the process dies the kernel frees it, and the file is left to the next one.
    """
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = _locked(lock, what)
    try:
        yield
    finally:
        with suppress(OSError):  # an empty file more is no reason to fail
            lock.unlink(missing_ok=True)  # while it is held, so that it is nobody else's
        os.close(descriptor)


def _locked(lock: Path, what: str) -> int:
    """A descriptor that holds the file now at `lock`: one opened just before its holder deleted it
    would keep nobody out."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_at(descriptor, lock):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise Busy(
                f"Another process is at work on {what}.", hint="Wait for it to end."
            ) from None
        os.close(descriptor)


def _is_still_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def storage_faults(folder: Path) -> Iterator[None]:
    """Turn a full or read-only disk, or missing permission, into a StorageFault that names `folder`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REASONS:
            raise
        raise StorageFault(
            f"The models folder {folder} cannot be written: {_REASONS[error.errno]}.",
            hint="Free some space, or set RAGKIT_MODELS to another folder.",
        ) from error
