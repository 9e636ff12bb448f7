"""ledger.head: the newest entry noted apart from the entries, so that a dropped tail is noticed.

One line of a fixed length, written in place after each entry: a full disk has room for it. `seal` is
an HMAC-SHA256 with the store's key over number and hash: a head written without the key is told.
"""

from __future__ import annotations

import hmac
import json
import os
from pathlib import Path

from ragkit.files import write_atomically
from ragkit.ledger.files import HEAD, open_private
from ragkit.types.ledger import LedgerHead

_LENGTH = 256


class BrokenHead(Exception):
    """There is a head, and it is not as ragkit wrote it."""


def read_head(store: Path, key: bytes | None) -> LedgerHead | None:
    """None if there is no file. Raises BrokenHead, OSError."""
    try:
        descriptor = open_private(store / HEAD, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        text = file.read(2 * _LENGTH)
    try:
        data = json.loads(text)
        head = LedgerHead(data["n"], data["hash"])
        is_ours = key is not None and hmac.compare_digest(_seal(head, key), data["seal"])
    except (ValueError, KeyError, TypeError):
        raise BrokenHead from None
    if not is_ours:
        raise BrokenHead
    return head


def begin_head(store: Path, key: bytes) -> None:
    """Before the first entry. Raises OSError."""
    write_atomically(store / HEAD, _text(LedgerHead(), key))


def write_head(store: Path, head: LedgerHead, key: bytes) -> None:
    """Over the one that is there, in one write. Raises OSError."""
    descriptor = open_private(store / HEAD, os.O_WRONLY)
    try:
        os.pwrite(descriptor, _text(head, key).encode("ascii"), 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(head: LedgerHead, key: bytes) -> str:
    data = {"n": head.n, "hash": head.hash, "seal": _seal(head, key)}
    return json.dumps(data).ljust(_LENGTH - 1) + "\n"


def _seal(head: LedgerHead, key: bytes) -> str:
    return hmac.digest(key, f"head\n{head.n}\n{head.hash}".encode(), "sha256").hex()
