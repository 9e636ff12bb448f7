"""Ranking sentences: those of some passages, exactly as they stand, the best for a question first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import DocumentEntry
from ragkit.flows.fencing import Screen
from ragkit.flows.searching import View
from ragkit.flows.signalling import Nearness
from ragkit.protocols import Embedder, Vectors
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.passages import Place, best_of_stretch, joined
from ragkit.retrieval.search import Found
from ragkit.retrieval.sentences import (
    HEADING_SEPARATOR,
    coverage,
    fullness,
    in_context,
    is_heading,
    kept_vectors,
    sentence_scores,
    sentence_worth,
    without_repeats,
)
from ragkit.types import CELL_SEPARATOR, Evidence, Passage


def rank_sentences(
    embedder: Embedder, view: View, found: Found, passages: Sequence[Passage]
) -> tuple[tuple[Evidence, ...], Nearness]:
    """The sentences, best first, and how near all of them are to the question and its content."""
    told = _Told(view, Screen(view.reader))
    groups = [told.sentences_of(passage) for passage in passages]
    sentences = [item for group in groups for item in group]
    if not sentences:
        return (), Nearness.none()
    vectors = _vectors(embedder, view, passages, groups)
    documents = view.reader.documents_by_id({item.document_id for item in sentences})
    weights = {group: found.asked.weight(group) for group in found.asked.content_words}
    coverages = [
        coverage(weights, set(terms(_said_by(item), documents[item.document_id].language)))
        for item in sentences
    ]
    to_question, to_content = (vectors @ found.vectors.T).T
    stretches = joined([Place(item.document_id, item.start, item.end) for item in passages])
    of_passages = best_of_stretch(stretches, [item.score for item in passages])
    scores = sentence_scores(
        to_content,
        coverages,
        [score for score, group in zip(of_passages, groups, strict=True) for _ in group],
    )
    scores *= [fullness(item.text) for item in sentences]
    distinct = set(_distinct(found, sentences))
    order = [index for index in np.argsort(-scores, kind="stable").tolist() if index in distinct]
    ranked = tuple(
        replace(sentences[index], number=number, rank=number, score=float(scores[index]))
        for number, index in enumerate(order, start=1)
    )
    numbers = np.array([item.document_id for item in sentences], np.int64)
    worth = sentence_worth(to_content, coverages)
    return ranked, Nearness(numbers, to_question, to_content, worth)


def _vectors(
    embedder: Embedder,
    view: View,
    passages: Sequence[Passage],
    groups: Sequence[Sequence[Evidence]],
) -> Vectors:
    """Those kept with the chunks; of a state that was published before there were any, made now.

    groups: the sentences of each passage.
    """
    entries = [passage.chunk_id for passage in passages]
    kept = view.reader.sentence_vectors(entries)
    if not kept:
        texts = [in_context(item.text, item.heading) for group in groups for item in group]
        return embedder.embed_passages(texts)
    whole = view.reader.entry_vectors(entries)
    none = np.empty((0, 2), np.int32), np.empty((0, embedder.dimension), np.float32)
    return np.concatenate(
        [
            kept_vectors(
                np.array([(s.start, s.end) for s in group], np.int32).reshape(-1, 2)
                - np.int32(passage.start),
                *kept.get(passage.chunk_id, none),
                whole[passage.chunk_id],
            )
            for passage, group in zip(passages, groups, strict=True)
        ]
    )


def _distinct(found: Found, sentences: Sequence[Evidence]) -> list[int]:
    """Indexes of the sentences but for those that a document says which is preferred to theirs.

    Preferred are those that the question names, then those of the better passages.
    """
    in_order = (*found.asked.named, *(item.document for item in found.ranked))
    place = {document: at for at, document in reversed(list(enumerate(in_order)))}
    documents = [item.document_id for item in sentences]
    return without_repeats(
        [item.text for item in sentences], documents, [place[document] for document in documents]
    )


def _said_by(sentence: Evidence) -> str:
    """Its words; of a table's row also the headings of its columns, without which it says little."""
    section = sentence.heading.rpartition(HEADING_SEPARATOR)[2]
    return f"{section} {sentence.text}" if CELL_SEPARATOR in section else sentence.text


@dataclass(frozen=True, slots=True)
class _Document:
    """What the sentences of a document are cut from. sentences: int32, shape (n, 2), in their order;
    headings: of its tables' columns, the same."""

    entry: DocumentEntry
    context: str
    sentences: NDArray[np.int32]
    headings: NDArray[np.int32]

    def spans_in(self, start: int, end: int) -> list[tuple[int, int]]:
        """Sentences that a stretch has a part of, but for headings of columns."""
        inside = _overlapping(self.sentences, start, end)
        return [
            (first, last)
            for first, last in inside.tolist()
            if not len(_overlapping(self.headings, first, last))
        ]


def _overlapping(spans: NDArray[np.int32], start: int, end: int) -> NDArray[np.int32]:
    """Those of some spans, which follow one another, that have a part of the stretch."""
    first = np.searchsorted(spans[:, 1], start, side="right")
    return spans[first : np.searchsorted(spans[:, 0], end, side="left")]


class _Told:
    """The sentences of passages. Each document's are read once, however many of its passages there are."""

    def __init__(self, view: View, screen: Screen) -> None:
        self._view = view
        self._screen = screen
        self._documents: dict[int, _Document] = {}

    def sentences_of(self, passage: Passage) -> list[Evidence]:
        """The sentences that lie in a passage, exactly as they stand in the document.

        Without headings: of a table's columns alone they would be quoted as if they said something.
        """
        document = self._document(passage.document_id)
        found = []
        for start, end in document.spans_in(passage.start, passage.end):
            first, last = max(start, passage.start), min(end, passage.end)
            raw = passage.text[first - passage.start : last - passage.start]
            text = raw.strip()
            if self._screen.is_fenced(passage.document_id, first, last):
                continue
            if any(sign.isalnum() for sign in text) and not is_heading(text, passage.heading):
                found.append(self._evidence(document, passage, first + raw.index(text), text))
        return found

    def _document(self, number: int) -> _Document:
        if number not in self._documents:
            reader = self._view.reader
            entry = reader.documents_by_id([number])[number]
            headings = [(one.start, one.end) for one in reader.column_headings(entry.content_id)]
            self._documents[number] = _Document(
                entry,
                " ".join((entry.path, entry.title, *entry.names, entry.date)),
                reader.sentences(entry.chunk_set_id),
                np.array(sorted(headings), np.int32).reshape(-1, 2),
            )
        return self._documents[number]

    def _evidence(self, document: _Document, passage: Passage, start: int, text: str) -> Evidence:
        entry = document.entry
        place = self._view.reader.place(entry.content_id, start)
        return Evidence(
            number=0,
            document=entry.path,
            document_id=entry.id,
            sha256=entry.sha256,
            page=place.page,
            start=start,
            end=start + len(text),
            text=text,
            heading=passage.heading,
            context=document.context,
            score=passage.score,
            read_as=place.read_as,
            confidence=place.confidence,
        )
