"""The quality gate: the owner's gold questions, asked of a state before anybody else can see it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.contents import load_vectors
from ragkit.flows.answering import quote
from ragkit.flows.evidence import Gathered, gather_from
from ragkit.flows.searching import View
from ragkit.gold import Gate, GoldQuestion
from ragkit.protocols import Embedder, VectorIndex, Vectors
from ragkit.retrieval.search import Retriever
from ragkit.types import Citation, GateFailure, GateVerdict, Passage

ExactIndex = Callable[[NDArray[np.int64], Vectors], VectorIndex]

QUOTED = 4
"""Sentences of an answer whose citations are looked up: as many as an answer has by default."""
SIGNS_OF_PATTERNS = "*?["


def judge(gate: Gate, catalog: Catalog, embedder: Embedder, exact_index: ExactIndex) -> GateVerdict:
    """Whether the state that this connection sees, published or not, answers the gate's questions.

    Called inside the publishing transaction. It passes if enough questions find their document, with
    their quote, and if every citation of an answer stands in its document as it is quoted.
    Holds all vectors of the state in memory once: 300 MB for 200,000 of 384 numbers.
    """
    asked = _Asked(gate, catalog, embedder, exact_index)
    reasons = [(question, asked.why_it_fails(question)) for question in gate.questions]
    failures = [(question, why) for question, why in reasons if why.reason]
    missed = sum(not why.found for _, why in reasons)
    recall = 1 - missed / len(gate.questions)
    return GateVerdict(
        passed=recall >= gate.minimum_recall and all(why.cited for _, why in reasons),
        recall=recall,
        minimum=gate.minimum_recall,
        questions=len(gate.questions),
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
        self, gate: Gate, catalog: Catalog, embedder: Embedder, exact_index: ExactIndex
    ) -> None:
        self._gate = gate
        self._embedder = _Remembering(embedder)
        self._reader = Reader(catalog)
        ids, vectors = _all_vectors(catalog)
        indexes = [exact_index(ids, vectors)] if len(ids) else []
        self._view = View(self._reader, Retriever(self._reader, self._embedder, indexes))
        self._unreadable = [entry.path for entry in self._reader.quarantine()]

    def why_it_fails(self, question: GoldQuestion) -> _Why:
        gathered = gather_from(self._view, self._embedder, question.question, self._gate.passages)
        citations = quote(gathered.evidence, QUOTED)[1] if gathered.evidence else ()
        if not all(map(self._is_true, citations)):
            return _Why("a citation does not stand in its document", found=True, cited=False)
        return self._missed(question, gathered)

    def _missed(self, question: GoldQuestion, gathered: Gathered) -> _Why:
        document = self._as_published(question.document)
        right = [p for p in gathered.passages if is_of(p.document, document)]
        if not right:
            return _Why(self._why_not_there(document), found=False)
        quotes = [words for text in question.quotes if (words := plain(text))]
        texts = [plain(text) for text in self._stretches(right)]
        if quotes and not any(words in text for words in quotes for text in texts):
            return _Why(
                f"its document is among the first {self._gate.passages} passages, but not its quote",
                found=False,
            )
        return _Why("", found=True)

    def _why_not_there(self, document: str) -> str:
        if any(is_of(path, document) for path in self._unreadable):
            return "its document could not be read"
        is_pattern = any(sign in document for sign in SIGNS_OF_PATTERNS)
        if not is_pattern and self._reader.document(document) is None:
            return (
                "there is no such document in the index; if it was removed on purpose, take the "
                "question out of the gate's file"
            )
        return f"its document is not among the first {self._gate.passages} passages"

    def _as_published(self, document: str) -> str:
        """The path without folders above the corpus, if it names a document only so."""
        rest = document
        while rest and self._reader.document(rest) is None:
            rest = rest.partition("/")[2]
        return rest or document

    def _is_true(self, citation: Citation) -> bool:
        """Whether the quote is what stands at its range."""
        entry = self._reader.document(citation.document)
        if entry is None:
            return False
        text = self._reader.text(entry.content_id, citation.start, citation.end)
        return bool(text) and text == citation.quote

    def _stretches(self, passages: Sequence[Passage]) -> Iterator[str]:
        """The text of the passages, those that touch as one: a quote may begin in one of them."""
        for document in {passage.document for passage in passages}:
            entry = self._reader.document(document)
            assert entry is not None  # it was found in this state
            spans = sorted((p.start, p.end) for p in passages if p.document == document)
            for start, end in _joined(spans):
                yield self._reader.text(entry.content_id, start, end)


class _Remembering:
    """An embedder that computes a sentence once: many questions look at the same passages."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.window = embedder.window
        self.languages = embedder.languages

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.embed_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_queries(texts)


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


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges with those joined that overlap, or have only a blank or two between them."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 2:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def is_of(path: str, document: str) -> bool:
    """Whether a document is the one named, fits the pattern, or is an attachment of such."""
    whole, _, _ = path.partition("::")
    return any(name == document or fnmatchcase(name, document) for name in (path, whole))


def plain(text: str) -> str:
    """Words for comparison: one form of every letter, small, single spaces, nothing invisible."""
    shown = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())
