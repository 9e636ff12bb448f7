"""Summaries of documents as they are shown: made of what is kept in the catalog, one after the other.

Of a run over ten thousand documents nothing that they say is held: who goes through the summaries has each
read again when it is its turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import overload

from ragkit.catalog import Catalog, Reader, Summaries
from ragkit.catalog.store import storage_faults
from ragkit.errors import Busy
from ragkit.flows.abridgement import Abridgement
from ragkit.flows.abridging_kept import Made
from ragkit.flows.accounting import missing_of, pages_covered, unread_of
from ragkit.flows.relabelling import said_in
from ragkit.templates.template import Template
from ragkit.types import DocumentSummary, Unreadable


@dataclass(frozen=True, slots=True)
class Telling:
    """How a run tells of a document. model: that wrote, "" for none. language: that was asked for, or "".

    unreadable: everything that could not be read, of any document.
    """

    style: str
    model: str
    language: str
    templates: Sequence[Template]
    unreadable: Sequence[Unreadable]
    _by_file: dict[str, list[Unreadable]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.unreadable:
            self._by_file.setdefault(item.document.partition("::")[0], []).append(item)

    def document(self, reader: Reader, made: Made, abridgement: Abridgement) -> DocumentSummary:
        entry = made.entry
        unreadable = self._by_file.get(entry.path.partition("::")[0], [])
        if self.language:
            abridgement = said_in(self.language, abridgement, self.templates)
        return DocumentSummary(
            document=entry.path,
            sha256=entry.sha256,
            title=entry.title,
            kind=entry.kind,
            language=entry.language,
            date=entry.date,
            style=self.style,
            model=self.model,
            facts=abridgement.facts,
            sentences=abridgement.sentences,
            citations=abridgement.cited_as(entry),
            sections=abridgement.sections,
            covered=abridgement.covered,
            unread=unread_of(entry.path, unreadable),
            reused=made.reused,
            template=abridgement.template,
            fields=abridgement.fields,
            said_in=self.language,
            missing=missing_of(entry.path, unreadable),
            pages=pages_covered(
                reader.pages(entry.content_id),
                abridgement.citations,
                [item for item in unreadable if item.document == entry.path],
            ),
        )


class KeptSummaries(Sequence[DocumentSummary]):
    """Those of a run that have been checked, in its order; some hundred bytes for each, whatever it says,
    where summaries can be kept.

    Raises Busy, while it is gone through, at one whose document has been changed or erased since: what
    would be made of the rest would not be the whole.
    """

    def __init__(self, store: Path, made: Sequence[Made], telling: Telling) -> None:
        self._store = store
        self._made = made
        self._telling = telling

    @property
    def paths(self) -> list[str]:
        return [made.entry.path for made in self._made]

    def __len__(self) -> int:
        return len(self._made)

    def __iter__(self) -> Iterator[DocumentSummary]:
        return self._read(self._made)

    @overload
    def __getitem__(self, place: int) -> DocumentSummary: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[DocumentSummary]: ...

    def __getitem__(self, place: int | slice) -> DocumentSummary | Sequence[DocumentSummary]:
        if isinstance(place, slice):
            return KeptSummaries(self._store, self._made[place], self._telling)
        return next(islice(self._read([self._made[place]]), 1))

    def _read(self, wanted: Sequence[Made]) -> Iterator[DocumentSummary]:
        with storage_faults(self._store), Catalog.open_for_reading(self._store) as catalog:
            reader, summaries = Reader(catalog), Summaries(catalog)
            for made in wanted:
                abridgement = _held(reader, made) or _kept(summaries, made)
                yield self._telling.document(reader, made, abridgement)


def paths_of(documents: Sequence[DocumentSummary]) -> list[str]:
    """Their documents, in their order; of kept ones nothing is read for that."""
    if isinstance(documents, KeptSummaries):
        return documents.paths
    return [each.document for each in documents]


def _held(reader: Reader, made: Made) -> Abridgement | None:
    """What could not be kept, if its document still stands: a purge does not know of it."""
    now = None if made.held is None else reader.document(made.entry.path)
    return made.held if now is not None and now.content_id == made.entry.content_id else None


def _kept(summaries: Summaries, made: Made) -> Abridgement:
    body = summaries.find(made.entry.content_id, made.maker)
    if body is None:
        raise Busy(
            "Documents were changed or erased while their summaries were written; not all of them are.",
            hint="Summarize again: what was made is kept.",
        )
    return Abridgement.from_json(body)
