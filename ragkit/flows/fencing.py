"""Fencing: what reads like an instruction to a machine is found at ingest, and is no evidence in answers.

It stays in the file and in the index: a person who asks for it is shown it, with a mark. Any other
question is answered as if it did not stand there, and the answer says that it was left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b
from itertools import groupby

from ragkit.catalog import Contents, DocumentEntry, Reader
from ragkit.catalog.fences import TITLE
from ragkit.fencing import DETECTOR, asks_for_instructions, find_instructions
from ragkit.types import Citation, Evidence, Fenced, FencedIn, Note, ParsedDocument, Passage

_NEAR = 2
"""Characters between a passage and a fence beside it: a blank line."""
_QUOTED = 8
"""Fenced passages shown to a question that asks for them."""
_NAMED = 3
"""Places that a note names."""


class Fencing:
    """Looks at contents before they are cut up. The caller holds the WriterLock."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._fences = contents.fences

    def look(self, content_id: int) -> tuple[Fenced, ...]:
        """What is fenced in a content; looked for if this detector has not."""
        if not self._fences.is_looked(content_id, DETECTOR):
            found = found_in(self._contents.document(content_id))
            self._fences.keep(DETECTOR, {content_id: found})
        return self._fences.of(content_id)


def found_in(document: ParsedDocument) -> list[Fenced]:
    """What is fenced in a document, that of its title first."""
    of_title = [kind for each in find_instructions(document.title) for kind in each.kinds]
    title = [Fenced(TITLE, TITLE, tuple(dict.fromkeys(of_title)))] if of_title else []
    return [*title, *find_instructions(document.text)]


def chunked_as(chunker: str, fences: Sequence[Fenced]) -> str:
    """By what a content is cut up: the chunker, and what is fenced in it.

    So another detector has only those embedded again in which it finds something else.
    """
    if not fences:
        return chunker
    places = " ".join(f"{fence.start}-{fence.end}" for fence in fences)
    return f"{chunker} fenced {blake2b(places.encode(), digest_size=8).hexdigest()}"


class Screen:
    """What is fenced in the documents that are found for a question."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._fences: dict[int, tuple[int, tuple[Fenced, ...]]] = {}

    def is_fenced(self, document: int, start: int, end: int) -> bool:
        """Whether a stretch of a document, by its number, meets a fence."""
        return bool(_meeting(self._of(document)[1], start, end))

    def left_out(self, passages: Sequence[Passage]) -> tuple[FencedIn, ...]:
        """What was taken out of some passages, and where it stands: also right before and after them,
        where it is no part of a passage for being fenced."""
        places = (place for passage in passages for place in self._near(passage))
        return tuple(dict.fromkeys(places))

    def _near(self, passage: Passage) -> list[FencedIn]:
        content, fences = self._of(passage.document_id)
        return [
            FencedIn(passage.document, self._reader.place(content, fence.start).page, fence.kinds)
            for fence in _meeting(fences, passage.start - _NEAR, passage.end + _NEAR)
        ]

    def _of(self, document: int) -> tuple[int, tuple[Fenced, ...]]:
        """(its content, what is fenced in it)."""
        if document not in self._fences:
            content = self._reader.documents_by_id([document])[document].content_id
            self._fences[document] = content, self._reader.fenced_in(content)
        return self._fences[document]


def _meeting(fences: Sequence[Fenced], start: int, end: int) -> list[Fenced]:
    return [fence for fence in fences if fence.start < end and start < fence.end]


def asked_for(
    reader: Reader, question: str, documents: Collection[int], within: Collection[int] | None
) -> tuple[Evidence, ...]:
    """What is fenced, as evidence to be quoted with its mark, if that is what a question asks for.

    documents: those that the question means, if it names any. within: all that may be found.
    """
    if not asks_for_instructions(question):
        return ()
    found = [
        (document, fence)
        for document, fence in reader.fenced_by_document()
        if (within is None or document in within) and (not documents or document in documents)
    ]
    entries = reader.documents_by_id({document for document, _ in found[:_QUOTED]})
    return tuple(
        _evidence(reader, entries[document], fence, number)
        for number, (document, fence) in enumerate(found[:_QUOTED], start=1)
    )


def _evidence(reader: Reader, entry: DocumentEntry, fence: Fenced, number: int) -> Evidence:
    raw = reader.text(entry.content_id, fence.start, fence.end)
    start = fence.start + len(raw) - len(raw.lstrip())
    place = reader.place(entry.content_id, start)
    return Evidence(
        number=number,
        rank=number,
        document=entry.path,
        document_id=entry.id,
        sha256=entry.sha256,
        page=place.page,
        start=start,
        end=start + len(raw.strip()),
        text=raw.strip(),
        score=1.0,
        read_as=place.read_as,
        confidence=place.confidence,
        fenced=fence.kinds,
    )


def fenced_notes(
    fenced: Sequence[FencedIn], language: str, citations: Sequence[Citation] = ()
) -> tuple[Note, ...]:
    """That passages were left out of an answer, and where they stand; none if there are none.

    citations: of the answer; a place that it quotes, since that was asked for, is not left out.
    """
    quoted = {(cited.document, cited.page) for cited in citations if cited.fenced}
    of_fenced = groupby(fenced, key=lambda each: (each.document, each.page))
    places = [_place(item) for item, _ in of_fenced if item not in quoted]
    if not places:
        return ()
    named = ", ".join(places[:_NAMED])
    more = len(places) - _NAMED
    if language == "es":
        others = f" y en {more} lugares más" if more > 0 else ""
        text = f"Parece una instrucción para una máquina y se ha dejado fuera: {named}{others}."
    else:
        others = f" and {more} more places" if more > 0 else ""
        text = f"Reads like an instruction to a machine, and was left out: {named}{others}."
    return (Note("fenced", text, ()),)


def _place(place: tuple[str, int | None]) -> str:
    document, page = place
    return document if page is None else f"{document}, p. {page}"
