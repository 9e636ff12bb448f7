"""The published state as an ingest finds it: what its files are compared with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ragkit.catalog import DocumentEntry, QuarantineEntry, Reader


@dataclass(frozen=True, slots=True)
class Before:
    """What was published. known: documents by path. failed: quarantine by path.

    remade: it was made with other settings or versions than today's. partly_failed: files with an
    attachment or a page that could not be read.
    """

    known: dict[str, DocumentEntry]
    failed: dict[str, QuarantineEntry]
    remade: bool
    partly_failed: frozenset[str] = field(default=frozenset())

    @classmethod
    def read(cls, reader: Reader, fingerprints: dict[str, str]) -> Before:
        made_with = {name: reader.state(name) for name in fingerprints}
        partly = {item.document.partition("::")[0] for item in reader.unreadable()}
        return cls(
            known={entry.path: entry for entry in reader.documents()},
            failed={entry.path: entry for entry in reader.quarantine()},
            remade=any(made_with.values()) and made_with != fingerprints,
            partly_failed=frozenset(partly),
        )

    def entry(self, path: str) -> DocumentEntry | QuarantineEntry | None:
        return self.failed.get(path) or self.known.get(path)

    def top_level(self) -> set[str]:
        """Paths of files, without their attachments."""
        read = {path for path, entry in self.known.items() if entry.parent is None}
        return read | {path for path, entry in self.failed.items() if entry.parent is None}

    def how_it_differs(self, path: str, sha256: str) -> str:
        """ "added", "changed", or "remade" if the bytes are as they were."""
        entry = self.known.get(path)
        if entry is None:
            return "added"
        return "remade" if entry.sha256 == sha256 else "changed"

    def renamed(self, reader: Reader) -> int:
        """Files that are gone from one path and stand, with the same bytes, at a new one."""
        now = {entry.path: entry.sha256 for entry in reader.documents() if entry.parent is None}
        then = {path: entry.sha256 for path, entry in self.known.items() if entry.parent is None}
        gone = Counter(digest for path, digest in then.items() if path not in now)
        new = Counter(digest for path, digest in now.items() if path not in then)
        return sum((gone & new).values())
