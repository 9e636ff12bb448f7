"""Purges that have begun and have no certificate yet, by digests: a kill must not lose one, nor tell a name.

Several may be open at a time: one that was killed, one whose scan found something, and the present one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256

Digests = Mapping[str, tuple[str, ...]]


def name_digest(name: str) -> str:
    """SHA-256 of a path, or of a name as it was given, in UTF-8."""
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Intent:
    """documents: digest of a file's path -> SHA-256 of its bytes, then of its attachments' ("" for
    what was never read). given: digest of a name as it was given (a folder, a pattern) -> digests of
    the paths that it stood for. reports: names, without their suffix, of the report files that show
    one of them. is_cleansed: nothing of them is left in ragkit's own files.
    found: file, as the scan showed it -> SHA-256 it had when something of them was found in it.
    sought: digests of those paths whose text a scan has looked for and not found.
    """

    documents: Digests = field(default_factory=dict)
    given: Digests = field(default_factory=dict)
    reports: tuple[str, ...] = ()
    is_cleansed: bool = False
    found: Digests = field(default_factory=dict)
    sought: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Intent:
        """As as_text() wrote it; "" is an intent of nothing."""
        if not text:
            return cls(is_cleansed=True)
        noted = json.loads(text)
        return cls(
            _tuples(noted["documents"]),
            _tuples(noted["given"]),
            tuple(noted["reports"]),
            bool(noted["is_cleansed"]),
            _tuples(noted.get("found", {})),
            tuple(noted.get("sought", ())),
        )

    def as_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True) if self.documents else ""

    def __bool__(self) -> bool:
        return bool(self.documents)

    def pending(self, name: str) -> set[str]:
        """Digests of the open paths that a person means by `name`: a file, a mail with an attachment
        of it named, or a folder or pattern in the very words of the purge that was interrupted."""
        exact = {name_digest(name), name_digest(name.partition("::")[0])}
        return {*self.given.get(name_digest(name), ()), *(exact & self.documents.keys())}

    def joined(self, other: Intent) -> Intent:
        """Both."""
        return Intent(
            _joined(self.documents, other.documents),
            _joined(self.given, other.given),
            tuple(dict.fromkeys((*self.reports, *other.reports))),
            self.is_cleansed and other.is_cleansed,
            _joined(self.found, other.found),
            tuple(path for path in self.sought if path not in other.documents),
        )

    def scanned(self, found: Digests, sought: Collection[str]) -> Intent:
        """With what a scan has found, and the paths whose text it has looked for and not found."""
        everything = tuple(dict.fromkeys((*self.sought, *sought)))
        return replace(self, found=_joined(self.found, found), sought=everything)

    def without(self, paths: Collection[str]) -> Intent:
        """The same without these, by the digests of their paths."""
        given = {name: tuple(sorted({*stood} - {*paths})) for name, stood in self.given.items()}
        documents = {path: kept for path, kept in self.documents.items() if path not in paths}
        return replace(
            self,
            documents=documents,
            given={name: stood for name, stood in given.items() if stood},
            sought=tuple(path for path in self.sought if path not in paths),
        )

    def cleansed(self) -> Intent:
        """Nothing is left to be done in the files."""
        return replace(self, reports=(), is_cleansed=True)


def _tuples(noted: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(digests) for key, digests in noted.items()}


def _joined(one: Digests, other: Digests) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(dict.fromkeys((*one.get(key, ()), *other.get(key, ()))))
        for key in (*one, *other)
    }
