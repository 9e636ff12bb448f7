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
from ragkit.errors import NotReady, StorageFault
from ragkit.flows.indexing import index_folder
from ragkit.protocols import Embedder, VectorIndex, Vectors
from ragkit.retrieval.search import Found, Retriever
from ragkit.types import Passage, SearchResult


@dataclass(frozen=True, slots=True)
class SearchParts:
    """What searching works with. The embedder and the index are opened at the first question."""

    store: Path
    embedder_fingerprint: str
    open_embedder: Callable[[], Embedder]
    open_index: Callable[[Path], VectorIndex]
    exact_index: Callable[[NDArray[np.int64], Vectors], VectorIndex]
    ingest_command: str


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
                )
            )
        return tuple(shown)


class Searching:
    """Answers questions over one pipeline; keeps the embedder and the vector index open between them."""

    def __init__(self, parts: SearchParts) -> None:
        self._parts = parts
        self._catalog = Catalog.open_for_reading(parts.store)
        self._embedder: Embedder | None = None
        self._indexes: tuple[VectorIndex, ...] = ()
        self._indexed: tuple[int, int] | None = None

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
        return SearchResult(question, passages, time.perf_counter() - started)

    @contextmanager
    def view(self) -> Iterator[View]:
        """Everything asked of the view inside sees the same published state."""
        embedder = self.embedder  # opened before the snapshot, which should be short
        with self._catalog.snapshot():
            reader = Reader(self._catalog)
            if reader.state("embedder") != self._parts.embedder_fingerprint:
                raise NotReady(
                    "The index was made with another embedder than the settings name.",
                    hint=self._parts.ingest_command,
                )
            self._open_indexes(reader)
            yield View(reader, Retriever(reader, embedder, self._indexes))

    def _open_indexes(self, reader: Reader) -> None:
        """The vector index in use, and an exact one over what it does not hold yet."""
        entry = reader.vector_index()
        wanted = (entry.number if entry else 0, reader.generation())
        if wanted == self._indexed:
            return
        self._close_indexes()
        index = self._open_published(entry) if entry else None
        after = entry.last_vector if entry and index else 0
        ids, vectors = reader.vectors_after(self._parts.embedder_fingerprint, after)
        tail = [self._parts.exact_index(ids, vectors)] if len(ids) else []
        self._indexes = (*([index] if index else []), *tail)
        self._indexed = wanted

    def _open_published(self, entry: VectorIndexEntry) -> VectorIndex | None:
        """None if it is missing or damaged: then everything is searched exactly, which is only slower."""
        if entry.embedder != self._parts.embedder_fingerprint:
            return None
        try:
            return self._parts.open_index(index_folder(self._parts.store, entry.number))
        except StorageFault:
            return None

    def _close_indexes(self) -> None:
        for index in self._indexes:
            index.close()
        self._indexes = ()
        self._indexed = None

    def close(self) -> None:
        self._close_indexes()
        self._catalog.close()
