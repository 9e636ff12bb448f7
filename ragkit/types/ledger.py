"""The ledger's words: an entry, the head, and what checking them found. No text, no file names."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

LedgerProblem = Literal["altered", "dropped", "inserted", "reordered", "cut", "replaced"]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that was done with a pipeline. n, before and hash are set by the ledger.

    at: UTC, ISO 8601. user: of the operating system. documents: SHA-256 of the files shown, sorted.
    model: digest of the model that wrote, or "". question: its keyed hash, or "".
    isolation: the level, "A" to "D". accepted_weak: gone on below level B since the user said so.
    scope: keyed hash of the filters of the question, "" for none; lines without any do not have it.
    with_pipelines: asked of these too, at once. exported: absolute path of what was written, or "".
    before: the hash of the entry before. hash: of `before` and of all other fields.
    """

    at: str
    user: str
    command: str
    pipeline: str
    generation: int
    outcome: str
    isolation: str
    accepted_weak: bool = False
    documents: tuple[str, ...] = ()
    model: str = ""
    question: str = ""
    with_pipelines: tuple[str, ...] = ()
    exported: str = ""
    scope: str = ""
    n: int = 0
    before: str = ""
    hash: str = ""

    def as_dict(self) -> dict[str, Any]:
        data = asdict(self)
        lists = {name: list(data[name]) for name in ("documents", "with_pipelines")}
        if not self.scope:  # as ledgers were written before there were filters
            del data["scope"]
        return {**data, **lists}

    @classmethod
    def from_dict(cls, data: object) -> LedgerEntry:
        """Raises ValueError for what is not exactly the fields of an entry."""
        if not isinstance(data, dict) or set(data) | {"scope"} != _NAMES:
            raise ValueError("not the fields of an entry")
        if data.get("scope", "none") == "":
            raise ValueError("a line without filters has no scope")
        for name, value in data.items():
            if not _fits(name, value):
                raise ValueError(f"{name} is of another kind")
        lists = {name: tuple(data[name]) for name in ("documents", "with_pipelines")}
        return cls(**{**data, **lists})


_NAMES = frozenset(item.name for item in fields(LedgerEntry))


def _fits(name: str, value: object) -> bool:
    if name in ("n", "generation"):
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "accepted_weak":
        return isinstance(value, bool)
    if name in ("documents", "with_pipelines"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The newest entry, by number and hash: whoever has noted it can tell what changed before it."""

    n: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """The first thing that does not hold. line: 1-based; 0 where it is no line that is at fault."""

    problem: LedgerProblem
    line: int
    says: str


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """What checking a ledger found. `sound` is: no fault.

    proved: number of the entry whose hash was given; all up to it are as they were then, 0 if none
    was given or found. torn: the last line was cut off while it was written; it was never answered
    for and is no fault. is_off: the settings say `ledger: off`, so nothing is noted now.
    """

    pipeline: str
    entries: int
    head: LedgerHead
    fault: LedgerFault | None = None
    proved: int = 0
    torn: bool = False
    is_off: bool = False

    @property
    def sound(self) -> bool:
        return self.fault is None

    def as_dict(self) -> dict[str, object]:
        return {"version": 1, **asdict(self), "sound": self.sound}


@dataclass(frozen=True, slots=True)
class LedgerView:
    """Chosen entries, oldest first, and what the catalog still knows of them.

    names: present paths by SHA-256; a digest without one was erased or changed since.
    matching: how many entries were chosen before the newest were taken. unreadable: lines that
    cannot be read. is_off: the settings say `ledger: off`, so nothing is noted now.
    """

    pipeline: str
    entries: tuple[LedgerEntry, ...]
    head: LedgerHead
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    matching: int = 0
    unreadable: int = 0
    is_off: bool = False

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "head": asdict(self.head),
            "matching": self.matching,
            "unreadable": self.unreadable,
            "is_off": self.is_off,
            "entries": [entry.as_dict() for entry in self.entries],
            "names": {digest: list(paths) for digest, paths in self.names.items()},
        }
