"""Which metadata each document has, when all files and patterns that say something are put together.

Pure: the files were read before. A document that a faulty file may be about keeps what it had.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from operator import attrgetter

from ragkit.metadata.paths import PathPatterns
from ragkit.metadata.sidecars import Entry, Said, document_of
from ragkit.metadata.values import DATE_KEY, Metadata, Values, folded, overlaid
from ragkit.periods import period

Before = Callable[[str], Metadata | None]
MOST_FAULTS = 3
"""Of one file that are told in full."""
_SIGNS = re.compile(r"[*?\[]")
"""Of a name that has none of them no other document needs to be looked at."""


@dataclass(frozen=True, slots=True)
class _Wide:
    """An entry for many documents: all below a folder, or those that a pattern fits. line: its place
    among the entries; a later one goes before an earlier one."""

    line: int
    fits: re.Pattern[str] | None
    entry: Entry

    def is_about(self, path: str, outer: str) -> bool:
        return self.fits is None or bool(self.fits.match(path) or self.fits.match(outer))


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that says something: of documents by their paths, and of many at once.

    wide: by the folder that all of an entry's documents are in, as far as its name says that: of 300
    entries for 300 folders a document looks at one.
    """

    path: str
    exact: dict[str, Entry] = field(default_factory=dict)
    wide: dict[str, list[_Wide]] = field(default_factory=dict)

    def add_folder(self, folder: str, entry: Entry) -> None:
        """folder: with its slash."""
        self.wide.setdefault(folder, []).append(_Wide(entry.line, None, entry))

    def add_pattern(self, name: str, entry: Entry) -> None:
        plain = name[: _SIGNS.search(name).start()]  # type: ignore[union-attr]
        fits = re.compile(translate(name))
        self.wide.setdefault(_folder(plain), []).append(_Wide(entry.line, fits, entry))

    def about(self, path: str) -> list[Entry]:
        """Entries for a document, the more general first; for one inside a file its file's first."""
        outer = path.partition("::")[0]
        places = dict.fromkeys((*_places(outer), *_places(path)))
        wide = [one for place in places for one in self.wide.get(place, ())]
        found = [one for one in wide if one.is_about(path, outer)]
        return [one.entry for one in sorted(found, key=attrgetter("line"))] + [
            self.exact[name] for name in dict.fromkeys((outer, path)) if name in self.exact
        ]


@dataclass(slots=True)
class Book:
    """Answers what metadata a document has.

    faults: by the path of a file, why what it says does not hold, wholly or in part. notes: places
    where two files say different things, and which of them holds.
    """

    faults: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _sources: dict[str, _Source] = field(default_factory=dict)
    _paths: PathPatterns = field(default_factory=lambda: PathPatterns(()))
    _in_doubt: set[str] = field(default_factory=set)
    _before: Before = lambda path: None

    @classmethod
    def made_of(
        cls,
        said: Mapping[str, Said],
        documents: Iterable[str],
        patterns: Sequence[str] = (),
        before: Before = lambda path: None,
    ) -> Book:
        """said: what each file says, by its path as ragkit shows paths. documents: paths of the files
        that there are. before: what a document had until now, None for one that is new.
        """
        book = cls(_paths=PathPatterns(patterns), _before=before)
        rivals = _rivals(said)
        files = sorted(documents)
        there = frozenset(files)
        for path, its in sorted(said.items()):
            rival = [f"stands beside {rivals[path]}: keep one of them"] if path in rivals else []
            if its.faults or rival:
                book._in_doubt.add(_place(path))
                book._tell(path, [*its.faults, *rival])
            else:
                source, missing = _source(path, its, there, files)
                book._sources[_place(path)] = source
                book._tell(path, missing)
        if len(book._sources) > 1:
            book.notes += (note for path in files for note in book._contradictions(path))
        return book

    def _tell(self, path: str, faults: Sequence[str]) -> None:
        if faults:
            more = f"; and {len(faults) - MOST_FAULTS} more" * (len(faults) > MOST_FAULTS)
            self.faults[path] = f"metadata: {'; '.join(faults[:MOST_FAULTS])}{more}"

    def of(self, path: str) -> Metadata:
        """path: of a document, or of one inside a file, which has what its file has and its own."""
        outer = path.partition("::")[0]
        if any(place in self._in_doubt for place in _places(outer)):
            before = self._before(path)
            if before is not None:
                return before
        entries = (entry.metadata for _, entry in self._about(path))
        return overlaid((self._paths.of(outer), *entries))

    def _about(self, path: str) -> Iterator[tuple[_Source, Entry]]:
        """What is said of a document, the nearest last."""
        for place in _places(path.partition("::")[0]):
            if source := self._sources.get(place):
                yield from ((source, entry) for entry in source.about(path))

    def _contradictions(self, path: str) -> Iterator[str]:
        """Of files, not of paths: what a path says is meant to be corrected."""
        given: dict[str, tuple[_Source, Entry, Values]] = {}
        for source, entry in self._about(path):
            for key, values in entry.metadata.items():
                other = given.get(folded(key))
                if other and other[0] is not source and _differ(other[2], values):
                    yield _contradiction(path, key, (source, entry), other[:2])
                given[folded(key)] = (source, entry, values)


def _differ(one: Values, other: Values) -> bool:
    return set(map(folded, one)) != set(map(folded, other))


def _contradiction(
    path: str, key: str, nearer: tuple[_Source, Entry], other: tuple[_Source, Entry]
) -> str:
    """Without the values: a report is read by more people than a matter's files."""
    (first, entry), (second, overruled) = nearer, other
    return (
        f"Metadata of {path}: {first.path}, line {entry.line}, and {second.path}, "
        f"line {overruled.line}, give different values of {key!r}; the first holds."
    )


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _place(path: str) -> str:
    """What a file of metadata is about: a document, or a folder, with its slash ("" is the corpus)."""
    own = document_of(path.rpartition("/")[2])
    return _folder(path) + own


def _places(path: str) -> Iterator[str]:
    """Every place that a file is in, the widest first, itself last."""
    yield ""
    yield from (path[: at + 1] for at, sign in enumerate(path) if sign == "/")
    yield path


def _rivals(said: Iterable[str]) -> dict[str, str]:
    """Files of the same rank for the same documents, each with the name of another one."""
    by_place: dict[str, list[str]] = {}
    for path in said:
        by_place.setdefault(_place(path), []).append(path)
    return {
        path: next(other for other in paths if other != path).rpartition("/")[2]
        for paths in by_place.values()
        if len(paths) > 1
        for path in paths
    }


def _source(
    path: str, said: Said, there: Collection[str], files: Sequence[str]
) -> tuple[_Source, list[str]]:
    """The source, and what is wrong with its entries: they name nothing, the same twice, or no date."""
    source = _Source(path)
    missing: list[str] = []
    for entry in said.entries:
        missing += _not_dates(entry)
        name = _folder(path) + entry.name
        outer = name.partition("::")[0]
        if name in source.exact:
            first = source.exact[name].line
            missing.append(f"line {entry.line}: names a document again; line {first} holds")
        elif outer in there:
            source.exact[name] = entry
        elif _is_folder(outer, files):
            source.add_folder(f"{outer}/", entry)
        elif document_of(path.rpartition("/")[2]):
            missing.append("there is no document of that name beside it")
        elif _SIGNS.search(outer) and any(map(re.compile(translate(outer)).match, files)):
            source.add_pattern(name, entry)
        else:
            missing.append(f"line {entry.line}: names a document that is not there")
    return source, missing


def _not_dates(entry: Entry) -> Iterator[str]:
    """What is written in another way is kept as text, and the date in the document's text holds."""
    stated = (entry.metadata[key] for key in entry.metadata if folded(key) == DATE_KEY)
    if any(period(value) is None for values in stated for value in values):
        yield f"line {entry.line}: the date is none; 2024, 2024-03 and 2024-03-05 are"


def _is_folder(name: str, files: Sequence[str]) -> bool:
    """files: sorted."""
    at = bisect_left(files, f"{name}/")
    return at < len(files) and files[at].startswith(f"{name}/")
