"""Gathering evidence: the sentences of the best passages, ranked, with their exact places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ragkit.flows.searching import Searching, View
from ragkit.protocols import Embedder
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.answerability import Signals
from ragkit.retrieval.search import Found
from ragkit.retrieval.sentences import (
    HEADING_SEPARATOR,
    coverage,
    fullness,
    in_context,
    is_heading,
    sentence_scores,
)
from ragkit.types import CELL_SEPARATOR, Coverage, Evidence, Passage


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one look at the published state gave: all that an answer is made of.

    evidence: best first, numbered from 1.
    """

    evidence: tuple[Evidence, ...]
    passages: tuple[Passage, ...]
    signals: Signals
    coverage: Coverage
    generation: int


def gather(searching: Searching, question: str, passages: int) -> Gathered:
    """Evidence for a question from so many passages, all from the same published state."""
    with searching.view() as view:
        return gather_from(view, searching.embedder, question, passages)


def gather_from(view: View, embedder: Embedder, question: str, passages: int) -> Gathered:
    """The same from a view that is open, such as that of a state which is not published yet."""
    found = view.retriever.find(question, passages)
    shown = view.passages(found, passages)
    evidence, nearest = _rank(embedder, view, found, shown)
    counts = view.reader.counts()
    return Gathered(
        evidence=evidence,
        passages=shown,
        signals=_signals(view, found, shown, nearest),
        coverage=Coverage(
            documents=counts["documents"] + counts["quarantined"],
            searched=counts["documents"],
            unreadable=view.reader.unreadable(),
        ),
        generation=view.reader.generation(),
    )


def _rank(
    embedder: Embedder, view: View, found: Found, passages: Sequence[Passage]
) -> tuple[tuple[Evidence, ...], float]:
    """The sentences, best first, and the cosine of the one nearest to the question or its content."""
    sentences = [item for passage in passages for item in _sentences_of(view, passage)]
    if not sentences:
        return (), 0.0
    vectors = embedder.embed_passages([in_context(item.text, item.heading) for item in sentences])
    documents = view.reader.documents_by_id({item.document_id for item in sentences})
    weights = {group: found.asked.weight(group) for group in found.asked.content_words}
    coverages = [
        coverage(weights, set(terms(_said_by(item), documents[item.document_id].language)))
        for item in sentences
    ]
    to_question, to_content = (vectors @ found.vectors.T).T
    scores = sentence_scores(to_content, coverages, [item.score for item in sentences])
    scores *= [fullness(item.text) for item in sentences]
    order = np.argsort(-scores, kind="stable").tolist()
    ranked = tuple(
        replace(sentences[index], number=number, score=float(scores[index]))
        for number, index in enumerate(order, start=1)
    )
    return ranked, float(max(to_question.max(), to_content.max()))


def _said_by(sentence: Evidence) -> str:
    """Its words; of a table's row also the headings of its columns, without which it says little."""
    section = sentence.heading.rpartition(HEADING_SEPARATOR)[2]
    return f"{section} {sentence.text}" if CELL_SEPARATOR in section else sentence.text


def _sentences_of(view: View, passage: Passage) -> list[Evidence]:
    """The sentences that lie in a passage, exactly as they stand in the document.

    Without headings: of a table's columns alone they would be quoted as if they said something.
    """
    document = view.reader.documents_by_id([passage.document_id])[passage.document_id]
    spans = view.reader.sentences(document.chunk_set_id)
    inside = spans[(spans[:, 0] < passage.end) & (spans[:, 1] > passage.start)]
    context = " ".join((document.path, document.title, *document.names, document.date))
    headings = view.reader.column_headings(document.content_id)
    found = []
    for start, end in inside.tolist():
        if any(start < heading.end and heading.start < end for heading in headings):
            continue
        first, last = max(start, passage.start), min(end, passage.end)
        raw = passage.text[first - passage.start : last - passage.start]
        text = raw.strip()
        if not any(sign.isalnum() for sign in text) or is_heading(text, passage.heading):
            continue
        at = first + raw.index(text)
        place = view.reader.place(document.content_id, at)
        found.append(
            Evidence(
                number=0,
                document=document.path,
                document_id=document.id,
                sha256=document.sha256,
                page=place.page,
                start=at,
                end=at + len(text),
                text=text,
                heading=passage.heading,
                context=context,
                score=passage.score,
                read_as=place.read_as,
                confidence=place.confidence,
            )
        )
    return found


def _signals(
    view: View, found: Found, passages: Sequence[Passage], nearest_sentence: float
) -> Signals:
    """What tells whether the evidence carries an answer."""
    documents = view.reader.documents_by_id({passage.document_id for passage in passages})
    naming = view.reader.naming_words(documents)
    words = {group: found.asked.weight(group) for group in found.asked.words}
    content_words = {group: found.asked.weight(group) for group in found.asked.content_words}
    covered = content = 0.0
    for passage in passages:
        language = documents[passage.document_id].language
        said = set(terms(f"{passage.heading} {passage.text}", language))
        named = {word for column in naming[passage.document_id][:3] for word in column.split()}
        covered = max(covered, coverage(words, said | named))
        content = max(content, coverage(content_words, said))
    return Signals(found.nearest, covered, nearest_sentence, content)
