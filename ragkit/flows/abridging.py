"""Abridging one document: facts by rule, sentences that cover it, each with the quote it rests on.

What comes out names no path, so that it can be kept with the content and shown under any name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ragkit.flows.abridgement import KEPT_AS, NOTHING, Abridgement
from ragkit.flows.citing import Marks
from ragkit.flows.composing import FULL_TRUST, Trust, compose
from ragkit.flows.fielding import Fielded, field_document, marked_fields
from ragkit.flows.material import Material, Quote
from ragkit.flows.together import Stop, Stoppable
from ragkit.llm.prompts import summary_messages
from ragkit.protocols import Embedder, Generator, Vectors
from ragkit.summaries.candidates import Candidate, candidates_of, quotes_of
from ragkit.summaries.keyfacts import FoundFact, key_facts
from ragkit.summaries.selection import DocumentSentences, Focus, choose, default_words, shortlist
from ragkit.templates.template import Template
from ragkit.types import AnswerSentence, KeyFact, Span, SummarySentence

MOST_CANDIDATES = 120
"""Sentences of a document that are embedded: the best by their words alone."""
POOL_WORDS = 150
"""Words of each document that a summary of all of them is chosen from."""
LONGEST_FACT_QUOTE = 300
"""Characters. Of a longer sentence that is no clause, a fact quotes itself alone."""
MOST_TOGETHER = 4
"""Sentences that a model rewrites at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of summary is wanted. style: "quote" or "compose". words: None for as many as the
    document's size asks for. question: what it is to answer, or "". templates: by the first of them that
    fits a document it is asked for fields; none for no fields. trust: what the model is allowed."""

    style: str
    words: int | None = None
    question: str = ""
    templates: tuple[Template, ...] = ()
    trust: Trust = FULL_TRUST


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the summary of one document rests on, before it is told. Evidence numbers are the citations
    of facts; fact_quotes: those that `quotes` do not have."""

    language: str
    quotes: tuple[Quote, ...]
    facts: tuple[KeyFact, ...] = ()
    fact_quotes: tuple[Quote, ...] = ()
    sections: int = 0
    covered: int = 0
    pool: DocumentSentences = NOTHING
    fielded: Fielded | None = None


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Neighbouring sentences of one document that a model rewrites at once. language: ISO 639-1."""

    quotes: tuple[Quote, ...]
    language: str


class Abridger:
    """Makes summaries of one kind; opens its models when they are first needed."""

    def __init__(
        self,
        wanted: Wanted,
        open_embedder: Callable[[], Embedder],
        open_generator: Callable[[], Generator],
    ) -> None:
        self.wanted = wanted
        self._open_embedder = open_embedder
        self._open_generator = open_generator

    @cached_property
    def focus(self) -> Focus | None:
        question = self.wanted.question
        if not question:
            return None
        return Focus(question, self._embedder.embed_queries([question])[0])

    # The steps of a document, or of an excerpt of it; abridging_together.py does them for several at once

    def choose(self, material: Material) -> Chosen:
        """What the summary of a document rests on."""
        candidates = candidates_of(material.text, material.sentences, material.sections)
        sentences = self._worth_embedding(candidates)
        words = self.wanted.words or default_words(len(material.text), len(set(material.sections)))
        chosen = self._choose(sentences, words)
        quotes = _quotes(material, [sentences.candidates[index] for index in chosen])
        facts, fact_quotes = _facts(material, quotes, candidates)
        fielded = field_document(material, self.wanted.templates, (*quotes, *fact_quotes))
        pool = self._choose(sentences, POOL_WORDS)
        return Chosen(
            material.entry.language,
            tuple(quotes),
            tuple(facts),
            tuple(fact_quotes),
            sections=len({candidate.section for candidate in candidates}),
            covered=len({quote.evidence.heading for quote in quotes}),
            pool=DocumentSentences(
                [sentences.candidates[index] for index in pool],
                # As they are kept: a run that finds them again must choose the same.
                sentences.vectors[pool].astype(KEPT_AS).astype(np.float32),
            ),
            fielded=fielded,
        )

    def choose_excerpt(self, material: Material, chosen: Sequence[Candidate]) -> Chosen:
        """What chosen sentences of a document alone rest on, for a summary of several."""
        return Chosen(material.entry.language, tuple(_quotes(material, chosen)))

    def groups(self, chosen: Chosen) -> list[Rewriting]:
        """What a model is to rewrite, each piece by itself; none where it is quoted."""
        if self.wanted.style == "quote":
            return []
        return [Rewriting(tuple(group), chosen.language) for group in _groups(chosen.quotes)]

    def rewritten(self, piece: Rewriting, stop: Stop) -> list[SummarySentence]:
        """The sentences that a model makes of a group. Raises Interrupted after `stop`."""
        return list(self._rewrite(piece.quotes, piece.language, stop))

    def told(self, chosen: Chosen, rewritten: Sequence[list[SummarySentence]]) -> Abridgement:
        """The summary in the wanted style. rewritten: of each of `groups`.

        No quote is lost: what a model does not point at is quoted beside what it wrote.
        """
        sentences = [sentence for each in rewritten for sentence in each]
        if self.wanted.style == "quote":
            sentences = [_quoted(quote) for quote in chosen.quotes]
        quotes = (*chosen.quotes, *chosen.fact_quotes)
        if fielded := chosen.fielded:
            sentences = fielded.arranged(sentences, chosen.language)
            quotes = (*quotes, *fielded.quotes)
        return replace(
            _abridgement(chosen.facts, sentences, quotes, fielded),
            sections=chosen.sections,
            covered=chosen.covered,
            pool=chosen.pool,
        )

    def shrunk(self, pool: DocumentSentences, words: int) -> DocumentSentences:
        """The sentences of a pool that say most in so many words."""
        kept = self._choose(pool, words)
        return DocumentSentences([pool.candidates[index] for index in kept], pool.vectors[kept])

    @property
    def parallel(self) -> int:
        """How many groups it is worth rewriting at once."""
        return self._generator.parallel

    def open_models(self) -> None:
        """Those that a summary needs, so that what is measured afterwards is its making alone."""
        _ = self._embedder
        if self.wanted.style != "quote":
            _ = self._generator

    @cached_property
    def _embedder(self) -> Embedder:
        return self._open_embedder()

    @cached_property
    def _generator(self) -> Generator:
        return self._open_generator()

    def _worth_embedding(self, candidates: Sequence[Candidate]) -> DocumentSentences:
        """The best by their words, with their vectors."""
        kept = shortlist(candidates, MOST_CANDIDATES, self.wanted.question)
        chosen = [candidates[index] for index in kept]
        return DocumentSentences(chosen, self._vectors([item.text for item in chosen]))

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        if not texts:  # a document without sentences opens no model
            return np.empty((0, 0), np.float32)
        return self._embedder.embed_passages(texts)

    def _choose(self, sentences: DocumentSentences, words: int) -> list[int]:
        if not sentences.candidates:
            return []
        return choose(sentences.candidates, sentences.vectors, words=words, focus=self.focus)

    def _rewrite(
        self, group: Sequence[Quote], language: str, stop: Stop
    ) -> Iterator[SummarySentence]:
        by_number = {quote.evidence.number: quote for quote in group}
        composition = compose(
            self.wanted.question,
            language or "en",
            [quote.evidence for quote in group],
            Stoppable(self._generator, stop),
            prompt=summary_messages,
            max_sentences=len(group),
            trust=self.wanted.trust,
            cancel=stop,
        )
        for sentence in composition.sentences:
            yield _written(sentence, by_number[sentence.citations[0]])
        pointed_at = {number for item in composition.sentences for number in item.citations}
        for number, quote in by_number.items():
            if number not in pointed_at:
                yield _quoted(quote)


def _abridgement(
    facts: Sequence[KeyFact],
    sentences: Sequence[SummarySentence],
    quotes: Sequence[Quote],
    fielded: Fielded | None,
) -> Abridgement:
    """With marks, in the order of their use, in place of evidence numbers."""
    marks = Marks()
    fields = marked_fields(fielded.fields, marks) if fielded else ()
    marked_facts = tuple(replace(fact, citations=marks.of(fact.citations)) for fact in facts)
    marked = tuple(replace(item, citations=marks.of(item.citations)) for item in sentences)
    citations = marks.citations([quote.evidence for quote in quotes])
    unnamed = tuple(replace(citation, document="", sha256="") for citation in citations)
    template = fielded.template.name if fielded else ""
    return Abridgement(marked_facts, marked, unnamed, template=template, fields=fields)


def _quotes(material: Material, chosen: Sequence[Candidate]) -> list[Quote]:
    return [
        material.quote(number, quote.start, quote.end, quote.section)
        for number, quote in enumerate(quotes_of(material.text, chosen), start=1)
    ]


def _facts(
    material: Material, quotes: Sequence[Quote], candidates: Sequence[Candidate]
) -> tuple[list[KeyFact], list[Quote]]:
    """Key facts that cite evidence numbers, and the quotes that the sentences do not have yet."""
    places = {(q.evidence.start, q.evidence.end): q.evidence.number for q in quotes}
    facts, more = [], []
    for found in key_facts(material.text, material.sentences, material.document_facts):
        place = next((p for p in places if p[0] <= found.start and found.end <= p[1]), None)
        if place is None:
            span = _around(material, found, candidates)
            place = (span.start, span.end)
            more.append(material.quote(len(places) + 1, *place))
            places[place] = len(places) + 1
        facts.append(KeyFact(found.name, found.value, (places[place],)))
    return facts, more


def _around(material: Material, fact: FoundFact, candidates: Sequence[Candidate]) -> Span:
    """The clause a fact stands in, else its sentence, else the fact alone."""
    sentence = material.sentence_at(fact.start)
    if sentence.end - sentence.start > LONGEST_FACT_QUOTE:
        sentence = Span(fact.start, fact.end)
    around = [*(Span(item.start, item.end) for item in candidates), sentence]
    inside = (span for span in around if span.start <= fact.start and fact.end <= span.end)
    return next(inside, Span(fact.start, fact.end))


def _groups(quotes: Sequence[Quote]) -> Iterator[list[Quote]]:
    """Neighbours that are rewritten together: those of a section, or two and more short ones."""
    group: list[Quote] = []
    for quote in quotes:
        elsewhere = bool(group) and quote.evidence.heading != group[-1].evidence.heading
        if len(group) == MOST_TOGETHER or (elsewhere and len(group) >= 2):
            yield group
            group = []
        group.append(quote)
    if group:
        yield group


def _quoted(quote: Quote) -> SummarySentence:
    evidence = quote.evidence
    return SummarySentence(quote.shown, (evidence.number,), "quoted", evidence.heading)


def _written(sentence: AnswerSentence, quote: Quote) -> SummarySentence:
    """A composed sentence under the section of the evidence it points at first."""
    text = quote.shown if sentence.status == "replaced" else sentence.text
    return SummarySentence(text, sentence.citations, sentence.status, quote.evidence.heading)
