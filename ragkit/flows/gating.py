"""The quality gate: the owner's gold questions, asked of a state before anybody else can see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.contents import load_vectors
from ragkit.catalog.searching import SearchReader
from ragkit.evaluation.alignment import holds_whole
from ragkit.flows.evidence import evidence_in
from ragkit.flows.gold_places import GoldPlaces, is_pattern, stretches
from ragkit.flows.quoting import quote
from ragkit.flows.searching import View
from ragkit.gold import Gate, GoldQuestion
from ragkit.protocols import Embedder, VectorIndex, Vectors
from ragkit.retrieval.search import Retriever
from ragkit.retrieval.wording import Wording
from ragkit.types import Citation, GateFailure, GateVerdict, Passage

ExactIndex = Callable[[NDArray[np.int64], Vectors], VectorIndex]

QUOTED = 4
"""Sentences of an answer whose citations are looked up: as many as an answer has by default."""


def judge(
    gate: Gate,
    catalog: Catalog,
    embedder: Embedder,
    exact_index: ExactIndex,
    wording: Wording | None = None,
) -> GateVerdict:
    """Whether the state that this connection sees, published or not, answers the gate's questions.

    Called inside the publishing transaction. It passes if enough questions find their document, with
    one of their quotes whole, and if every citation of an answer stands in its document as it is
    quoted. Questions without an answer are left out: nothing that is found can be right.
    Holds all vectors of the state in memory once: 300 MB for 200,000 of 384 numbers.
    """
    asked = _Asked(gate, catalog, embedder, exact_index, wording)
    answerable = [question for question in gate.questions if question.answerable]
    reasons = [(question, asked.why_it_fails(question)) for question in answerable]
    failures = [(question, why) for question, why in reasons if why.reason]
    missed = sum(not why.found for _, why in reasons)
    recall = 1 - missed / len(answerable)
    return GateVerdict(
        passed=recall >= gate.minimum_recall and all(why.cited for _, why in reasons),
        recall=recall,
        minimum=gate.minimum_recall,
        questions=len(answerable),
        failures=tuple(
            GateFailure(question.id, question.question, why.reason, question.document)
            for question, why in failures
        ),
    )


@dataclass(frozen=True, slots=True)
class _Why:
    """What came of a question. found: its document and quote; cited: every citation is true."""

    reason: str
    found: bool
    cited: bool = True


class _Asked:
    """The state under judgement, open for questions."""

    def __init__(
        self,
        gate: Gate,
        catalog: Catalog,
        embedder: Embedder,
        exact_index: ExactIndex,
        wording: Wording | None,
    ) -> None:
        self._gate = gate
        self._embedder = embedder
        self._reader = SearchReader(catalog)
        ids, vectors = _all_vectors(catalog)
        indexes = [exact_index(ids, vectors)] if len(ids) else []
        retriever = Retriever(self._reader, self._embedder, indexes, wording=wording)
        self._view = View(self._reader, retriever)
        self._places = GoldPlaces(self._reader)

    def why_it_fails(self, question: GoldQuestion) -> _Why:
        found = self._view.find(question.question, self._gate.passages)
        passages = self._view.passages(found, self._gate.passages)
        evidence = evidence_in(self._view, self._embedder, found, passages)
        citations = quote(evidence, QUOTED)[1] if evidence else ()
        if not all(map(self._is_true, citations)):
            return _Why("a citation does not stand in its document", found=True, cited=False)
        return self._missed(question, passages)

    def _missed(self, question: GoldQuestion, passages: Sequence[Passage]) -> _Why:
        named = {target.document for target in self._places.targets(question)}
        right = [passage for passage in passages if passage.document in named]
        if not right:
            return _Why(self._why_not_there(question), found=False)
        quotes = self._places.quotes(question)
        texts = stretches(self._reader, right)
        if quotes and not any(holds_whole(text, quotes) for text in texts):
            return _Why(
                f"its document is among the first {self._gate.passages} passages, but not its quote",
                found=False,
            )
        return _Why("", found=True)

    def _why_not_there(self, question: GoldQuestion) -> str:
        document, documents = question.document, self._places.documents
        if documents.is_unreadable(document):
            return "its document could not be read"
        if not is_pattern(document) and not documents.named(document):
            return (
                "there is no such document in the index; if it was removed on purpose, take the "
                "question out of the gate's file"
            )
        return f"its document is not among the first {self._gate.passages} passages"

    def _is_true(self, citation: Citation) -> bool:
        """Whether the quote is what stands at its range."""
        entry = self._reader.document(citation.document)
        if entry is None:
            return False
        text = self._reader.text(entry.content_id, citation.start, citation.end)
        return bool(text) and text == citation.quote


def _all_vectors(catalog: Catalog) -> tuple[NDArray[np.int64], Vectors]:
    """Ids, shape (n,), and vectors, shape (n, dimension), of the state's embedder.

    Filled batch by batch into an array of the final size: a second copy would double the memory.
    """
    reader = Reader(catalog)
    embedder = reader.state("embedder")
    count, _ = reader.vector_totals(embedder)
    ids = np.empty(count, np.int64)
    vectors = np.empty((0, 0), np.float32)
    at = 0
    for batch_ids, batch in load_vectors(catalog.connection, embedder):
        if not at:
            vectors = np.empty((count, batch.shape[1]), np.float32)
        ids[at : at + len(batch)], vectors[at : at + len(batch)] = batch_ids, batch
        at += len(batch)
    return ids, vectors
