"""Which line of a ledger was altered, dropped, inserted, moved or cut: the first, in one pass.

Two more passes are made where a fault was found, to tell what happened there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ragkit.ledger.chain import BEGINNING, parse
from ragkit.ledger.head import NOTHING, Noted
from ragkit.types.ledger import LedgerEntry, LedgerFault, LedgerHead, LedgerVerdict

SHORTEST_HEAD = 16
"""Hexadecimal digits of a hash that are taken for it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A ledger at one moment. lines: begins anew at each call; noted: None without a ledger.head.

    head_fault: why that cannot be relied on; "" where it can.
    """

    lines: Callable[[], Iterator[bytes]]
    noted: Noted | None
    head_fault: str = ""


@dataclass(slots=True)
class _Walk:
    """How far the chain holds."""

    wanted: str
    noted: Noted | None
    known: LedgerHead
    last: LedgerHead = NOTHING
    earlier: str = ""
    """Hash before that of `last`."""
    proved: int = 0
    line: int = 0
    torn: bool = False
    passes_noted: bool = False
    passes_known: bool = False
    is_announced: bool = False
    """Whether the last entry is the one that the head said was coming."""

    def step(self, entry: LedgerEntry) -> None:
        self.earlier, self.last = self.last.hash or BEGINNING, LedgerHead(entry.n, entry.hash)
        if len(self.wanted) >= SHORTEST_HEAD and entry.hash.startswith(self.wanted):
            self.proved = entry.n
        if self.noted is not None:
            self.passes_noted = self.passes_noted or self.noted.last == self.last
            self.is_announced = self.noted.awaits(entry)
        self.passes_known = self.passes_known or self.known == self.last

    def continues(self, entry: LedgerEntry | None) -> bool:
        return (
            entry is not None
            and entry.n == self.last.n + 1
            and entry.before == (self.last.hash or BEGINNING)
        )


def verified(
    snapshot: Snapshot, pipeline: str, wanted: str = "", known: LedgerHead = NOTHING
) -> LedgerVerdict:
    """wanted: a hash that must be in the chain, or its first SHORTEST_HEAD digits or more; or "".

    known: an entry that the index remembers.
    """
    walk = _Walk(wanted, snapshot.noted, known)
    fault = _walked(snapshot, walk) or _forgotten(walk) or _end(snapshot, walk) or _unproved(walk)
    torn = walk.torn and fault is None
    return LedgerVerdict(pipeline, walk.last.n, walk.last, fault, walk.proved, torn)


def _walked(snapshot: Snapshot, walk: _Walk) -> LedgerFault | None:
    for number, line in enumerate(snapshot.lines(), start=1):
        walk.line = number
        if not line.endswith(b"\n"):
            walk.torn = True
            return None
        entry = parse(line)
        if not walk.continues(entry):
            return _told_apart(snapshot, walk, entry)
        assert entry is not None  # continues() has seen to it
        walk.step(entry)
    return None


def _forgotten(walk: _Walk) -> LedgerFault | None:
    """Whether what the index remembers is there; of a ledger with a head of its own, that tells more."""
    known, last = walk.known, walk.last
    if known.n > last.n and walk.noted is None:
        gone = _numbers(last.n + 1, known.n)
        return LedgerFault("dropped", 0, f"{gone} missing: the index remembers entry {known.n}")
    if known.n and not walk.passes_known and known.n <= last.n:
        says = f"entry {known.n} is not the one that the index remembers"
        return LedgerFault("replaced", known.n, says)
    return None


def _end(snapshot: Snapshot, walk: _Walk) -> LedgerFault | None:
    """Whether the file ends where ledger.head says."""
    last = walk.last
    if snapshot.head_fault:
        return LedgerFault("altered", 0, snapshot.head_fault)
    if snapshot.noted is None:
        missing = "ledger.head is gone: whether entries are missing at the end cannot be told"
        return LedgerFault("altered", 0, missing) if last.n or walk.torn else None
    return _missing(walk, snapshot.noted.last) or _beyond(walk, snapshot.noted)


def _missing(walk: _Walk, noted: LedgerHead) -> LedgerFault | None:
    last = walk.last
    if noted.n > last.n:
        cut = f"; of entry {last.n + 1} a part is left" if walk.torn else ""
        gone = _numbers(last.n + 1, noted.n)
        return LedgerFault("cut", walk.line, f"{gone} missing at the end{cut}")
    if walk.known.n > last.n:
        gone = _numbers(last.n + 1, walk.known.n)
        says = f"{gone} missing, ledger.head too: the index remembers entry {walk.known.n}"
        return LedgerFault("dropped", 0, says)
    if noted.n and not walk.passes_noted:
        says = f"entry {noted.n} is not the one that ledger.head noted"
        return LedgerFault("replaced", noted.n, says)
    return None


def _beyond(walk: _Walk, noted: Noted) -> LedgerFault | None:
    """What stands after the entry that ledger.head noted; a kill leaves only what it announced."""
    if walk.last.n > noted.last.n and not (walk.is_announced and walk.last.n == noted.last.n + 1):
        says = "what follows the last entry that ledger.head noted was not written with this key"
        return LedgerFault("inserted", noted.last.n + 1, says)
    if walk.torn and (not noted.next or walk.last.n > noted.last.n):
        return LedgerFault("inserted", walk.line, "it was not written by ragkit")
    return None


def _unproved(walk: _Walk) -> LedgerFault | None:
    if not walk.wanted or walk.proved:
        return None
    return LedgerFault(
        "replaced",
        0,
        "the head that was given is not in the ledger: it was cut before it, or written anew",
    )


def _told_apart(snapshot: Snapshot, walk: _Walk, entry: LedgerEntry | None) -> LedgerFault:
    """What became of the chain at line `walk.line`."""
    line, expected = walk.line, walk.last.n + 1
    following = _find(snapshot, walk.continues, after=line)
    if following:
        return _before_the_next(snapshot, walk, entry)
    if entry is None:
        return LedgerFault("altered", line, f"entry {expected} is not as it was written")
    if entry.n > expected:
        return LedgerFault("dropped", line, f"{_numbers(expected, entry.n - 1)} missing before it")
    if entry.n == expected - 1 and entry.before == walk.earlier:
        says = f"it or the line before does not belong: both are number {entry.n}"
        return LedgerFault("inserted", line, says)
    if entry.n == expected:
        says = f"entry {max(1, expected - 1)} was altered and given a new hash"
        return LedgerFault("altered", max(1, line - 1), says)
    return _twice_or_moved(snapshot, walk, entry)


def _before_the_next(snapshot: Snapshot, walk: _Walk, entry: LedgerEntry | None) -> LedgerFault:
    """The entry that should stand here comes later."""
    if entry is not None:
        if entry.n <= walk.last.n:
            return _twice_or_moved(snapshot, walk, entry)
        if _find(snapshot, lambda other: other is not None and other.hash == entry.before):
            return LedgerFault("reordered", walk.line, f"entry {entry.n} stands too early")
    return LedgerFault("inserted", walk.line, f"it does not belong before entry {walk.last.n + 1}")


def _twice_or_moved(snapshot: Snapshot, walk: _Walk, entry: LedgerEntry) -> LedgerFault:
    first = _find(snapshot, lambda other: other is not None and other.hash == entry.hash)
    if first < walk.line:
        return LedgerFault("inserted", walk.line, f"it repeats line {first}")
    return LedgerFault("reordered", walk.line, f"entry {entry.n} stands too late")


def _find(snapshot: Snapshot, fits: Callable[[LedgerEntry | None], bool], after: int = 0) -> int:
    """The first line after `after` whose entry fits; 0 if there is none."""
    lines = enumerate(snapshot.lines(), start=1)
    return next((at for at, line in lines if at > after and fits(parse(line))), 0)


def _numbers(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
