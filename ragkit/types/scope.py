"""Scopes: which documents a question is asked of, and what was left of the corpus by that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that fit every filter given; without any, all documents.

    documents: paths, folders or patterns, of which one must fit. types: kinds of documents
    ("contract") or file formats ("pdf"), of which one must fit. since, until: "2024", "2024-03" or
    "2024-03-05", both included; a document without a date fits neither. where: by metadata key a
    value or pattern, or several of which one must fit.
    """

    documents: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.documents, self.types, self.since, self.until, self.where))

    def conditions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(key, values of which one must fit) of `where`."""
        for key, given in self.where.items():
            yield key, (given,) if isinstance(given, str) else tuple(given)

    def in_words(self) -> tuple[str, ...]:
        """Each filter as it is given to a command: "--type contract"."""
        words = [f"--document {name}" for name in self.documents]
        words += [f"--type {name}" for name in self.types]
        words += [f"--since {self.since}"] if self.since else []
        words += [f"--until {self.until}"] if self.until else []
        words += [f"--where {key}={one}" for key, values in self.conditions() for one in values]
        return tuple(words)

    def as_dict(self) -> dict[str, Any]:
        return {
            "documents": list(self.documents),
            "types": list(self.types),
            "since": self.since,
            "until": self.until,
            "where": {key: list(values) for key, values in self.conditions()},
        }


@dataclass(frozen=True, slots=True)
class Scoped:
    """What a scope came to: `documents` of `total` were searched.

    undated: documents that fit all other filters and were left out because no date of theirs is
    known; 0 where no date was asked for.
    """

    scope: Scope
    documents: int
    total: int
    undated: int = 0

    def as_dict(self) -> dict[str, Any]:
        figures = {"in_scope": self.documents, "of": self.total, "undated": self.undated}
        return {**self.scope.as_dict(), **figures}
