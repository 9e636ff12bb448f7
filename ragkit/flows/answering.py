"""Answering: passages -> sentences -> is it answered at all? -> quotes, or sentences that a model writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ragkit.config import AnswerSettings
from ragkit.flows.composing import compose
from ragkit.flows.searching import Searching, View
from ragkit.language import language_of
from ragkit.protocols import Generator
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.answerability import Signals, is_answered
from ragkit.retrieval.search import Found
from ragkit.retrieval.sentences import coverage, in_context, is_heading, sentence_scores
from ragkit.types import (
    Answer,
    AnswerSentence,
    Citation,
    Coverage,
    Evidence,
    Passage,
)

NEAREST = 3
"""Passages shown where there is no answer."""
QUOTED_SHARE = 0.80
"""A sentence is quoted beside the best one if its score is at least this share of the best score."""

MOST_EVIDENCE = 24
"""Sentences given to a model: a number of two digits is the most it has to point at."""

OnSentence = Callable[[AnswerSentence], None]


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What answering works with, beside searching. The generator is opened when it first writes."""

    settings: AnswerSettings
    style: str
    model_name: str
    model_reads: Callable[[], bool]
    open_generator: Callable[[], Generator]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What one look at the published state gave: all that an answer is made of."""

    evidence: tuple[Evidence, ...]
    passages: tuple[Passage, ...]
    signals: Signals
    coverage: Coverage
    generation: int
    language: str


class Answering:
    """Answers questions over one pipeline."""

    def __init__(self, searching: Searching, parts: AnswerParts) -> None:
        self._searching = searching
        self._parts = parts

    def answer(
        self, question: str, *, style: str | None = None, on_sentence: OnSentence | None = None
    ) -> Answer:
        """An answer whose every sentence is quoted from the documents or checked against them."""
        started = time.perf_counter()
        gathered = self._gather(question)
        chosen = self._style(style)
        if not is_answered(gathered.signals) or not gathered.evidence:
            return self._answer(question, gathered, chosen, started, found=False)
        if chosen == "quote":
            sentences, citations = self._quote(gathered)
        else:
            sentences, citations = self._compose(question, gathered, on_sentence)
        return replace(
            self._answer(question, gathered, chosen, started, found=bool(sentences)),
            sentences=sentences,
            citations=citations,
        )

    def _style(self, asked: str | None) -> str:
        style = asked or self._parts.style
        if style != "auto":
            return style
        return "compose" if self._parts.model_reads() else "quote"

    # Evidence

    def _gather(self, question: str) -> _Gathered:
        with self._searching.view() as view:
            found = view.retriever.find(question, self._parts.settings.passages)
            passages = view.passages(found, self._parts.settings.passages)
            evidence = self._rank_sentences(view, found, passages)
            counts = view.reader.counts()
            return _Gathered(
                evidence=evidence,
                passages=passages,
                signals=_signals(view, found, passages, evidence),
                coverage=Coverage(
                    documents=counts["documents"] + counts["quarantined"],
                    searched=counts["documents"],
                    unreadable=view.reader.unreadable(),
                ),
                generation=view.reader.generation(),
                language=language_of(question) or "en",
            )

    def _rank_sentences(
        self, view: View, found: Found, passages: Sequence[Passage]
    ) -> tuple[Evidence, ...]:
        """The sentences of the passages, best first, numbered from 1."""
        sentences = [item for passage in passages for item in _sentences_of(view, passage)]
        if not sentences:
            return ()
        vectors = self._searching.embedder.embed_passages(
            [in_context(item.text, item.heading) for item in sentences]
        )
        documents = view.reader.documents_by_id({item.document_id for item in sentences})
        weights = {group: found.asked.weight(group) for group in found.asked.content_words}
        coverages = [
            coverage(
                weights,
                set(terms(item.text, documents[item.document_id].language)),
            )
            for item in sentences
        ]
        scores = sentence_scores(
            vectors @ found.vector, coverages, [item.score for item in sentences]
        )
        order = np.argsort(-scores, kind="stable")
        return tuple(
            replace(sentences[index], number=number, score=float(scores[index]))
            for number, index in enumerate(order.tolist(), start=1)
        )

    # The two styles

    def _quote(
        self, gathered: _Gathered
    ) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
        best = gathered.evidence[0].score
        chosen = [
            item
            for item in gathered.evidence[: self._parts.settings.sentences]
            if item.score >= QUOTED_SHARE * best
        ]
        # The best document's sentences first, in the order in which they stand there.
        rank = {item.document: item.number for item in reversed(chosen)}
        chosen.sort(key=lambda item: (rank[item.document], item.start))
        citations = tuple(_citation(mark, item) for mark, item in enumerate(chosen, start=1))
        sentences = tuple(
            AnswerSentence(" ".join(item.text.split()), (mark,), "quoted")
            for mark, item in enumerate(chosen, start=1)
        )
        return sentences, citations

    def _compose(
        self, question: str, gathered: _Gathered, on_sentence: OnSentence | None
    ) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
        generator = self._parts.open_generator()
        evidence = _within(gathered.evidence, generator, self._parts.settings.evidence_tokens)
        marks = _Marks()
        composition = compose(
            question,
            gathered.language,
            evidence,
            generator,
            max_sentences=self._parts.settings.sentences,
            on_sentence=on_sentence and (lambda item: on_sentence(marks.renumbered(item))),
        )
        sentences = tuple(marks.renumbered(item) for item in composition.sentences)
        return sentences, marks.citations(evidence)

    def _answer(
        self, question: str, gathered: _Gathered, style: str, started: float, *, found: bool
    ) -> Answer:
        return Answer(
            question=question,
            outcome="found" if found else "not_found",
            style=style,
            sentences=(),
            citations=(),
            coverage=gathered.coverage,
            model=self._parts.model_name if style == "compose" and found else "",
            generation=gathered.generation,
            seconds=time.perf_counter() - started,
            nearest=() if found else gathered.passages[:NEAREST],
            signals=gathered.signals.as_pairs(),
        )


def _sentences_of(view: View, passage: Passage) -> list[Evidence]:
    """The sentences that lie in a passage, exactly as they stand in the document."""
    document = view.reader.documents_by_id([passage.document_id])[passage.document_id]
    spans = view.reader.sentences(document.chunk_set_id)
    inside = spans[(spans[:, 0] < passage.end) & (spans[:, 1] > passage.start)]
    found = []
    for start, end in inside.tolist():
        first, last = max(start, passage.start), min(end, passage.end)
        raw = view.reader.text(document.content_id, first, last)
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
                score=passage.score,
                read_as=place.read_as,
            )
        )
    return found


def _signals(
    view: View, found: Found, passages: Sequence[Passage], evidence: Sequence[Evidence]
) -> Signals:
    """What tells whether the evidence carries an answer."""
    documents = view.reader.documents_by_id({passage.document_id for passage in passages})
    naming = view.reader.naming_words(documents)
    weights = {group: found.asked.weight(group) for group in found.asked.words}
    best = 0.0
    for passage in passages:
        language = documents[passage.document_id].language
        known = set(terms(f"{passage.heading} {passage.text}", language))
        known.update(*(words.split() for words in naming[passage.document_id][:3]))
        best = max(best, coverage(weights, known))
    return Signals(
        cosine=found.nearest,
        coverage=best,
        sentence=evidence[0].score if evidence else 0.0,
    )


def _within(
    evidence: Sequence[Evidence], generator: Generator, tokens: int
) -> tuple[Evidence, ...]:
    """The best sentences that fit into so many tokens, best first: small models lean on the first."""
    chosen: list[Evidence] = []
    left = tokens
    for item in evidence[:MOST_EVIDENCE]:
        left -= generator.count_tokens(item.text)
        if left < 0 and chosen:
            break
        chosen.append(item)
    return tuple(chosen)


class _Marks:
    """Evidence numbers -> marks 1, 2, ... in the order in which the answer uses them."""

    def __init__(self) -> None:
        self._marks: dict[int, int] = {}

    def renumbered(self, sentence: AnswerSentence) -> AnswerSentence:
        """The sentence with marks in place of evidence numbers."""
        marks = (self._marks.setdefault(n, len(self._marks) + 1) for n in sentence.citations)
        return replace(sentence, citations=tuple(marks))

    def citations(self, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        """A citation for each mark given so far."""
        by_number = {item.number: item for item in evidence}
        return tuple(_citation(mark, by_number[number]) for number, mark in self._marks.items())


def _citation(mark: int, item: Evidence) -> Citation:
    return Citation(
        mark=mark,
        document=item.document,
        sha256=item.sha256,
        page=item.page,
        start=item.start,
        end=item.end,
        quote=item.text,
    )
