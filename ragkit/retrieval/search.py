"""From a question to ranked chunks: dense, lexical and routing candidates, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Reader
from ragkit.protocols import Embedder, QueryAdapter, VectorIndex, Vectors
from ragkit.retrieval.asking import holds
from ragkit.retrieval.foreign import POOL, alike
from ragkit.retrieval.learned import with_learned
from ragkit.retrieval.ranking import (
    FOREIGN_UNNAMED,
    NAMED,
    UNNAMED,
    Candidates,
    Ranked,
    Scores,
    rank,
    weighted,
)
from ragkit.retrieval.references import numbered, referred_to
from ragkit.retrieval.reranking import Reranking
from ragkit.retrieval.routing import Group
from ragkit.retrieval.understanding import Asked, Understanding, any_of

DEPTH = 200
"""Candidates taken from the vectors, and as many from the words. With 100 recall at 8 of contracts
falls from 0.786 to 0.782; with all chunks it is 0.793."""
WHOLE = (1.0, 1.0)
BODY = (0.0, 1.0)
COMMON = 0.2
"""Words in more than this share of the chunks are not searched for in the whole corpus: half the
time, recall at 8 of contracts 0.789 with 0.1 and with 1."""
COMMON_ASKED = 0.3
"""The same inside the routed documents, where time is no matter and "termination" is common:
with 0.1 recall at 8 falls from 0.789 to 0.770."""
FEWEST_WORDS = 3
"""So many of the rarest words are searched for however common they are."""
_MOSTLY_NATIVE = 0.5
"""Share of the first candidates from which on the embedder is taken to know what it compares."""
REFERRING = 3
"""The best chunks, whose references are followed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: chunks, best first.

    vectors: float32, shape (2, dimension), of the question and of its content. nearest: the cosine of
    the question and the nearest chunk, -1 to 1; 0 without chunks. ids: int64, shape (candidates,), of
    all that were compared. parts: by name, of the score of each, shape (candidates,).
    """

    asked: Asked
    ranked: tuple[Ranked, ...]
    vectors: Vectors
    nearest: float
    ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    parts: Mapping[str, Scores] = field(default_factory=dict)


@dataclass(slots=True)
class _Gathered:
    """Candidate entries: the document of each, and the word scores of those that have one."""

    documents: dict[int, int] = field(default_factory=dict)
    words: dict[int, float] = field(default_factory=dict)
    content_words: dict[int, float] = field(default_factory=dict)
    other_words: dict[int, float] = field(default_factory=dict)


class Retriever:
    """Searches one published state."""

    def __init__(
        self,
        reader: Reader,
        embedder: Embedder,
        indexes: Sequence[VectorIndex],
        *,
        adapter: QueryAdapter | None = None,
        reranking: Reranking | None = None,
    ) -> None:
        self._reader = reader
        self._embedder = embedder
        self._indexes = indexes
        self._adapter = adapter
        self._reranking = reranking

    def find(self, question: str, limit: int) -> Found:
        """At most `limit` chunks for a question, best first."""
        asked = Understanding(self._reader).asked(question)
        vectors = self._embedder.embed_queries([asked.question, asked.content])
        gathered = self._gather(asked, vectors)
        if not gathered.documents:
            return Found(asked, (), vectors, 0.0)
        rows = self._reader.entry_vectors(gathered.documents)
        candidates = self._candidates(gathered, rows, vectors, asked)
        parts = self._parts(candidates, asked)
        nearest = float(candidates.scores["question"].max())
        read = self._reranking.passages if self._reranking else 0
        depth = max(limit, read) if self._adapter is None else len(candidates.ids)
        ranked = rank(candidates, parts, depth)
        if self._adapter is not None:
            ranked = with_learned(ranked, rows, vectors[1], self._adapter)
        if self._reranking is not None:
            texts = self._reader.embedded_texts
            ranked = self._reranking.rerank(asked.question, ranked, texts, limit)
        return Found(asked, tuple(ranked[:limit]), vectors, nearest, candidates.ids, parts)

    # Candidates

    def _gather(self, asked: Asked, vectors: Vectors) -> _Gathered:
        found = _Gathered()
        for index in self._indexes:
            found.documents.update(self._near(index, vectors[0]))
        if words := _uncommon(asked.words, asked.frequency, COMMON * asked.chunks):
            rows = self._reader.lexical(any_of(words), WHOLE, DEPTH)
            for entry, document, score in rows:
                found.documents[entry], found.words[entry] = document, score
        most = COMMON_ASKED * asked.chunks
        content = _uncommon(asked.content_words, asked.frequency, most)
        others = _uncommon(asked.other_words, asked.frequency, most)
        for document in asked.named:
            entries = self._reader.entries_of_document(document)
            found.documents.update(dict.fromkeys(entries, document))
            for groups, scores in ((content, found.content_words), (others, found.other_words)):
                if groups:
                    scores.update(self._reader.lexical_within(any_of(groups), BODY, document))
        return found

    def _near(self, index: VectorIndex, vector: NDArray[np.float32]) -> dict[int, int]:
        """entry -> document of at least DEPTH neighbours, if there are so many.

        An index still holds vectors of documents that are no longer shown: then it is asked for more.
        """
        depth = DEPTH
        while True:
            ids, _ = index.query(vector, depth)
            shown = self._reader.entries_of_vectors(ids.tolist())
            if len(shown) >= DEPTH or len(ids) < depth:
                return {entry: document for places in shown.values() for entry, document in places}
            depth *= 2

    # Scores

    def _candidates(
        self,
        gathered: _Gathered,
        rows: Mapping[int, NDArray[np.float32]],
        vectors: Vectors,
        asked: Asked,
    ) -> Candidates:
        ids = sorted(gathered.documents)
        documents = [gathered.documents[entry] for entry in ids]
        matrix = np.stack([rows[entry] for entry in ids])  # (candidates, dimension)
        native = self._native(set(documents))
        cosines = matrix @ vectors.T  # (candidates, 2)
        scores = {
            "question": cosines[:, 0],
            "content": cosines[:, 1],
            "words": _column(gathered.words, ids),
            "content_words": _column(gathered.content_words, ids),
            "other_words": _column(gathered.other_words, ids),
            "route": _column(asked.route, documents),
        }
        if asked.named and asked.fact:
            scores["fact"] = _column(self._facts(asked), ids)
        return Candidates(
            ids=np.array(ids, dtype=np.int64),
            documents=np.array(documents, dtype=np.int64),
            native=np.array([native[document] for document in documents], dtype=np.bool_),
            scores=scores,
        )

    def _parts(self, candidates: Candidates, asked: Asked) -> dict[str, Scores]:
        if asked.named:
            return self._with_references(candidates, weighted(candidates, NAMED))
        first = weighted(candidates, UNNAMED)
        total = np.sum(list(first.values()), axis=0)
        pool = np.argsort(-total, kind="stable")[:POOL]
        # Among documents of both kinds a few foreign ones must not change the order of the others.
        if candidates.native[pool].mean() >= _MOSTLY_NATIVE:
            return first
        found = alike(self._reader, candidates.ids[pool].tolist(), asked)
        scores = dict(candidates.scores)
        for name, values in (("same_words", found.words), ("same_pieces", found.pieces)):
            scores[name] = np.zeros(len(candidates.ids), dtype=np.float32)
            scores[name][pool] = values
        return weighted(replace(candidates, scores=scores), FOREIGN_UNNAMED)

    def _with_references(
        self, candidates: Candidates, parts: dict[str, Scores]
    ) -> dict[str, Scores]:
        """With the sections that the best chunks refer to, in the same document, a little higher."""
        best = rank(candidates, parts, REFERRING)
        texts = self._reader.embedded_texts([item.id for item in best])
        found: dict[int, float] = {}
        for document in {item.document for item in best}:
            chunks = self._reader.chunks(self._reader.entries_of_document(document))
            headings = {entry: chunk.heading for entry, chunk in sorted(chunks.items())}
            sections = numbered(headings)
            for item in (item for item in best if item.document == document):
                for number in referred_to(texts[item.id]):
                    others = (entry for entry in sections.get(number, ()) if entry != item.id)
                    found.update(dict.fromkeys(others, 1.0))
        referred = {"referred": _column(found, candidates.ids.tolist())}
        return {**parts, **weighted(replace(candidates, scores=referred), NAMED)}

    def _facts(self, asked: Asked) -> dict[int, float]:
        """entry -> 1 for the chunks of named documents that hold a fact of the kind asked for."""
        found = {}
        for document in self._reader.documents_by_id(asked.named).values():
            entries = self._reader.entries_of_document(document.id)
            text = self._reader.text(
                document.content_id, 0, self._reader.length(document.content_id)
            )
            for entry, chunk in self._reader.chunks(entries).items():
                found[entry] = float(holds(asked.fact, text[chunk.start : chunk.end]))
        return found

    def _native(self, documents: set[int]) -> dict[int, bool]:
        """Whether the embedder was trained for each document's language, as far as that is known."""
        spoken = self._embedder.languages
        return {
            number: "*" in spoken or not entry.language or entry.language in spoken
            for number, entry in self._reader.documents_by_id(documents).items()
        }


def _uncommon(groups: Sequence[Group], frequency: Mapping[Group, int], most: float) -> list[Group]:
    """Those that occur, without the common ones, but for the FEWEST_WORDS rarest."""
    rarest = sorted((g for g in groups if frequency[g]), key=lambda group: frequency[group])
    return [
        group
        for place, group in enumerate(rarest)
        if place < FEWEST_WORDS or frequency[group] <= most
    ]


def _column(scores: Mapping[int, float], keys: Sequence[int]) -> Scores:
    return np.array([scores.get(key, 0.0) for key in keys], dtype=np.float32)
