"""The material of a summary: what the catalog holds of one document, and exact quotes of it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property

from ragkit.catalog import Catalog, Contents, DocumentEntry, Reader
from ragkit.catalog.fences import searchable
from ragkit.chunking.structure import Sections, headings_of
from ragkit.types import DocumentFacts, Evidence, Page, Span

_STOPS = (".", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a document. `shown` is how it stands in a text: on one line, with "…" where its
    sentence goes on outside of it."""

    evidence: Evidence
    shown: str


@dataclass(frozen=True)
class Material:
    """One published document. sections: the heading path of each sentence, "" where it has none."""

    entry: DocumentEntry
    text: str
    pages: tuple[Page, ...]
    sentences: tuple[Span, ...]
    sections: tuple[str, ...]

    @classmethod
    def read(cls, catalog: Catalog, entry: DocumentEntry) -> Material:
        """Inside a snapshot in which the document is published."""
        contents = Contents(catalog)
        fences = contents.fences.of(entry.content_id)
        document = searchable(contents.document(entry.content_id), fences)
        spans = Reader(catalog).sentences(entry.chunk_set_id).tolist()
        sentences = tuple(Span(start, end) for start, end in spans)
        text = document.text
        sections = Sections(document.headings or headings_of(text, sentences))
        return cls(
            entry=entry,
            text=text,
            pages=document.pages,
            sentences=sentences,
            sections=tuple(sections.path_at(span.start) for span in sentences),
        )

    @property
    def document_facts(self) -> DocumentFacts:
        entry = self.entry
        return DocumentFacts(entry.title, entry.kind, entry.language, entry.names, entry.date)

    def quote(self, number: int, start: int, end: int, section: str = "") -> Quote:
        """Characters start to end, with their place. number: of the evidence."""
        page = self.pages[bisect.bisect_right(self._page_starts, start) - 1]
        entry = self.entry
        evidence = Evidence(
            number=number,
            document=entry.path,
            document_id=entry.id,
            sha256=entry.sha256,
            page=page.number,
            start=start,
            end=end,
            text=self.text[start:end],
            heading=section,
            context=" ".join((entry.path, entry.title, *entry.names, entry.date)),
            read_as=page.read_as,
            confidence=page.confidence,
        )
        return Quote(evidence, self._shown(start, end))

    def sentence_at(self, position: int) -> Span:
        """The sentence that a position stands in, or the last one before it."""
        index = bisect.bisect_right(self._sentence_starts, position) - 1
        return self.sentences[max(index, 0)]

    def _shown(self, start: int, end: int) -> str:
        sentence = self.sentence_at(start)
        before = self.text[sentence.start : start].rstrip()
        after = self.text[end : max(end, sentence.end)].strip()
        words = " ".join(self.text[start:end].split())
        opening = "… " if before and not before.endswith(_STOPS) else ""
        closing = " …" if after and not words.endswith(_STOPS) else ""
        return f"{opening}{words}{closing}"

    @cached_property
    def _page_starts(self) -> list[int]:
        return [page.start for page in self.pages]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]
