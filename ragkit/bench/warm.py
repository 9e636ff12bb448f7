"""Warm searches of a pipeline's index beside bare queries, one kind of question after the other.

    python -m ragkit.bench.warm    {"config", "pipeline", "chroma", "questions", "rounds"}
                                    -> {kind: {...}, ...}

The request is JSON on standard input, the answer on standard output. Beside each search stand the two
queries that anyone needs who finds by words and by meaning: one of FTS5 for the question's words, the
best 200 by BM25, and one of Chroma's client over the same chunks, for the numbers and distances of the
200 nearest. Computing the question's vector, which both need, is told by itself.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ragkit.bench.baseline import open_collection
from ragkit.bench.kinds import KindQuestion, questions_of_kinds
from ragkit.bench.results import KindResult
from ragkit.build import Builder
from ragkit.catalog import Catalog
from ragkit.config import Pipeline, load_config
from ragkit.flows.searching import Searching
from ragkit.isolation import seal
from ragkit.language import language_of
from ragkit.models import ModelStore, default_models_folder, load_registry
from ragkit.protocols import Embedder
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.gathering import DEPTH

PASSAGES = 8


class _Timed(NamedTuple):
    """Seconds of each question: of the whole search, of computing vectors in it, of computing the
    question's vector alone, and of the two bare queries."""

    search: list[float]
    vectors: list[float]
    vector: list[float]
    bare: list[float]

    def figures(self) -> KindResult:
        own = np.array(self.search)
        without = own - np.array(self.vectors)
        bare, vector = np.array(self.bare), np.array(self.vector)
        return KindResult(
            questions=len(self.search),
            search_ms=_milliseconds(without),
            bare_ms=_milliseconds(bare),
            vector_ms=_milliseconds(vector),
            ratio=round(float(np.median(without / bare)), 3),
            ratio_with_vector=round(float(np.median(own / (bare + vector))), 3),
        )


class _Clocked:
    """An embedder whose time for questions is noted."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.seconds = 0.0

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As Embedder."""
        started = time.perf_counter()
        vectors = self._embedder.embed_queries(texts)
        self.seconds += time.perf_counter() - started
        return vectors

    def __getattr__(self, name: str) -> object:
        return getattr(self._embedder, name)


def main() -> None:
    # The parent has decided what level it accepts, and its filter is inherited.
    seal(accept_weak=True)
    request = json.load(sys.stdin)
    pipeline = load_config(Path(request["config"])).pipeline(request["pipeline"])
    chroma = Path(request["chroma"])
    found = warm_searches(pipeline, chroma, request["questions"], request["rounds"])
    json.dump({name: asdict(kind) for name, kind in found.items()}, sys.stdout)


def warm_searches(
    pipeline: Pipeline, chroma: Path, count: int, rounds: int
) -> dict[str, KindResult]:
    """Figures by kind of question, each asked `rounds` times after a first time.

    chroma: the usual stack's store of the same chunks.
    """
    parts = Builder(ModelStore(default_models_folder(), load_registry())).search_parts(pipeline)
    embedder = _Clocked(parts.open_embedder())
    parts = replace(
        parts, open_embedder=lambda: cast(Embedder, embedder), open_reranking=lambda: None
    )
    searching = Searching(parts)
    with Catalog.open_for_reading(pipeline.store) as catalog:
        with catalog.snapshot():
            kinds = questions_of_kinds(catalog, count)
        bare = _Bare(catalog, chroma)
        beside = _Beside(searching, embedder, bare)
        figures = {name: beside.timed(asked, rounds).figures() for name, asked in kinds.items()}
    searching.close()
    return figures


class _Bare:
    """The two queries without anything beside."""

    def __init__(self, catalog: Catalog, chroma: Path) -> None:
        self._catalog = catalog
        self._collection = open_collection(chroma)

    def asked(self, question: str, vector: NDArray[np.float32]) -> None:
        words = terms(question, language_of(question))
        if words:
            bare_lexical(self._catalog, " OR ".join(f'"{word}"' for word in dict.fromkeys(words)))
        self._collection.query(
            query_embeddings=vector[None], n_results=DEPTH, include=["distances"]
        )


def bare_lexical(catalog: Catalog, expression: str) -> list[tuple[int]]:
    """What anyone who searches words with FTS5 does: the best chunks by BM25, and nothing beside."""
    return catalog.connection.execute(
        "SELECT rowid FROM entry_terms WHERE entry_terms MATCH ? ORDER BY rank LIMIT ?",
        (expression, DEPTH),
    ).fetchall()


@dataclass(frozen=True, slots=True)
class _Beside:
    """Asks both sides in turn."""

    searching: Searching
    embedder: _Clocked
    bare: _Bare

    def timed(self, questions: Sequence[KindQuestion], rounds: int) -> _Timed:
        """The first time opens files and works out scopes, and does not count."""
        timed = _Timed([], [], [], [])
        for number in range(rounds + 1):
            for question in questions:
                figures = self._once(question)
                if number:
                    for values, figure in zip(timed, figures, strict=True):
                        values.append(figure)
        return timed

    def _once(self, question: KindQuestion) -> tuple[float, float, float, float]:
        clock = time.perf_counter
        self.embedder.seconds = 0.0
        started = clock()
        self.searching.search(question.text, PASSAGES, scope=question.scope)
        searched, computing = clock() - started, self.embedder.seconds
        started = clock()
        vector = self.embedder.embed_queries([question.text])[0]
        computed = clock()
        self.bare.asked(question.text, vector)
        return searched, computing, computed - started, clock() - computed


def _milliseconds(seconds: NDArray[np.float64]) -> float:
    return round(1000 * float(np.median(seconds)), 3)


if __name__ == "__main__":
    main()
