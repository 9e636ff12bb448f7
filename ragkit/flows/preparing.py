"""Preparing contents for search: chunks, and a vector for each different text, kept as they are made."""

from __future__ import annotations

from collections.abc import Callable

from ragkit.catalog import Contents
from ragkit.catalog.contents import ChunkSet, embedded_text, vector_key
from ragkit.protocols import Chunker, Embedder

EMBED_AT_ONCE = 256
"""Texts embedded between two commits: a killed ingest loses at most so many vectors."""


class Preparation:
    """Cuts contents into chunks and collects the texts that have no vector yet."""

    def __init__(
        self,
        contents: Contents,
        chunker: Chunker,
        embedder_fingerprint: str,
        open_embedder: Callable[[], Embedder],
    ) -> None:
        self._contents = contents
        self._chunker = chunker
        self._fingerprint = embedder_fingerprint
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._texts: dict[bytes, str] = {}
        self.embedded = 0

    @property
    def is_full(self) -> bool:
        """Whether enough texts wait for embedding them to be worth while."""
        return len(self._texts) >= EMBED_AT_ONCE

    def add(self, content_id: int) -> ChunkSet:
        """The chunks of a content, made if need be. Its vectors are there after `embed`."""
        chunk_set = self._contents.find_chunk_set(content_id, self._chunker.fingerprint)
        if chunk_set is None:
            chunk_set = self._chunk(content_id)
        missing = self._contents.missing_vectors(self._fingerprint, chunk_set.keys)
        if missing:
            text = self._contents.document(content_id).text
            chunks = self._contents.chunks(chunk_set.id)
            for chunk, key in zip(chunks, chunk_set.keys, strict=True):
                if key in missing:
                    self._texts[key] = embedded_text(chunk.header, text[chunk.start : chunk.end])
        return chunk_set

    def _chunk(self, content_id: int) -> ChunkSet:
        document = self._contents.document(content_id)
        text = document.text
        chunked = self._chunker.chunk(document)
        keys = [
            vector_key(embedded_text(chunk.header, text[chunk.start : chunk.end]))
            for chunk in chunked.chunks
        ]
        return self._contents.keep_chunks(content_id, self._chunker.fingerprint, chunked, keys)

    def embed(self, on_batch: Callable[[], None]) -> None:
        """Embed what waits, in commits of EMBED_AT_ONCE; on_batch is called after each."""
        waiting = list(self._texts.items())
        for at in range(0, len(waiting), EMBED_AT_ONCE):
            part = waiting[at : at + EMBED_AT_ONCE]
            if self._embedder is None:
                self._embedder = self._open_embedder()
            vectors = self._embedder.embed_passages([text for _, text in part])
            self._contents.keep_vectors(self._fingerprint, [key for key, _ in part], vectors)
            self.embedded += len(part)
            on_batch()
        self._texts.clear()
