"""The ledger's files: for the owner alone, never through a link, the last line found from the end."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import Busy
from ragkit.files import PRIVATE, make_private, write_atomically
from ragkit.ledger.chain import parse
from ragkit.types.ledger import LedgerEntry

ENTRIES, HEAD, KEY, LOCK = "ledger.jsonl", "ledger.head", "ledger.key", "ledger.lock"
FILE_NAMES = (ENTRIES, HEAD, KEY, LOCK)
PATIENCE = 15.0
"""Seconds to wait for others who append; one takes a few milliseconds."""
KEY_BYTES = 32
_BLOCK = 1 << 16
_PAUSE = 0.005


@dataclass(frozen=True, slots=True)
class LastLine:
    """How the file of entries ends.

    entry: of the last whole line; None if there is none, or it is not as it was written.
    end: bytes up to and including that line. size: of the file; more than `end` if a line is torn.
    """

    entry: LedgerEntry | None
    end: int
    size: int


def open_private(path: Path, flags: int) -> int:
    """A descriptor. Raises OSError, also where `path` is a link."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)


@contextmanager
def locked(store: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Alone with the ledger; the kernel frees the lock with the process. Raises Busy, OSError."""
    make_private(store)
    descriptor = open_private(store / LOCK, os.O_RDWR | os.O_CREAT)
    try:
        _wait_for(descriptor, store, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, store: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy(f"Another process holds the ledger in {store}.") from None
            time.sleep(_PAUSE)
        else:
            return


def key_fault(store: Path) -> str:
    """Why `read_key` gives none; "" if it gives one. Raises OSError."""
    if read_key(store) is not None:
        return ""
    return "ledger.key does not hold a key" if (store / KEY).exists() else "ledger.key is gone"


def read_key(store: Path) -> bytes | None:
    """The store's key; None if there is none, or it is not as it was made. Raises OSError."""
    try:
        descriptor = open_private(store / KEY, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        text = file.read()
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def make_key(store: Path) -> bytes:
    """A new random key, flushed to the disk. The caller holds the lock."""
    key = secrets.token_bytes(KEY_BYTES)
    write_atomically(store / KEY, f"{key.hex()}\n")
    return key


def read_last(descriptor: int) -> LastLine:
    """Reads the last line alone, however long the file is."""
    size = os.fstat(descriptor).st_size
    end = _newline_before(descriptor, size) + 1
    start = _newline_before(descriptor, max(0, end - 1)) + 1
    line = os.pread(descriptor, end - start, start)
    return LastLine(parse(line) if line else None, end, size)


def _newline_before(descriptor: int, position: int) -> int:
    """Where the last newline before `position` stands; -1 if there is none."""
    while position > 0:
        start = max(0, position - _BLOCK)
        found = os.pread(descriptor, position - start, start).rfind(b"\n")
        if found >= 0:
            return start + found
        position = start
    return -1


def read_lines(store: Path, size: int | None = None) -> Iterator[bytes]:
    """The lines, each with its newline but for one that is torn; none without a file.

    size: stop after so many bytes: what is appended meanwhile is left out.
    """
    try:
        descriptor = open_private(store / ENTRIES, os.O_RDONLY)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "rb") as file:
        left = os.fstat(file.fileno()).st_size if size is None else size
        while left > 0 and (line := file.readline(left)):
            left -= len(line)
            yield line
