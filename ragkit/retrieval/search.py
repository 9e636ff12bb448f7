"""From a question to ranked chunks: dense, lexical and routing candidates, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.searching import SearchReader
from ragkit.protocols import Embedder, QueryAdapter, VectorIndex, Vectors
from ragkit.retrieval.foreign import POOL, alike
from ragkit.retrieval.gathering import Gathered, Gatherer
from ragkit.retrieval.inside import defining, holding_fact, referred_sections
from ragkit.retrieval.learned import with_learned
from ragkit.retrieval.ranking import (
    FOREIGN_UNNAMED,
    NAMED,
    POOLED,
    UNNAMED,
    Candidates,
    Ranked,
    Scores,
    by_language,
    rank,
    weighted,
)
from ragkit.retrieval.reranking import Reranking
from ragkit.retrieval.understanding import Asked, Understanding
from ragkit.retrieval.wording import Wording

REFERRING = 3
"""The best chunks, whose references are followed."""
LOOKED_INTO = 150
"""The best chunks of the named documents, that are looked into for the kind of fact asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: chunks, best first.

    vectors: float32, shape (2, dimension), of the question and of its content. nearest: the cosine of
    the question and the nearest chunk, -1 to 1; 0 without chunks. ids: int64, shape (candidates,), of
    all that were compared, and documents: theirs. parts: by name, of the score of each, shape
    (candidates,). scores: what these are made of, not yet scaled.
    """

    asked: Asked
    ranked: tuple[Ranked, ...]
    vectors: Vectors
    nearest: float
    ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    parts: Mapping[str, Scores] = field(default_factory=dict)
    documents: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    scores: Mapping[str, Scores] = field(default_factory=dict)


class Retriever:
    """Searches one published state."""

    def __init__(
        self,
        reader: SearchReader,
        embedder: Embedder,
        indexes: Sequence[VectorIndex],
        *,
        adapter: QueryAdapter | None = None,
        reranking: Reranking | None = None,
        wording: Wording | None = None,
    ) -> None:
        self._reader = reader
        self._embedder = embedder
        self._indexes = indexes
        self._adapter = adapter
        self._reranking = reranking
        self._wording = wording

    def find(self, question: str, limit: int) -> Found:
        """At most `limit` chunks for a question, best first."""
        asked = Understanding(self._reader, self._wording).asked(question)
        vectors = self._vectors(asked)
        gathered = Gatherer(self._reader, self._indexes).gathered(asked, vectors)
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
        return Found(
            asked,
            tuple(ranked[:limit]),
            vectors,
            nearest,
            candidates.ids,
            parts,
            candidates.documents,
            candidates.scores,
        )

    def near(self, vector: NDArray[np.float32]) -> dict[int, int]:
        """entry -> document of the chunks nearest to a vector, of the whole corpus."""
        gatherer = Gatherer(self._reader, self._indexes)
        return {e: d for index in self._indexes for e, d in gatherer.near(index, vector).items()}

    def _vectors(self, asked: Asked) -> Vectors:
        """Of the question and of its content, shape (2, dimension); computed once if they are the same."""
        texts = list(dict.fromkeys((asked.question, asked.content)))
        return self._embedder.embed_queries(texts)[[0, -1]]

    # Scores

    def _candidates(
        self,
        gathered: Gathered,
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
        return Candidates(
            ids=np.array(ids, dtype=np.int64),
            documents=np.array(documents, dtype=np.int64),
            native=np.array([native[document] for document in documents], dtype=np.bool_),
            scores=scores,
        )

    def _parts(self, candidates: Candidates, asked: Asked) -> dict[str, Scores]:
        if asked.named:
            parts = self._with_facts(candidates, weighted(candidates, NAMED), asked)
            return self._with_references(candidates, parts, asked)
        first = weighted(candidates, UNNAMED)
        if candidates.native.all():
            return first
        total = np.sum(list(weighted(candidates, POOLED).values()), axis=0)
        pool = np.argsort(-total, kind="stable")[:POOL]
        if candidates.native[pool].all():
            return first
        found = alike(self._reader, candidates.ids[pool].tolist(), asked)
        scores = dict(candidates.scores)
        for name, values in (("same_words", found.words), ("same_pieces", found.pieces)):
            scores[name] = np.zeros(len(candidates.ids), dtype=np.float32)
            scores[name][pool] = values
        foreign = weighted(replace(candidates, scores=scores), FOREIGN_UNNAMED)
        return by_language(candidates, first, foreign)

    def _with_facts(
        self, candidates: Candidates, parts: dict[str, Scores], asked: Asked
    ) -> dict[str, Scores]:
        """With the kind of fact that is asked for, where the best chunks of named documents hold one."""
        if not asked.fact:
            return parts
        order = np.argsort(-np.sum(list(parts.values()), axis=0), kind="stable")
        inside = order[np.isin(candidates.documents[order], asked.named)][:LOOKED_INTO]
        found = holding_fact(self._reader, candidates.ids[inside].tolist(), asked.fact)
        return self._with(candidates, parts, "fact", found)

    def _with_references(
        self, candidates: Candidates, parts: dict[str, Scores], asked: Asked
    ) -> dict[str, Scores]:
        """With the sections that the best chunks refer to, and the definitions of the terms that they or
        the question use, in the same document, a little higher."""
        best = rank(candidates, parts, REFERRING)
        sections = referred_sections(self._reader, best)
        sections |= defining(self._reader, asked.content, best)
        return self._with(candidates, parts, "referred", dict.fromkeys(sections, 1.0))

    def _with(
        self,
        candidates: Candidates,
        parts: dict[str, Scores],
        name: str,
        found: Mapping[int, float],
    ) -> dict[str, Scores]:
        scores = {name: _column(found, candidates.ids.tolist())}
        return {**parts, **weighted(replace(candidates, scores=scores), NAMED)}

    def _native(self, documents: set[int]) -> dict[int, bool]:
        """Whether the embedder was trained for each document's language, as far as that is known."""
        spoken = self._embedder.languages
        return {
            number: "*" in spoken or not language or language in spoken
            for number, language in self._reader.document_languages(documents).items()
        }


def _column(scores: Mapping[int, float], keys: Sequence[int]) -> Scores:
    return np.array([scores.get(key, 0.0) for key in keys], dtype=np.float32)
