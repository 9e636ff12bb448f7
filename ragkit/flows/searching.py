"""Searching: a question in, passages out, from the published state as it is at that moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Reader, VectorIndexEntry
from ragkit.config import Pipeline
from ragkit.errors import NotReady, StorageFault
from ragkit.flows.indexing import index_folder
from ragkit.flows.owning import require_owner, require_same_folders
from ragkit.protocols import Embedder, VectorIndex, Vectors
from ragkit.retrieval.search import Found, Retriever
from ragkit.types import Passage, SearchResult
from ragkit.vectors.leases import leased


@dataclass(frozen=True, slots=True)
class SearchParts:
    """What searching works with. The embedder and the index are opened at the first question."""

    pipeline: Pipeline
    embedder_fingerprint: str
    open_embedder: Callable[[], Embedder]
    open_index: Callable[[Path], VectorIndex]
    exact_index: Callable[[NDArray[np.int64], Vectors], VectorIndex]


@dataclass(frozen=True, slots=True)
class View:
    """One published state, for the length of one question."""

    reader: Reader
    retriever: Retriever

    def passages(self, found: Found, k: int) -> tuple[Passage, ...]:
        """The best k chunks as passages, with their text and place."""
        best = found.ranked[:k]
        chunks = self.reader.chunks([item.id for item in best])
        documents = self.reader.documents_by_id({item.document for item in best})
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
                    text=self.reader.text(content, chunk.start, chunk.end),
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

    @property
    def embedder(self) -> Embedder:
        if self._embedder is None:
            self._embedder = self._parts.open_embedder()
        return self._embedder

    def search(self, question: str, k: int) -> SearchResult:
        """The k best passages. Raises NotReady if the index was made with another embedder."""
        started = time.perf_counter()
        with self.view() as view:
            passages = view.passages(view.retriever.find(question, k), k)
            generation = view.reader.generation()
        return SearchResult(question, passages, time.perf_counter() - started, generation)

    @contextmanager
    def view(self) -> Iterator[View]:
        """Everything asked of the view inside sees the same published state."""
        embedder = self.embedder  # opened before the snapshot, which should be short
        with self._catalog.snapshot():
            reader = Reader(self._catalog)
            self._require_ours(reader)
            indexes = self._open_indexes(reader)
            yield View(reader, Retriever(reader, embedder, indexes))

    def _require_ours(self, reader: Reader) -> None:
        pipeline = self._parts.pipeline
        require_owner(pipeline, reader)
        require_same_folders(pipeline, reader)
        if reader.state("embedder") != self._parts.embedder_fingerprint:
            raise NotReady(
                "The index was made with another embedder than the settings name.",
                hint=f"ragkit ingest {pipeline.name}",
            )

    def _open_indexes(self, reader: Reader) -> list[VectorIndex]:
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
        reader = Reader(self._catalog)
        return self._parts.exact_index(*reader.vectors_after(self._parts.embedder_fingerprint, 0))

    def _close_published(self) -> None:
        if self._published is not None:
            self._published.close()
        self._published = None

    def close(self) -> None:
        self._close_published()
        self._catalog.close()
