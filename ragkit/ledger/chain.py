"""An entry as one line of bytes, and the hash that ties it to the one before.

    hash = SHA-256( before "\\n" canonical )

before: the hash of the entry before, 64 hexadecimal digits, 64 zeros for the first. canonical: the
entry without its hash as JSON in ASCII, keys sorted, no spaces. A line of the file is the same with
the hash. So a line has one way of being right: every other byte in it is an alteration.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from ragkit.types.ledger import LedgerEntry, LedgerHead

BEGINNING = "0" * 64
"""Stands for the hash before the first entry."""


def chained(entry: LedgerEntry, last: LedgerHead) -> LedgerEntry:
    """`entry` as the one after `last`."""
    placed = replace(entry, n=last.n + 1, before=last.hash or BEGINNING, hash="")
    return replace(placed, hash=hash_of(placed))


def hash_of(entry: LedgerEntry) -> str:
    """What the hash of an entry must be, whatever it says; hexadecimal."""
    return _hash_of(entry.as_dict())


def line_of(entry: LedgerEntry) -> bytes:
    """With its newline."""
    return _line_of(entry.as_dict())


def parse(line: bytes) -> LedgerEntry | None:
    """The entry of a line that has its newline; None if a byte of it is not as it was written."""
    try:
        data = json.loads(line)
        entry = LedgerEntry.from_dict(data)
        is_right = _line_of(data) == line and _hash_of(data) == entry.hash
    except (ValueError, RecursionError):
        return None
    return entry if is_right else None


def _hash_of(data: dict[str, object]) -> str:
    unhashed = {name: value for name, value in data.items() if name != "hash"}
    return hashlib.sha256(f"{data['before']}\n{_canonical(unhashed)}".encode("ascii")).hexdigest()


def _line_of(data: dict[str, object]) -> bytes:
    return f"{_canonical(data)}\n".encode("ascii")


def _canonical(data: dict[str, object]) -> str:
    return json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
