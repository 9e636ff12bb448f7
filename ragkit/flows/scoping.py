"""From filters to documents: which of the published documents a question is asked of."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.catalog.scoping import ScopedDocument
from ragkit.config import Pipeline
from ragkit.errors import NothingInScope, UnknownPipeline
from ragkit.filters import checked, period_of
from ragkit.flows.naming import paths_named
from ragkit.flows.surveying import prefix_of
from ragkit.metadata.values import DATE_KEY, fits, folded
from ragkit.periods import Period, period
from ragkit.types.scope import Scope, Scoped

LISTED = 12
"""Types, years, keys or values that a fault names."""
TYPE_KEYS = ("type", "kind")
"""Keys of metadata that say what the filters ask for; they go before what the text says."""
SAME_FORMAT = {"jpeg": "jpg", "tif": "tiff", "htm": "html", "yml": "yaml"}

Ids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Resolved:
    """ids: of the documents that may be found; None for all. told: for the result, None without
    filters. formats: of all documents there are, where the filters name types."""

    ids: Ids | None = None
    told: Scoped | None = None
    formats: frozenset[str] = frozenset()


EVERYTHING = Resolved()


@dataclass(frozen=True, slots=True)
class Published:
    """What the filters of one published state look at: its documents by path, and its keys of metadata
    as they are compared, each with the ways it is written."""

    documents: Mapping[str, ScopedDocument]
    keys: Mapping[str, list[str]]

    @classmethod
    def of(cls, reader: Reader) -> Published:
        keys: dict[str, list[str]] = {}
        for key in reader.scopes.counted_keys():
            keys.setdefault(folded(key), []).append(key)
        return cls({document.path: document for document in reader.scopes.documents()}, keys)


def resolve(
    pipeline: Pipeline, reader: Reader, scope: Scope | None, published: Published | None = None
) -> Resolved:
    """The documents that fit every filter, in the published state that `reader` sees.

    published: of that state, where it is known from an earlier question.
    Raises UsageFault for a filter that cannot be understood, UnknownPipeline for a document that is
    not there, NothingInScope if no document fits.
    """
    if not scope:
        return EVERYTHING
    seen = published or Published.of(reader)
    return _Resolving(pipeline, reader, checked(scope), seen).resolved()


class _Resolving:
    """One scope over one published state. Each filter gives a set of documents; all must hold one."""

    def __init__(
        self, pipeline: Pipeline, reader: Reader, scope: Scope, published: Published
    ) -> None:
        self.pipeline = pipeline
        self.reader = reader
        self.scope = scope
        self.by_path = published.documents
        self.documents = published.documents.values()
        self.spelled = published.keys
        self.formats: frozenset[str] = frozenset()

    def resolved(self) -> Resolved:
        filters = self._filters()
        dated = self._dated() if self.scope.since or self.scope.until else None
        found = self._all_of(filters)
        undated = 0
        if dated is not None:
            undated = len(found - dated.known)
            filters.append((self._dates_in_words(), dated.fitting))
            found &= dated.fitting
        if not found:
            raise self._nothing_fits_all(filters, undated)
        told = Scoped(self.scope, len(found), len(self.documents), undated)
        return Resolved(found, told, self.formats)

    def _filters(self) -> list[tuple[str, Ids]]:
        """(in words, documents) of each filter but the dates."""
        filters: list[tuple[str, Ids]] = []
        if self.scope.documents:
            found = frozenset[int]().union(*map(self._named, self.scope.documents))
            filters.append((_in_words("--document", self.scope.documents), found))
        if self.scope.types:
            found = frozenset[int]().union(*map(self._of_type, self.scope.types))
            filters.append((_in_words("--type", self.scope.types), found))
        for key, values in self.scope.conditions():
            given = [f"{key}={value}" for value in values]
            filters.append((_in_words("--where", given), self._where(key, values)))
        return filters

    def _all_of(self, filters: Iterable[tuple[str, Ids]]) -> Ids:
        every = frozenset(document.id for document in self.documents)
        for _, ids in filters:
            every &= ids
        return every

    def _nothing_fits_all(self, filters: Sequence[tuple[str, Ids]], undated: int) -> NothingInScope:
        alone = ", ".join(f"{words} fits {len(ids)}" for words, ids in filters)
        without = f"; {_documents(undated)} that fit the rest have no date" if undated else ""
        return NothingInScope(
            f"No document fits all filters: {alone} of {len(self.documents)}{without}.",
            hint="Leave one of the filters out.",
        )

    # Documents

    def _named(self, name: str) -> Ids:
        by_path = self.by_path
        try:
            return frozenset(by_path[path].id for path in paths_named(name, by_path))
        except UnknownPipeline as unknown:
            for other in _as_in_the_folders(self.pipeline, name):
                with suppress(UnknownPipeline):
                    found = paths_named(other, by_path) if other else by_path
                    return frozenset(by_path[path].id for path in found)
            raise self._unreadable(name) or unknown from None

    def _unreadable(self, name: str) -> NothingInScope | None:
        entry = next((e for e in self.reader.quarantine() if e.path == name), None)
        if entry is None:
            return None
        return NothingInScope(
            f"{name} could not be read, so nothing can be found in it: {entry.reason}",
            hint=f"ragkit status {self.pipeline.name}",
        )

    # Types

    def _of_type(self, name: str) -> Ids:
        wanted = type_named(name)
        stated = self._stated(TYPE_KEYS)
        kinds = {one.id: _kinds(one, stated.get(one.id)) for one in self.documents}
        formats = {one.id: format_of(one.path) for one in self.documents}
        self.formats = frozenset(formats.values())
        found = {number for number, several in kinds.items() if wanted in several}
        found |= {number for number, form in formats.items() if form == wanted}
        if not found:
            known = Counter(one for several in kinds.values() for one in several)
            others = Counter(filter(None, formats.values()))
            also = f", and the formats {_counted(others)}"
            raise _not_there(f"No document is of type {name!r}", "types", name, known, also, others)
        return frozenset(found)

    def _stated(self, keys: Iterable[str]) -> dict[int, list[str]]:
        """document -> values of the first of these metadata keys that it has, and of the others."""
        written = [one for key in keys for one in self.spelled.get(key, ())]
        found: dict[int, list[str]] = {}
        for number, value in self.reader.scopes.values(written) if written else ():
            found.setdefault(number, []).append(value)
        return found

    # Metadata

    def _where(self, key: str, wanted: Sequence[str]) -> Ids:
        written = self.spelled.get(folded(key))
        if not written:
            raise self._no_key(key)
        given = list(self.reader.scopes.values(written))
        found = frozenset(n for n, value in given if any(fits(one, value) for one in wanted))
        if not found:
            known = Counter(value for _, value in given)
            what = f"No document has {key} = {' or '.join(map(repr, wanted))}"
            raise _not_there(what, "values", wanted[0], known)
        return found

    def _no_key(self, key: str) -> NothingInScope:
        known = self.reader.scopes.counted_keys()
        if known:
            return _not_there(f"No document has metadata {key!r}", "keys", key, Counter(known))
        return NothingInScope(
            f"No document has metadata {key!r}, nor any other.",
            hint="Write a metadata.csv into the folder, or `metadata: {path: ...}` into pipelines.yaml, "
            f"then: ragkit ingest {self.pipeline.name}",
        )

    # Dates

    def _dated(self) -> _Dated:
        stated = self._stated((DATE_KEY,))
        dates = {one.id: _dates(one, stated.get(one.id, ())) for one in self.documents}
        known = {number: dates[number] for number in dates if dates[number]}
        since = period_of("--since", self.scope.since)
        until = period_of("--until", self.scope.until)

        def lies_within(day: Period) -> bool:
            return not (since and day.last < since.first) and not (until and day.first > until.last)

        fitting = frozenset(n for n, days in known.items() if any(map(lies_within, days)))
        if not fitting:
            raise self._no_date_fits(known)
        return _Dated(frozenset(known), fitting)

    def _dates_in_words(self) -> str:
        options = (("--since", self.scope.since), ("--until", self.scope.until))
        return " ".join(f"{option} {given}" for option, given in options if given)

    def _no_date_fits(self, known: dict[int, tuple[Period, ...]]) -> NothingInScope:
        years = Counter(day.first[:4] for days in known.values() for day in days)
        undated = len(self.documents) - len(known)
        there = f"there are {_years(years)}" if years else "no date of any is known"
        without = f"; {_documents(undated)} have no known date" if undated and years else ""
        return NothingInScope(
            f"No document is dated so ({self._dates_in_words()}): {there}{without}.",
            hint="A document's date is read from its text; metadata with the key 'date' go before it.",
        )


@dataclass(frozen=True, slots=True)
class _Dated:
    """Documents whose date is known, and those of them whose date fits."""

    known: Ids
    fitting: Ids


def _as_in_the_folders(pipeline: Pipeline, name: str) -> Iterable[str]:
    """What a path on this disk, as a shell completes it, is called in the index."""
    place = Path(os.path.normpath(Path.cwd() / Path(name).expanduser()))
    for folder in pipeline.folders:
        for top in (folder, folder.resolve()):
            if place == top or top in place.parents:
                inside = place.relative_to(top).as_posix()
                yield (prefix_of(pipeline, folder) + ("" if inside == "." else inside)).rstrip("/")


@lru_cache(maxsize=1000)
def type_named(name: str) -> str:
    plain = folded(name).removeprefix(".")
    return SAME_FORMAT.get(plain, plain)


def format_of(path: str) -> str:
    """Of a file by its name; "" for none. Without pathlib: every document's is looked at."""
    name = path.rpartition("::")[2].rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    return type_named(suffix) if stem else ""


def _kinds(document: ScopedDocument, stated: Iterable[str] | None) -> set[str]:
    """What the metadata say that it is, or else its text."""
    return {type_named(kind) for kind in stated or (document.kind,) if kind}


def _dates(document: ScopedDocument, stated: Iterable[str]) -> tuple[Period, ...]:
    """Those of the metadata, or else that of the text."""
    found = tuple(filter(None, map(period, stated)))
    return found or tuple(filter(None, (period(document.date),)))


def _in_words(option: str, given: Iterable[str]) -> str:
    return " ".join(f"{option} {one}" for one in given)


def _documents(count: int) -> str:
    return f"{count} document{'' if count == 1 else 's'}"


def _not_there(
    what: str,
    of: str,
    wanted: str,
    known: Counter[str],
    also: str = "",
    others: Iterable[str] = (),
) -> NothingInScope:
    """known: what there is, with the number of documents. also, others: what else can be asked for."""
    spelled = {folded(one): one for one in (*known, *others)}
    near = difflib.get_close_matches(folded(wanted), spelled, n=1)
    there = f"the {of} there are: {_counted(known)}{also}" if known else f"there are no {of}{also}"
    hint = f"Did you mean {spelled[near[0]]}?" if near else ""
    return NothingInScope(f"{what}; {there}.", hint=hint)


def _counted(known: Counter[str]) -> str:
    """ "contract (11), lease (1)", the most frequent first."""
    listed = ", ".join(f"{one} ({count})" for one, count in known.most_common(LISTED))
    return f"{listed} and {len(known) - LISTED} more" if len(known) > LISTED else listed


def _years(years: Counter[str]) -> str:
    """ "2021 (3), 2022 (14)", or the range where there are many."""
    if len(years) > LISTED:
        return f"dates from {min(years)} to {max(years)}"
    return ", ".join(f"{year} ({years[year]})" for year in sorted(years))
