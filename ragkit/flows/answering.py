"""Answering: evidence -> is it answered at all? -> quotes, or sentences that a model writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ragkit.flows.citing import Marks, cite
from ragkit.flows.composing import choose_style, compose
from ragkit.flows.evidence import gather
from ragkit.flows.searching import Searching
from ragkit.language import language_of
from ragkit.protocols import Generator
from ragkit.retrieval.answerability import is_answered
from ragkit.settings import AnswerSettings
from ragkit.types import CELL_SEPARATOR, Answer, AnswerSentence, Citation, Evidence

NEAREST = 3
"""Passages shown where there is no answer."""
QUOTED_SHARE = 0.80
"""A sentence is quoted beside the best one if its score is at least this share of the best score."""
ROW_SHARE = 0.92
"""The same of rows of one table: rows beside each other share nearly all their words."""
MOST_EVIDENCE = 24
"""Sentences given to a model: more of them cost seconds and are rarely pointed at."""

OnSentence = Callable[[AnswerSentence], None]


@dataclass(frozen=True, slots=True)
class Evidences:
    """What an answer may show: SHA-256 of its documents, as published in `generation`."""

    generation: int
    digests: frozenset[str]


OnEvidence = Callable[[Evidences], None]


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What answering works with, beside searching. The generator is opened when it first writes."""

    settings: AnswerSettings
    style: str
    model_name: str
    model_reads: Callable[[], bool]
    open_generator: Callable[[], Generator]


class Answering:
    """Answers questions over one pipeline."""

    def __init__(self, searching: Searching, parts: AnswerParts) -> None:
        self._searching = searching
        self._parts = parts

    def answer(
        self,
        question: str,
        *,
        style: str | None = None,
        on_sentence: OnSentence | None = None,
        on_evidence: OnEvidence | None = None,
    ) -> Answer:
        """An answer whose every sentence is quoted from the documents or checked against them.

        on_evidence: told, before a model writes the first sentence, what the answer may show.
        Raises UsageFault for an unknown style, ModelMissing if composing needs a model.
        """
        started = time.perf_counter()
        chosen = choose_style(style or self._parts.style, self._parts.model_reads)
        gathered = gather(self._searching, question, self._parts.settings.passages)
        sentences: tuple[AnswerSentence, ...] = ()
        citations: tuple[Citation, ...] = ()
        if gathered.evidence and is_answered(gathered.signals):
            if chosen == "quote":
                sentences, citations = quote(gathered.evidence, self._parts.settings.sentences)
            else:
                if on_evidence is not None:
                    digests = frozenset(item.sha256 for item in gathered.evidence)
                    on_evidence(Evidences(gathered.generation, digests))
                sentences, citations = self._compose(question, gathered.evidence, on_sentence)
        return Answer(
            question=question,
            outcome="found" if sentences else "not_found",
            style=chosen,
            sentences=sentences,
            citations=citations,
            coverage=gathered.coverage,
            model=self._parts.model_name if sentences and chosen == "compose" else "",
            generation=gathered.generation,
            seconds=time.perf_counter() - started,
            nearest=() if sentences else gathered.passages[:NEAREST],
            signals=gathered.signals.as_pairs(),
        )

    def _compose(
        self, question: str, evidence: Sequence[Evidence], on_sentence: OnSentence | None
    ) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
        generator = self._parts.open_generator()
        given = _within(evidence, generator, self._parts.settings.evidence_tokens)
        marks = Marks()

        def marked(sentence: AnswerSentence) -> AnswerSentence:
            return replace(sentence, citations=marks.of(sentence.citations))

        composition = compose(
            question,
            language_of(question) or "en",
            given,
            generator,
            max_sentences=self._parts.settings.sentences,
            on_sentence=on_sentence and (lambda item: on_sentence(marked(item))),
        )
        sentences = tuple(map(marked, composition.sentences))
        return sentences, marks.citations(given)


def quote(
    evidence: Sequence[Evidence], most: int
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The best sentences, at most `most`, in the order in which they stand in their documents."""
    first = evidence[0]
    chosen = [item for item in evidence[:most] if item.score >= _least(first, item)]
    best = {item.document: item.number for item in reversed(chosen)}
    chosen.sort(key=lambda item: (best[item.document], item.start))
    marked = list(enumerate(chosen, start=1))
    sentences = (
        AnswerSentence(" ".join(item.text.split()), (mark,), "quoted") for mark, item in marked
    )
    return tuple(sentences), tuple(cite(mark, item) for mark, item in marked)


def _least(first: Evidence, item: Evidence) -> float:
    """The score from which a sentence is quoted beside the first."""
    are_rows = first.heading == item.heading and CELL_SEPARATOR in item.heading
    return (ROW_SHARE if are_rows else QUOTED_SHARE) * first.score


def _within(evidence: Sequence[Evidence], generator: Generator, tokens: int) -> list[Evidence]:
    """The best sentences that fit into so many tokens, best first: small models lean on the first."""
    chosen: list[Evidence] = []
    left = tokens
    for item in evidence[:MOST_EVIDENCE]:
        left -= generator.count_tokens(item.text)
        if left < 0 and chosen:
            break
        chosen.append(item)
    return chosen
