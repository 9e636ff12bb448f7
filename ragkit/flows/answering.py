"""Answering: evidence -> is it answered at all? -> quotes, or sentences that a model writes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ragkit.flows.citing import Marks
from ragkit.flows.composing import choose_style, compose, trust_in
from ragkit.flows.deciding import Decided, decide
from ragkit.flows.evidence import Gathered, gather
from ragkit.flows.explaining import with_decision
from ragkit.flows.fencing import fenced_notes
from ragkit.flows.giving import Given, give, is_fenced, of_meant
from ragkit.flows.quoted_answers import Made, quoted_answer, weighed
from ragkit.flows.quoting import quote
from ragkit.flows.searching import Searching
from ragkit.flows.shown import named_beside
from ragkit.language import language_of
from ragkit.protocols import Generator, TokenCounter
from ragkit.settings import AnswerSettings
from ragkit.types import Answer, AnswerSentence, Citation
from ragkit.types.scope import Scope

NEAREST = 3
"""Passages shown where there is no answer."""
MOST_FOR_SMALL = 300
"""Tokens of evidence given to a model that is no reader, whatever the settings allow. Reading is a large
part of what such an answer takes: on a quiet machine 859 tokens of prompt were 14.6 of the 27 seconds of
the starter's answer. Of 269 questions on contracts the gold text is among them in 76 %, in 80 % among 400
and in 89 % among 900."""
OnSentence = Callable[[AnswerSentence], None]


@dataclass(frozen=True, slots=True)
class Evidences:
    """What an answer may show: SHA-256 of its documents, as published in `generation`."""

    generation: int
    digests: frozenset[str]


OnEvidence = Callable[[Evidences], None]
OnQuote = Callable[[Citation], None]


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told what while an answer is made; None for nobody.

    evidence: before a model is opened, what the answer may show. quote: then what the documents say
    best, as the quote style would show it, to be read while the model writes. sentence: each that a
    model wrote, once it is checked.
    """

    sentence: OnSentence | None = None
    evidence: OnEvidence | None = None
    quote: OnQuote | None = None


_NOBODY = Told()


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What answering works with, beside searching. The generator is opened when it first writes.

    tokens: of the embedder, for evidence that no generator reads. pipeline: its name. open_ahead: has the
    generator be opened while something else is done; what goes wrong there is told by open_generator.
    """

    settings: AnswerSettings
    style: str
    model_name: str
    model_reads: Callable[[], bool]
    open_generator: Callable[[], Generator]
    tokens: TokenCounter
    pipeline: str = ""
    open_ahead: Callable[[], None] = lambda: None


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

        scope: the documents it is asked of. explain: with all figures behind it. on_*: as Told says.
        Raises UsageFault for an unknown style, ModelMissing if composing needs a model.
        """
        started = time.perf_counter()
        chosen = self._style(style)
        if chosen == "compose":
            self._parts.open_ahead()
        most = self._parts.settings.passages
        gathered = gather(self._searching, question, most, scope=scope, explain=explain)
        told = Told(on_sentence, on_evidence, on_quote)
        answer = self.answer_from(question, gathered, style=chosen, told=told)
        return replace(answer, seconds=time.perf_counter() - started)

    def answer_from(
        self,
        question: str,
        gathered: Gathered,
        *,
        style: str | None = None,
        told: Told = _NOBODY,
    ) -> Answer:
        """The same from what is gathered already. Raises as `answer`."""
        started = time.perf_counter()
        # No model is given what reads like an instruction to it: who asks for that is shown it.
        chosen = "quote" if is_fenced(gathered) else self._style(style)
        decided, made = decide(question, gathered), Made()
        if decided.outcome == "found":
            gathered = of_meant(gathered)
            made = self._made(question, gathered, chosen, told)
        answer = self._surrounded(question, gathered, decided, made, chosen)
        return replace(answer, seconds=time.perf_counter() - started)

    def _style(self, style: str | None) -> str:
        return choose_style(style or self._parts.style, self._parts.model_reads)

    def _made(self, question: str, gathered: Gathered, style: str, told: Told) -> Made:
        if style == "quote":
            return self._quoted(question, gathered)
        self._tell(question, gathered, told)
        made = self._composed(question, gathered, told.sentence)
        return weighed(made, question, gathered, orders=False)

    def _surrounded(
        self, question: str, gathered: Gathered, decided: Decided, made: Made, style: str
    ) -> Answer:
        """With what the answer says of itself."""
        is_ambiguous = decided.outcome == "ambiguous"
        return Answer(
            question=question,
            outcome=decided.outcome,
            style=style,
            sentences=made.sentences,
            citations=made.citations,
            coverage=gathered.coverage,
            model=self._parts.model_name if made.sentences and style == "compose" else "",
            generation=gathered.generation,
            language=gathered.language,
            pipeline=self._parts.pipeline,
            seconds=0.0,
            candidates=decided.candidates,
            told_by=decided.told_by,
            facts=made.facts,
            notes=(
                *made.notes,
                *fenced_notes(gathered.fenced, gathered.language, made.citations),
            ),
            nearest=() if made.sentences else gathered.passages[:NEAREST],
            signals=gathered.signals.as_pairs(),
            adapter=gathered.adapter,
            reranker=gathered.reranker,
            evidence=made.use,
            withheld=made.withheld,
            explanation=with_decision(gathered, made.citations, is_ambiguous=is_ambiguous),
            named=named_beside(gathered, decided.candidates),
        )

    def _tell(self, question: str, gathered: Gathered, told: Told) -> None:
        if told.evidence is not None:
            shown = (*gathered.evidence, *gathered.newer)
            digests = frozenset(item.sha256 for item in shown)
            told.evidence(Evidences(gathered.generation, digests))
        if told.quote is not None:
            for citation in self._quoted(question, gathered).citations:
                told.quote(citation)

    def _quoted(self, question: str, gathered: Gathered) -> Made:
        given = self._given(gathered, "quote")
        return quoted_answer(question, gathered, given, self._parts.settings.sentences)

    def _given(self, gathered: Gathered, style: str) -> Given:
        """Within the budget, by the tokens of the model that reads it; of the embedder if none does."""
        budget = self._parts.settings.evidence_tokens
        if style == "quote":
            spans = self._parts.tokens.token_spans
            return give(gathered, lambda text: len(spans(text)), budget, counted_by="embedder")
        if not self._parts.model_reads():
            budget = min(budget, MOST_FOR_SMALL)
        count = self._parts.open_generator().count_tokens
        return give(gathered, count, budget, counted_by="generator")

    def _composed(self, question: str, gathered: Gathered, on_sentence: OnSentence | None) -> Made:
        given = self._given(gathered, "compose")
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
            trust=trust_in(self._parts.model_reads()),
            stand_ins=self._would_be_quoted(question, gathered, given),
            on_sentence=on_sentence and (lambda item: on_sentence(marked(item))),
        )
        sentences = tuple(map(marked, composition.sentences))
        use = given.use_without(composition.dropped_evidence)
        citations = marks.citations(given.sentences)
        return Made(sentences, citations, use, withheld=composition.withheld)

    def _would_be_quoted(self, question: str, gathered: Gathered, given: Given) -> list[int]:
        """Numbers of the evidence that the quote style would show of the same, the best first."""
        most, around = self._parts.settings.sentences, gathered.evidence
        _, citations = quote(given.best_first(), most, question=question, around=around)
        return [
            item.number
            for item in given.best_first()
            if any(
                item.document == citation.document and item.start <= citation.start < item.end
                for citation in citations
            )
        ]
