"""Answering: evidence -> is it answered at all? -> quotes, or sentences that a model writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ragkit.flows.citing import Marks, cite
from ragkit.flows.composing import choose_style, compose
from ragkit.flows.evidence import Gathered, gather
from ragkit.flows.explaining import with_decision
from ragkit.flows.giving import Given, give, of_meant
from ragkit.flows.searching import Searching
from ragkit.language import language_of
from ragkit.protocols import Generator, TokenCounter
from ragkit.retrieval.answerability import is_answered
from ragkit.settings import AnswerSettings
from ragkit.types import CELL_SEPARATOR, Answer, AnswerSentence, Citation, Evidence, EvidenceUse
from ragkit.types.scope import Scope

NEAREST = 3
"""Passages shown where there is no answer."""
QUOTED_SHARE = 0.80
"""A sentence is quoted beside the best one if its score is at least this share of the best score."""
ROW_SHARE = 0.92
"""The same of rows of one table: rows beside each other share nearly all their words."""
OnSentence = Callable[[AnswerSentence], None]


@dataclass(frozen=True, slots=True)
class Evidences:
    """What an answer may show: SHA-256 of its documents, as published in `generation`."""

    generation: int
    digests: frozenset[str]


OnEvidence = Callable[[Evidences], None]
OnQuote = Callable[[Citation], None]


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What answering works with, beside searching. The generator is opened when it first writes.

    tokens: of the embedder, for evidence that no generator reads.
    """

    settings: AnswerSettings
    style: str
    model_name: str
    model_reads: Callable[[], bool]
    open_generator: Callable[[], Generator]
    tokens: TokenCounter


@dataclass(frozen=True, slots=True)
class _Made:
    """The sentences of an answer, and which part of the evidence they were made from."""

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    use: EvidenceUse | None = None


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
        scope: Scope | None = None,
        explain: bool = False,
        on_sentence: OnSentence | None = None,
        on_evidence: OnEvidence | None = None,
        on_quote: OnQuote | None = None,
    ) -> Answer:
        """An answer whose every sentence is quoted from the documents or checked against them.

        scope: the documents it is asked of. explain: with all figures behind it. on_evidence: told,
        before a model is opened, what the answer may show. on_quote: then given what the documents
        say best, as the quote style would show it, to be read while the model writes.
        Raises UsageFault for an unknown style, ModelMissing if composing needs a model.
        """
        started = time.perf_counter()
        chosen = choose_style(style or self._parts.style, self._parts.model_reads)
        gathered = gather(
            self._searching,
            question,
            self._parts.settings.passages,
            scope=scope,
            explain=explain,
        )
        made = _Made()
        if gathered.evidence and is_answered(gathered.signals):
            if chosen == "compose":
                gathered = of_meant(gathered)
                self._tell(gathered, on_evidence, on_quote)
            given = self._given(gathered, chosen)
            if chosen == "quote":
                most = self._parts.settings.sentences
                made = _Made(*quote(given.best_first(), most), given.use)
            else:
                made = self._compose(question, given, on_sentence)
        return Answer(
            question=question,
            outcome="found" if made.sentences else "not_found",
            style=chosen,
            sentences=made.sentences,
            citations=made.citations,
            coverage=gathered.coverage,
            model=self._parts.model_name if made.sentences and chosen == "compose" else "",
            generation=gathered.generation,
            seconds=time.perf_counter() - started,
            nearest=() if made.sentences else gathered.passages[:NEAREST],
            signals=gathered.signals.as_pairs(),
            adapter=gathered.adapter,
            reranker=gathered.reranker,
            evidence=made.use,
            explanation=with_decision(gathered, made.citations) if explain else None,
        )

    def _tell(
        self, gathered: Gathered, on_evidence: OnEvidence | None, on_quote: OnQuote | None
    ) -> None:
        if on_evidence is not None:
            digests = frozenset(item.sha256 for item in gathered.evidence)
            on_evidence(Evidences(gathered.generation, digests))
        if on_quote is not None:
            for citation in quote(gathered.evidence, self._parts.settings.sentences)[1]:
                on_quote(citation)

    def _given(self, gathered: Gathered, style: str) -> Given:
        """Within the budget, by the tokens of the model that reads it; of the embedder if none does."""
        budget = self._parts.settings.evidence_tokens
        if style == "quote":
            spans = self._parts.tokens.token_spans
            return give(gathered, lambda text: len(spans(text)), budget, counted_by="embedder")
        count = self._parts.open_generator().count_tokens
        return give(gathered, count, budget, counted_by="generator")

    def _compose(self, question: str, given: Given, on_sentence: OnSentence | None) -> _Made:
        generator = self._parts.open_generator()
        marks = Marks()

        def marked(sentence: AnswerSentence) -> AnswerSentence:
            return replace(sentence, citations=marks.of(sentence.citations))

        composition = compose(
            question,
            language_of(question) or "en",
            given.sentences,
            generator,
            max_sentences=self._parts.settings.sentences,
            on_sentence=on_sentence and (lambda item: on_sentence(marked(item))),
        )
        sentences = tuple(map(marked, composition.sentences))
        use = given.use_without(composition.dropped_evidence)
        return _Made(sentences, marks.citations(given.sentences), use)


def quote(
    evidence: Sequence[Evidence], most: int
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The best sentences, at most `most`, in the order in which they stand in their documents.

    evidence: best first, at least one.
    """
    first = evidence[0]
    chosen = [item for item in evidence[:most] if item.score >= _least(first, item)]
    best = {item.document: item.rank for item in reversed(chosen)}
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
