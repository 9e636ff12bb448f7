"""ledger.head: the newest entry noted apart from the entries, so that a dropped tail is noticed.

One line of a fixed length, written in place before and after each entry: a full disk has room for it.
Before, `next` is the hash of the entry that is about to be written: only that one may stand beyond
the head, as a kill leaves it. `seal` is an HMAC-SHA256 with the store's key over the other fields: a
head written without the key is told, and so nothing is appended without it.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from ragkit.files import write_atomically
from ragkit.ledger.files import HEAD, open_private
from ragkit.types.ledger import LedgerEntry, LedgerHead

NOTHING = LedgerHead()
_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Noted:
    """The newest entry that was answered for, and the hash of one being written; "" for none."""

    last: LedgerHead = NOTHING
    next: str = ""

    def awaits(self, entry: LedgerEntry | None) -> bool:
        """Whether it is the entry that was about to be written."""
        return (
            entry is not None
            and bool(self.next)
            and (entry.n, entry.hash) == (self.last.n + 1, self.next)
        )


class BrokenHead(Exception):
    """There is a head, and it is not as ragkit wrote it."""


def read_head(store: Path, key: bytes | None) -> Noted | None:
    """None if there is no file. Raises BrokenHead, OSError."""
    try:
        descriptor = open_private(store / HEAD, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        text = file.read(2 * _LENGTH)
    try:
        data = json.loads(text)
        head = Noted(LedgerHead(data["n"], data["hash"]), data.get("next", ""))
        is_ours = key is not None and hmac.compare_digest(_seal(head, key), data["seal"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BrokenHead from None
    if not is_ours:
        raise BrokenHead
    return head


def begin_head(store: Path, key: bytes) -> None:
    """Before the first entry. Raises OSError."""
    write_atomically(store / HEAD, _text(Noted(), key))


def write_head(store: Path, last: LedgerHead, key: bytes, following: str = "") -> None:
    """Over the one that is there, in one write. following: hash of the entry that is written now.

    Raises OSError.
    """
    descriptor = open_private(store / HEAD, os.O_WRONLY)
    try:
        os.pwrite(descriptor, _text(Noted(last, following), key).encode("ascii"), 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(head: Noted, key: bytes) -> str:
    data = {"n": head.last.n, "hash": head.last.hash, "seal": _seal(head, key)}
    if head.next:
        data["next"] = head.next
    return json.dumps(data).ljust(_LENGTH - 1) + "\n"


def _seal(head: Noted, key: bytes) -> str:
    said = f"head\n{head.last.n}\n{head.last.hash}" + (f"\n{head.next}" if head.next else "")
    return hmac.digest(key, said.encode(), "sha256").hex()
