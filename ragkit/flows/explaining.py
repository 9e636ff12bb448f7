"""Explaining: why passages are where they are, and why a question was answered or refused.

Only made where it is asked for: the figures are those the ranking worked with, and the words are put
together here from them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.searching import SearchReader
from ragkit.flows.evidence import Gathered
from ragkit.flows.reasons import decision_in_words, passage_in_words
from ragkit.language import language_of
from ragkit.retrieval.analysis import QuestionWord, terms
from ragkit.retrieval.answerability import checked
from ragkit.retrieval.ranking import Ranked
from ragkit.retrieval.search import Found
from ragkit.types import Citation, Evidence, Passage
from ragkit.types.explanation import (
    AskedWords,
    Decision,
    EvidenceUsed,
    Explanation,
    PassageReasons,
    Preferred,
    ScorePart,
    Weighed,
)

SAME = 1e-4
"""Parts of scores that differ by less are one place: they are shown with three decimals."""
EVIDENCE_SHOWN = 8
"""Sentences of the evidence that are shown beside those that were cited."""


def explained(
    reader: SearchReader, found: Found, passages: Sequence[Passage], adapter: str
) -> Explanation:
    """Why the first chunks of `found`, shown as `passages`, are where they are."""
    return _Explaining(reader, found).explained(passages, adapter)


def with_decision(
    gathered: Gathered, citations: Sequence[Citation], *, is_ambiguous: bool = False
) -> Explanation | None:
    """The explanation of the passages with why the question was answered or not."""
    if gathered.explanation is None:
        return None
    found = checked(gathered.signals, gathered.calibration)
    decision = Decision(
        is_answered=bool(citations),
        says=decision_in_words(
            found, bool(gathered.evidence), bool(citations), is_ambiguous=is_ambiguous
        ),
        checks=tuple((check.name, check.figure, check.least) for check in found),
        signals=gathered.signals.as_pairs(),
        evidence=tuple(_used(gathered.evidence, citations)),
        weighed=tuple(
            Weighed(check.name, name, value, weight)
            for check in found
            for name, weight, value in check.parts
        ),
        biases=tuple((check.name, check.bias) for check in found if check.parts),
        is_fitted=gathered.calibration.is_fitted,
    )
    return replace(gathered.explanation, decision=decision)


def _used(evidence: Sequence[Evidence], citations: Sequence[Citation]) -> list[EvidenceUsed]:
    """The best sentences, and those that were cited, by the number of their citation."""
    marks = {(cited.document, cited.start): cited.mark for cited in citations}
    return [
        EvidenceUsed(
            number=item.number,
            document=item.document,
            page=item.page,
            start=item.start,
            end=item.end,
            text=item.text,
            score=item.score,
            mark=marks.get((item.document, item.start), 0),
        )
        for item in evidence
        if item.number <= EVIDENCE_SHOWN or (item.document, item.start) in marks
    ]


class _Explaining:
    """One question in one published state."""

    def __init__(self, reader: SearchReader, found: Found) -> None:
        self.reader = reader
        self.found = found
        self.asked = found.asked
        self.language = language_of(self.asked.question)
        self.words = self.asked.spelled

    def explained(self, passages: Sequence[Passage], adapter: str) -> Explanation:
        preferred = self._preferred()
        entries = [item.id for item in self.found.ranked[: len(passages)]]
        sentences = self._best_sentences(entries)
        places = self._places(entries)
        shown = [
            self._reasons(passage, item, places[at], sentences.get(item.id), preferred)
            for at, (passage, item) in enumerate(zip(passages, self.found.ranked, strict=False))
        ]
        return Explanation(
            self._asked_words(preferred), len(self.found.ids), tuple(shown), adapter=adapter
        )

    # The question

    def _asked_words(self, preferred: Mapping[int, Preferred]) -> AskedWords:
        naming = [word for word in self.words if word.terms and not self._asks(word)]
        content = [word for word in self.words if self._asks(word)]
        ignored = [word for word in self.words if not word.terms]
        return AskedWords(
            language=self.language,
            naming=self._spelled(naming),
            content=self._spelled(content),
            ignored=self._spelled(ignored),
            fact=self.asked.fact if self.asked.named else "",
            preferred=tuple(preferred.values()),
        )

    def _asks(self, word: QuestionWord) -> bool:
        return any(group in self.asked.content_words for group in word.terms)

    def _spelled(self, words: Sequence[QuestionWord]) -> tuple[str, ...]:
        """As they stand in the question, each once."""
        spelled = (self.asked.question[word.start : word.end] for word in words)
        return tuple({one.casefold(): one for one in spelled}.values())

    def _preferred(self) -> dict[int, Preferred]:
        """The documents that the question names, likeliest first."""
        named = self.asked.named
        documents = self.reader.documents_by_id(named)
        columns = self.reader.naming_words(named)
        best = max((self.asked.route.get(number, 0.0) for number in named), default=0.0)
        found = {}
        for number in named:
            terms_there = {term for column in columns[number][:3] for term in column.split()}
            matched = [word for word in self.words if _holds(terms_there, word)]
            share = self.asked.route.get(number, 0.0) / best if best else 0.0
            entry = documents[number]
            found[number] = Preferred(entry.path, self._spelled(matched), share, entry.sha256)
        return found

    # Passages

    def _reasons(
        self,
        passage: Passage,
        item: Ranked,
        places: Mapping[str, int],
        sentence: tuple[str, float] | None,
        preferred: Mapping[int, Preferred],
    ) -> PassageReasons:
        matched = self._matched(passage)
        text, nearness = sentence or ("", 0.0)
        parts = tuple(ScorePart(name, value, places.get(name, 0)) for name, value in item.parts)
        reasons = PassageReasons(
            rank=passage.rank,
            score=item.score,
            parts=parts,
            matched=matched,
            sentence=text,
            nearness=nearness,
            is_preferred=item.document in preferred,
            says="",
        )
        names = preferred[item.document].matched if item.document in preferred else ()
        says = passage_in_words(reasons, names, bool(preferred), len(self.found.ids))
        return replace(reasons, says=says)

    def _matched(self, passage: Passage) -> tuple[str, ...]:
        """Words that ask for something, and that the passage or its heading holds."""
        language = self.reader.documents_by_id([passage.document_id])[passage.document_id].language
        held = set(terms(f"{passage.heading} {passage.text}", language))
        words = [word for word in self.words if self._asks(word) and _holds(held, word)]
        return self._spelled(words)

    def _best_sentences(self, entries: Sequence[int]) -> dict[int, tuple[str, float]]:
        """entry -> its sentence nearest to the question or to its content, and the cosine."""
        chunks = self.reader.chunks(entries)
        contents = self.reader.documents_by_id({chunk.document_id for chunk in chunks.values()})
        found = {}
        for entry, (spans, vectors) in self.reader.sentence_vectors(entries).items():
            if not len(spans):
                continue
            cosines = (vectors @ self.found.vectors.T).max(axis=1)  # (sentences,)
            best = int(cosines.argmax())
            chunk = chunks[entry]
            start, end = (int(at) + chunk.start for at in spans[best])
            content = contents[chunk.document_id].content_id
            found[entry] = (self.reader.text(content, start, end), float(cosines[best]))
        return found

    def _places(self, entries: Sequence[int]) -> list[dict[str, int]]:
        """For each chunk its place among all candidates by each part of the score alone, from 1."""
        at = {int(entry): row for row, entry in enumerate(self.found.ids)}
        return [
            {name: _place(values, at[entry]) for name, values in self.found.parts.items()}
            for entry in entries
        ]


def _place(values: NDArray[np.float32], row: int) -> int:
    return 1 + int((values > values[row] + SAME).sum())


def _holds(held: Collection[str], word: QuestionWord) -> bool:
    return any(variant in held for variants in word.terms for variant in variants)
