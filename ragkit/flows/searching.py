"""Searching: a question in, passages out, from the published state as it is at that moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, VectorIndexEntry
from ragkit.catalog.searching import Memory, SearchReader
from ragkit.catalog.within import ReaderWithin
from ragkit.config import Pipeline
from ragkit.errors import NotReady, StorageFault
from ragkit.flows.adapting import AdapterInUse
from ragkit.flows.indexing import index_folder
from ragkit.flows.owning import require_owner, require_same_folders
from ragkit.flows.scopes import ScopeInUse, Scopes
from ragkit.flows.scoping import EVERYTHING, Resolved
from ragkit.protocols import Embedder, VectorIndex, Vectors
from ragkit.retrieval.reranking import Reranking
from ragkit.retrieval.search import Found, Retriever
from ragkit.retrieval.wording import Wording
from ragkit.types import Passage, SearchResult
from ragkit.types.explanation import Explanation
from ragkit.types.scope import Scope
from ragkit.vectors.leases import leased


@dataclass(frozen=True, slots=True)
class SearchParts:
    """What searching works with. The embedder and the index are opened at the first question."""

    pipeline: Pipeline
    embedder_fingerprint: str
    open_embedder: Callable[[], Embedder]
    open_index: Callable[[Path], VectorIndex]
    exact_index: Callable[[NDArray[np.int64], Vectors], VectorIndex]
    open_reranking: Callable[[], Reranking | None] = lambda: None
    wording: Wording = field(default_factory=Wording)


@dataclass(frozen=True, slots=True)
class View:
    """One published state, for the length of one question."""

    reader: SearchReader
    retriever: Retriever
    adapter: str = ""
    """Fingerprint of what was learned from the user and has a part in the ranking; "" for none."""
    scope: Resolved = EVERYTHING
    """The documents that may be found."""
    reranker: str = ""
    """Fingerprint of the reranker that has a part in the order; "" for none."""

    def find(self, question: str, limit: int) -> Found:
        """At most `limit` chunks for a question, best first, of the documents that may be found."""
        found, ids = self.retriever.find(question, limit), self.scope.ids
        if ids is None:
            return found
        # The retriever's reader sees no others; a filter that leaks must not depend on that alone.
        return replace(found, ranked=tuple(item for item in found.ranked if item.document in ids))

    def explained(self, found: Found, passages: Sequence[Passage]) -> Explanation:
        """Why these passages of `found` are where they are."""
        from ragkit.flows.explaining import explained  # only where it is asked for

        told = explained(self.reader, found, passages, self.adapter)
        return replace(told, reranker=self.reranker)

    def passages(self, found: Found, k: int) -> tuple[Passage, ...]:
        """The best k chunks as passages, with their text and place."""
        best = found.ranked[:k]
        chunks = self.reader.chunks([item.id for item in best])
        documents = self.reader.documents_by_id({item.document for item in best})
        texts = self.reader.texts([item.id for item in best])
        shown = []
        for rank, item in enumerate(best, start=1):
            chunk, document = chunks[item.id], documents[item.document]
            content = document.content_id
            shown.append(
                Passage(
                    document=document.path,
                    page=self.reader.place(content, chunk.start).page,
                    start=chunk.start,
                    end=chunk.end,
                    heading=chunk.heading,
                    text=texts[chunk.id],
                    score=item.score,
                    rank=rank,
                    chunk_id=chunk.id,
                    document_id=document.id,
                    parts=item.parts,
                    sha256=document.sha256,
                )
            )
        return tuple(shown)


@dataclass(frozen=True, slots=True)
class _State:
    """Which vector index and which generation are open; 0 for none."""

    index: int = 0
    generation: int = 0


@dataclass(slots=True)
class _Replaceable:
    """A vector index whose place exact search takes, slower but as right, if its files go away while
    it is asked: an ingest that has published another one removes it."""

    index: VectorIndex
    substitute: Callable[[], VectorIndex]

    def query(
        self, vector: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As VectorIndex."""
        try:
            return self.index.query(vector, k)
        except StorageFault:
            self.index = self.substitute()
            return self.index.query(vector, k)

    def close(self) -> None:
        self.index.close()


class Searching:
    """Answers questions over one pipeline; keeps the embedder and the vector index open between them."""

    def __init__(self, parts: SearchParts) -> None:
        self._parts = parts
        self._catalog = Catalog.open_for_reading(parts.pipeline.store)
        self._embedder: Embedder | None = None
        self._published: VectorIndex | None = None
        self._tail: VectorIndex | None = None
        self._state = _State()
        self._memory = Memory()
        self._scopes = Scopes(parts.pipeline, parts.exact_index)
        self._reranking: Reranking | None = None
        self._adapter = AdapterInUse(parts.embedder_fingerprint)

    @property
    def embedder(self) -> Embedder:
        if self._embedder is None:
            self._embedder = self._parts.open_embedder()
        return self._embedder

    @property
    def reranking(self) -> Reranking | None:
        """None if the pipeline has no reranker."""
        if self._reranking is None:
            self._reranking = self._parts.open_reranking()
        return self._reranking

    def search(
        self, question: str, k: int, *, scope: Scope | None = None, explain: bool = False
    ) -> SearchResult:
        """The k best passages of the documents in `scope`. explain: with all figures behind them.

        Raises NotReady if the index was made with another embedder, NothingInScope, UsageFault.
        """
        started = time.perf_counter()
        with self.view(scope=scope) as view:
            found = view.find(question, k)
            passages = view.passages(found, k)
            explanation = view.explained(found, passages) if explain else None
            generation = view.reader.generation()
        return SearchResult(
            question,
            passages,
            time.perf_counter() - started,
            generation,
            adapter=view.adapter,
            reranker=view.reranker,
            scope=view.scope.told,
            explanation=explanation,
        )

    @contextmanager
    def view(
        self, *, is_adapted: bool = True, is_reranked: bool = True, scope: Scope | None = None
    ) -> Iterator[View]:
        """Everything asked of the view inside sees the same published state.

        is_adapted, is_reranked: with what was learned from the user, and with the reranker, if there
        are such. scope: filters; what they leave is all that the view finds. Raises NothingInScope,
        UsageFault for them.
        """
        # Opened before the snapshot, which should be short.
        embedder, reranking = self.embedder, self.reranking if is_reranked else None
        with self._catalog.snapshot():
            reader = SearchReader(self._catalog, self._memory)
            self._require_ours(reader)
            indexes = self._open_indexes(reader)
            adapter = self._adapter.of(self._catalog.connection) if is_adapted else None
            asked_of = self._scopes.of(self._catalog, reader, self._memory, scope)
            within, indexes = self._within(asked_of, reader, indexes)
            retriever = Retriever(
                within,
                embedder,
                indexes,
                adapter=adapter,
                reranking=reranking,
                wording=self._parts.wording,
            )
            yield View(
                reader,
                retriever,
                adapter=adapter.fingerprint if adapter else "",
                scope=asked_of.resolved,
                reranker=reranking.reranker.fingerprint if reranking else "",
            )

    def _within(
        self, scope: ScopeInUse, reader: SearchReader, indexes: list[VectorIndex]
    ) -> tuple[SearchReader, list[VectorIndex]]:
        """What finds nothing but the documents of the scope.

        A vector index asked for the neighbours in a small scope would have to give nearly all it has.
        """
        if scope.within is None:
            return reader, indexes
        within = ReaderWithin(self._catalog, scope.within, self._memory)
        return within, indexes if scope.exact is None else [scope.exact]

    def _require_ours(self, reader: SearchReader) -> None:
        pipeline = self._parts.pipeline
        require_owner(pipeline, reader)
        require_same_folders(pipeline, reader)
        if reader.state("embedder") != self._parts.embedder_fingerprint:
            raise NotReady(
                "The index was made with another embedder than the settings name.",
                hint=f"ragkit ingest {pipeline.name}",
            )

    def _open_indexes(self, reader: SearchReader) -> list[VectorIndex]:
        """The vector index in use, and an exact one over what it does not hold yet."""
        entry = reader.vector_index()
        state = _State(entry.number if entry else 0, reader.generation())
        if state.index != self._state.index or self._state == _State():
            self._close_published()
            self._published = self._open_published(entry) if entry else None
        if state != self._state:
            after = entry.last_vector if entry and self._published else 0
            ids, vectors = reader.vectors_after(self._parts.embedder_fingerprint, after)
            self._tail = self._parts.exact_index(ids, vectors) if len(ids) else None
        self._state = state
        return [index for index in (self._published, self._tail) if index is not None]

    def _open_published(self, entry: VectorIndexEntry) -> VectorIndex | None:
        """None if it is missing or damaged: then everything is searched exactly, which is only slower."""
        if entry.embedder != self._parts.embedder_fingerprint:
            return None
        folder = index_folder(self._parts.pipeline.store, entry.number)
        try:
            with leased(folder):
                index = self._parts.open_index(folder)
                # Reads all its files, so that it goes on answering when an ingest has replaced it.
                index.query(np.zeros(self.embedder.dimension, np.float32), 1)
        except StorageFault:
            return None
        return _Replaceable(index, self._exact_over_all)

    def _exact_over_all(self) -> VectorIndex:
        """Asked within a view: over the vectors of that state."""
        reader = SearchReader(self._catalog)
        return self._parts.exact_index(*reader.vectors_after(self._parts.embedder_fingerprint, 0))

    def _close_published(self) -> None:
        if self._published is not None:
            self._published.close()
        self._published = None

    def close(self) -> None:
        self._close_published()
        self._catalog.close()
