"""Abridging one document: facts by rule, sentences that cover it, each with the quote it rests on.

What comes out names no path, so that it can be kept with the content and shown under any name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ragkit.catalog import DocumentEntry
from ragkit.flows.citing import Marks
from ragkit.flows.composing import compose
from ragkit.flows.material import Material, Quote
from ragkit.flows.together import Stop, Stoppable, side_by_side
from ragkit.llm.prompts import summary_messages
from ragkit.protocols import Embedder, Generator, Vectors
from ragkit.summaries.candidates import Candidate, candidates_of, quotes_of
from ragkit.summaries.keyfacts import FoundFact, key_facts
from ragkit.summaries.selection import DocumentSentences, Focus, choose, default_words, shortlist
from ragkit.types import AnswerSentence, Citation, KeyFact, Span, SummarySentence

MOST_CANDIDATES = 120
"""Sentences of a document that are embedded: the best by their words alone."""
POOL_WORDS = 150
"""Words of each document that a summary of all of them is chosen from."""
LONGEST_FACT_QUOTE = 300
"""Characters. Of a longer sentence that is no clause, a fact quotes itself alone."""
KEPT_AS = "<f2"
"""Half precision is enough to choose by, and half as large."""
MOST_TOGETHER = 4
"""Sentences that a model rewrites at once."""
NOTHING = DocumentSentences((), np.empty((0, 0), np.float32))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of summary is wanted. style: "quote" or "compose". words: None for as many as the
    document's size asks for. question: what it is to answer, or ""."""

    style: str
    words: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Abridgement:
    """A document's summary as it is kept. Its citations name no document yet.

    pool: the candidates that a summary of several documents is chosen from.
    """

    facts: tuple[KeyFact, ...]
    sentences: tuple[SummarySentence, ...]
    citations: tuple[Citation, ...]
    sections: int = 0
    covered: int = 0
    pool: DocumentSentences = NOTHING

    def cited_as(self, entry: DocumentEntry) -> tuple[Citation, ...]:
        """The citations, naming the document that shows the content now."""
        return tuple(
            replace(citation, document=entry.path, sha256=entry.sha256)
            for citation in self.citations
        )

    def to_json(self) -> str:
        vectors = self.pool.vectors.astype(KEPT_AS)
        body = {
            "facts": [asdict(fact) for fact in self.facts],
            "sentences": [asdict(sentence) for sentence in self.sentences],
            "citations": [asdict(citation) for citation in self.citations],
            "sections": self.sections,
            "covered": self.covered,
            "pool": [asdict(candidate) for candidate in self.pool.candidates],
            "vectors": [vectors.shape, base64.b64encode(vectors.tobytes()).decode("ascii")],
        }
        return json.dumps(body, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Abridgement:
        body = json.loads(text)
        shape, data = body["vectors"]
        vectors = np.frombuffer(base64.b64decode(data), dtype=KEPT_AS).reshape(shape)
        candidates = [Candidate(**item) for item in body["pool"]]
        return cls(
            facts=tuple(KeyFact(**_with_marks(item)) for item in body["facts"]),
            sentences=tuple(SummarySentence(**_with_marks(item)) for item in body["sentences"]),
            citations=tuple(
                Citation(**{**item, "fenced": tuple(item.get("fenced", ()))})
                for item in body["citations"]
            ),
            sections=body["sections"],
            covered=body["covered"],
            pool=DocumentSentences(candidates, vectors.astype(np.float32)),
        )


def _with_marks(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "citations": tuple(row["citations"])}


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

    def abridge(self, material: Material) -> Abridgement:
        """The summary of one document."""
        candidates = candidates_of(material.text, material.sentences, material.sections)
        sentences = self._worth_embedding(candidates)
        words = self.wanted.words or default_words(len(material.text), len(set(material.sections)))
        chosen = self._choose(sentences, words)
        quotes = _quotes(material, [sentences.candidates[index] for index in chosen])
        facts, fact_quotes = _facts(material, quotes, candidates)
        told = self._tell(quotes, material.entry.language)
        pool = self._choose(sentences, POOL_WORDS)
        return replace(
            _abridgement(facts, told, (*quotes, *fact_quotes)),
            sections=len({candidate.section for candidate in candidates}),
            covered=len({quote.evidence.heading for quote in quotes}),
            pool=DocumentSentences(
                [sentences.candidates[index] for index in pool],
                # As they are kept: a run that finds them again must choose the same.
                sentences.vectors[pool].astype(KEPT_AS).astype(np.float32),
            ),
        )

    def excerpt(self, material: Material, chosen: Sequence[Candidate]) -> Abridgement:
        """Chosen sentences of one document alone, for a summary of several."""
        quotes = _quotes(material, chosen)
        return _abridgement((), self._tell(quotes, material.entry.language), quotes)

    def _tell(self, quotes: Sequence[Quote], language: str) -> list[SummarySentence]:
        """The sentences of a summary, in the wanted style; their citations are evidence numbers.

        No quote is lost: what a model does not point at is quoted beside what it wrote.
        """
        if self.wanted.style == "quote":
            return [_quoted(quote) for quote in quotes]
        groups = list(_groups(quotes))

        def rewritten(group: Sequence[Quote], stop: Stop) -> list[SummarySentence]:
            return list(self._rewrite(group, language, stop))

        if not groups:  # opens no model
            return []
        told = side_by_side(rewritten, groups, self._generator.parallel)
        return [sentence for sentences in told for sentence in sentences]

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
            cancel=stop,
        )
        for sentence in composition.sentences:
            yield _written(sentence, by_number[sentence.citations[0]])
        pointed_at = {number for item in composition.sentences for number in item.citations}
        for number, quote in by_number.items():
            if number not in pointed_at:
                yield _quoted(quote)


def _abridgement(
    facts: Sequence[KeyFact], sentences: Sequence[SummarySentence], quotes: Sequence[Quote]
) -> Abridgement:
    """With marks, in the order of their use, in place of evidence numbers."""
    marks = Marks()
    marked_facts = tuple(replace(fact, citations=marks.of(fact.citations)) for fact in facts)
    marked = tuple(replace(item, citations=marks.of(item.citations)) for item in sentences)
    citations = marks.citations([quote.evidence for quote in quotes])
    unnamed = tuple(replace(citation, document="", sha256="") for citation in citations)
    return Abridgement(marked_facts, marked, unnamed)


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
