"""What the check of a written sentence knew of its quotes beside their words, told again from the file.

When an answer is made, that is in the catalog: path, title, parties or patient and date of a document,
and the section of a passage. None of it is believed of a saved answer: it is made anew by the rules of
an ingest.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property

from ragkit.catalog import DocumentEntry
from ragkit.catalog.fences import searchable
from ragkit.chunking.facts import facts_of
from ragkit.chunking.sentences import split_sentences
from ragkit.chunking.structure import Sections, headings_of
from ragkit.chunking.tables import Tables, shortened_titles
from ragkit.flows.fencing import found_in
from ragkit.types import Heading, ParsedDocument

REACH = 1_200
"""Characters above a quote at which the passage that it was in may have begun, whose section was known:
11,597 of 11,605 passages of 200 contracts are no longer."""


@dataclass(frozen=True)
class Surroundings:
    """Of one document as it is now. path: as ragkit shows it."""

    path: str
    document: ParsedDocument

    @cached_property
    def naming(self) -> str:
        """Path, title, parties or patient, date: what names the document."""
        entry = self.entry
        return " ".join((self.path, entry.title, *entry.names, entry.date))

    @cached_property
    def entry(self) -> DocumentEntry:
        """What the catalog would hold of it as to title, kind, language, names and date; no numbers."""
        read = self._searched
        facts = facts_of(read.text, read.title)
        return DocumentEntry(
            id=0,
            path=self.path,
            parent=None,
            sha256="",
            size=0,
            mtime_ns=0,
            reader="",
            content_id=0,
            chunk_set_id=0,
            title=facts.title or self.document.title,
            kind=facts.kind,
            language=facts.language,
            names=facts.names,
            date=facts.date,
        )

    def of(self, start: int) -> str:
        """All that was known of a quote that begins at `start`: its sections, and what names it."""
        starts = self._heading_starts
        first, last = (bisect.bisect_right(starts, at) for at in (start - REACH, start))
        places = (start - REACH, *starts[first:last])
        paths = dict.fromkeys(self._sections.path_at(place) for place in places)
        columns = shortened_titles(self._tables.titles_at(start))
        return " ".join(filter(None, (*paths, columns, self.naming)))

    @cached_property
    def _searched(self) -> ParsedDocument:
        """Without what reads like an instruction to a machine, as it is cut up."""
        return searchable(self.document, found_in(self.document))

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self._searched.tables, self._searched.text)

    @cached_property
    def _headings(self) -> tuple[Heading, ...]:
        text, rows = self._searched.text, self._tables
        prose = [span for span in split_sentences(text, rows.rows) if not rows.row_at(span.start)]
        return self._searched.headings or headings_of(text, prose)

    @cached_property
    def _heading_starts(self) -> list[int]:
        return sorted(heading.start for heading in self._headings)

    @cached_property
    def _sections(self) -> Sections:
        return Sections(self._headings)
