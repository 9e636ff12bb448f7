"""Versions: of two documents that belong together the newer one wins; others that differ are in conflict.

Precision first: a note that is wrong costs trust in all of them. Two documents belong together only
by what the catalog says of them: title, parties or patient, date, file name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePosixPath
from typing import Literal

from ragkit.catalog import DocumentEntry
from ragkit.retrieval.identities import OF_PARTIES, is_same, name_words

Way = Literal["amendment", "version"]

_AMENDING = re.compile(
    r"\bamend(?:ment|ing)\b|\baddendum\b|\bdeed of variation\b|\bvariation agreement\b|\badenda\b"
    r"|\bnovaci[oó]n\b|\bmodificaci[oó]n\b|\bmodificativ[oa]\b",
    re.IGNORECASE,
)
_OF_BASE = re.compile(
    r"\b(?:to|of|al?|del?)\s+(?:the|la|el|los|las)?\s*(?P<base>.+)$", re.IGNORECASE | re.DOTALL
)
_STAGES = {
    "draft": 0,
    "borrador": 0,
    "proposed": 0,
    "superseded": 0,
    "old": 0,
    "provisional": 0,
    "final": 2,
    "signed": 2,
    "executed": 2,
    "definitivo": 2,
    "definitiva": 2,
    "firmado": 2,
    "firmada": 2,
}
"""What a file's name or a title says of how far a version has come; nothing said stands between."""
_NUMBER = re.compile(
    r"(?<![a-z0-9])(?:v|ver|versi[oó]n|version|rev|revisi[oó]n|revision|issue|edition|edici[oó]n)"
    r"[\s._-]*(?P<number>\d{1,3}(?:\.\d{1,3})*)(?![a-z0-9])"
)
_DAY = re.compile(r"(?<!\d)(?P<day>(?:19|20)\d{2}[-_.]?[01]\d[-_.]?[0-3]\d)(?!\d)")
_WORD = re.compile(r"[^\W_]+")
_KEPT_UP_TO_DATE = frozenset(
    (
        "contract",
        "amendment",
        "lease",
        "power of attorney",
        "will",
        "consent form",
        "protocol",
        "policy",
    )
)
"""Kinds that are written anew as a whole: two laboratory sheets of two days are no versions."""
_LEAST_PARTIES = 2
_SMALL = frozenset(
    ("the", "a", "an", "of", "and", "de", "la", "el", "los", "las", "y", "to", "in", "for", "no")
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents, by their paths, of which one takes the other's place, in all or in part."""

    newer: str
    older: str
    way: Way


def pairs_of(documents: Sequence[DocumentEntry]) -> tuple[Pair, ...]:
    """Every pair of documents that belong together."""
    found = (_pair(one, other) for one, other in combinations(documents, 2))
    return tuple(pair for pair in found if pair is not None)


def _pair(one: DocumentEntry, other: DocumentEntry) -> Pair | None:
    for newer, older in ((one, other), (other, one)):
        if _amends(newer, older):
            return Pair(newer.path, older.path, "amendment")
    return _versions(one, other)


def _amends(newer: DocumentEntry, older: DocumentEntry) -> bool:
    """Whether one is an amendment that names the other's title, between the same people, not before it."""
    if not _is_amendment(newer) or _is_amendment(older) or not older.title:
        return False
    base = _OF_BASE.search(newer.title)
    named = set(_words(base["base"] if base else newer.title))
    title = set(_words(older.title))
    in_order = not (newer.date and older.date) or newer.date >= older.date
    return bool(title) and title <= named and in_order and _same_people(newer, older)


def _is_amendment(document: DocumentEntry) -> bool:
    return document.kind == "amendment" or _AMENDING.search(document.title) is not None


def _versions(one: DocumentEntry, other: DocumentEntry) -> Pair | None:
    """Files whose names, or titles, are the same but for what says which version each is."""
    first, second = _version(one), _version(other)
    are_named_alike = first.stem == second.stem and _same_folder(one, other)
    if not are_named_alike and not (_same_title(one, other) and _same_people(one, other)):
        return None
    if one.kind != other.kind or (one.names and other.names and not _same_people(one, other)):
        return None
    order = _order(first, second)
    if order == 0 and one.kind in _KEPT_UP_TO_DATE and are_named_alike and first.day and second.day:
        order = (first.day > second.day) - (first.day < second.day)
    if order == 0:
        return None
    newer, older = (one, other) if order > 0 else (other, one)
    return Pair(newer.path, older.path, "version")


@dataclass(frozen=True, slots=True)
class _Version:
    """What a file's name and a document's title say of the version. stem: the name without that."""

    stem: tuple[str, ...]
    number: tuple[int, ...]
    stage: int | None
    day: str


def _version(document: DocumentEntry) -> _Version:
    name = PurePosixPath(document.path).stem.casefold()
    said = f"{name} {document.title.casefold()}"
    number, day = _NUMBER.search(name) or _NUMBER.search(said), _DAY.search(name)
    stages = [_STAGES[word] for word in _WORD.findall(said) if word in _STAGES]
    plain = _DAY.sub(" ", _NUMBER.sub(" ", name))
    return _Version(
        stem=tuple(word for word in _WORD.findall(plain) if word not in _STAGES),
        number=tuple(map(int, number["number"].split("."))) if number else (),
        stage=min(stages) if stages else None,
        day=re.sub(r"\D", "", day["day"]) if day else "",
    )


def _order(one: _Version, other: _Version) -> int:
    """1 if the first is the newer one, -1 if the second is, 0 if nothing says so."""
    if one.number and other.number and one.number != other.number:
        return 1 if one.number > other.number else -1
    if one.stage is None and other.stage is None:
        return 0
    stages = [1 if each.stage is None else each.stage for each in (one, other)]
    return (stages[0] > stages[1]) - (stages[0] < stages[1])


def _same_folder(one: DocumentEntry, other: DocumentEntry) -> bool:
    return PurePosixPath(one.path).parent == PurePosixPath(other.path).parent


def _same_title(one: DocumentEntry, other: DocumentEntry) -> bool:
    titles = [
        [word for word in _words(_NUMBER.sub(" ", each.title.casefold())) if word not in _STAGES]
        for each in (one, other)
    ]
    return bool(titles[0]) and titles[0] == titles[1]


def same_people(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the same parties, or the same patient, are named: all of both, or two at least."""
    first, second = ({tuple(_words(name)) for name in names} for names in (one, other))
    return bool(first) and (first == second or len(first & second) >= _LEAST_PARTIES)


def same_subject(one: DocumentEntry, other: DocumentEntry) -> bool:
    """Two documents on the same people; those that name nobody may speak of the same."""
    if not one.names and not other.names:
        return True
    return same_people(one.names, other.names) or of_one_person(one, other)


def of_one_person(one: DocumentEntry, other: DocumentEntry) -> bool:
    """Whether both are of the same one person: of her a question may name one letter better than the
    other and mean what both say."""
    if not OF_PARTIES.isdisjoint({one.kind, other.kind}) or not one.names or not other.names:
        return False
    persons = [frozenset(map(name_words, each.names)) for each in (one, other)]
    return all(len(names) == 1 for names in persons) and is_same(*persons)


def _same_people(one: DocumentEntry, other: DocumentEntry) -> bool:
    return same_people(one.names, other.names)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in _SMALL]


def by_path(documents: Sequence[DocumentEntry]) -> Mapping[str, DocumentEntry]:
    return {document.path: document for document in documents}
