"""A ledger with some entries, and ways of doing things to it that nobody should."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ragkit.ledger import Ledger
from ragkit.ledger.chain import BEGINNING, hash_of, line_of
from ragkit.ledger.files import read_key
from ragkit.ledger.head import write_head
from ragkit.types.ledger import LedgerEntry, LedgerHead

QUESTION = "What is the liability cap of Wintergreen Logistics?"
DIGEST = "ab" * 32


def entry(number: int = 1) -> LedgerEntry:
    return LedgerEntry(
        at=f"2026-03-{number:02}T09:00:00+00:00",
        user="ana",
        command="ask",
        pipeline="p",
        generation=3,
        outcome="found",
        isolation="A",
        documents=(DIGEST,),
        model="cd" * 32,
        question="ef" * 32,
        with_pipelines=("q",),
        exported="/home/ana/out.jsonl",
    )


def filled(store: Path, count: int = 6) -> Ledger:
    ledger = Ledger(store)
    for number in range(1, count + 1):
        ledger.append(entry(number))
    return ledger


def announce(store: Path, line: bytes) -> None:
    """As a kill leaves the head while that line is written after all others."""
    made, key = LedgerEntry.from_dict(json.loads(line)), read_key(store)
    assert key is not None
    write_head(store, LedgerHead(made.n - 1, made.before), key, following=made.hash)


def lines(store: Path) -> list[bytes]:
    return (store / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def rewrite(store: Path, kept: list[bytes]) -> None:
    (store / "ledger.jsonl").write_bytes(b"".join(kept))


def rechained(given: list[bytes], start: int) -> list[bytes]:
    """Lines from index `start` on with numbers and hashes made anew, as a forger would."""
    before = LedgerHead(0, BEGINNING)
    done = []
    for index, line in enumerate(given):
        made = LedgerEntry.from_dict(json.loads(line))
        if index >= start:
            made = replace(made, n=before.n + 1, before=before.hash, hash="")
            made = replace(made, hash=hash_of(made))
        done.append(line_of(made))
        before = LedgerHead(made.n, made.hash)
    return done


def changed(line: bytes, **values: object) -> bytes:
    """With other values and the hash that goes with them."""
    made = replace(LedgerEntry.from_dict(json.loads(line)), **values)  # type: ignore[arg-type]
    return line_of(replace(made, hash=hash_of(made)))
