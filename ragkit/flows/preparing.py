"""Preparing contents for search: chunks, and a vector for each different text, kept as they are made.

The embedder works in a thread of its own while documents are read, cut up and written. The catalog is
touched in the thread of the ingest alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass

from ragkit.catalog import Contents
from ragkit.catalog.contents import (
    ChunkSet,
    embedded_spans,
    embedded_text,
    sentences_within,
    vector_key,
)
from ragkit.catalog.fences import searchable
from ragkit.flows.fencing import Fencing, chunked_as
from ragkit.protocols import Chunker, Embedder, Spans, Vectors
from ragkit.types import Chunk, Fenced

EMBED_AT_ONCE = 256
"""Texts embedded between two commits: a killed ingest loses few more vectors than these."""
PAUSE_SECONDS = 0.5
"""While the embedder is waited for, how far it has come is told this often."""


@dataclass(frozen=True, slots=True)
class _Text:
    """What is embedded of a chunk. spans: of its sentences, from its start; shown: in `text`."""

    text: str
    spans: Spans
    shown: Spans


@dataclass(frozen=True, slots=True)
class _Embedded:
    """What the embedder has made of some texts, and the seconds that it took."""

    vectors: Vectors
    of_sentences: list[Vectors]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Part:
    """Texts under way, by their keys, and the wave they belong to."""

    wave: int
    texts: dict[bytes, _Text]
    embedded: Future[_Embedded]


class Preparation:
    """Cuts contents into chunks; has the texts that lack a vector embedded, in waves.

    A wave is what waits when `hand_over` is called. Its contents are prepared once `done` has
    reached its number.
    """

    def __init__(
        self,
        contents: Contents,
        chunker: Chunker,
        embedder_fingerprint: str,
        open_embedder: Callable[[], Embedder],
    ) -> None:
        self._contents = contents
        self._fencing = Fencing(contents)
        self._chunker = chunker
        self._fingerprint = embedder_fingerprint
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._waiting: dict[bytes, _Text] = {}
        self._under_way: set[bytes] = set()
        self._parts: deque[_Part] = deque()
        self._wave = 0
        self.handed_over = self.embedded = 0
        self.seconds = 0.0

    @property
    def is_full(self) -> bool:
        """Whether enough texts wait for embedding them to be worth while."""
        return len(self._waiting) >= EMBED_AT_ONCE

    @property
    def done(self) -> int:
        """The last wave whose vectors are all kept, as those of the waves before it."""
        return self._parts[0].wave - 1 if self._parts else self._wave

    def add(self, content_id: int) -> ChunkSet:
        """The chunks of a content, made if need be; what lacks a vector joins the next wave."""
        fences = self._fencing.look(content_id)
        chunker = chunked_as(self._chunker.fingerprint, fences)
        chunk_set = self._contents.find_chunk_set(content_id, chunker)
        if chunk_set is None:
            chunk_set = self._chunk(content_id, chunker, fences)
        missing = self._contents.missing_vectors(self._fingerprint, chunk_set.keys)
        missing -= self._under_way
        if missing:
            text = searchable(self._contents.document(content_id), fences).text
            chunks = self._contents.chunks(chunk_set.id)
            sentences = self._contents.sentences(chunk_set.id)
            for chunk, key in zip(chunks, chunk_set.keys, strict=True):
                if key in missing:
                    self._waiting[key] = _text_of(chunk, text, sentences)
        return chunk_set

    def _chunk(self, content_id: int, chunker: str, fences: Sequence[Fenced]) -> ChunkSet:
        document = searchable(self._contents.document(content_id), fences)
        text = document.text
        chunked = self._chunker.chunk(document)
        keys = [
            vector_key(embedded_text(chunk.header, text[chunk.start : chunk.end]))
            for chunk in chunked.chunks
        ]
        return self._contents.keep_chunks(content_id, chunker, chunked, keys)

    def hand_over(self) -> int:
        """Give what waits to the embedder. Returns the number of this wave."""
        self._wave += 1
        waiting = list(self._waiting.items())
        self._waiting.clear()
        if waiting and self._embedder is None:
            self._embedder = self._open_embedder()
        for at in range(0, len(waiting), EMBED_AT_ONCE):
            part = dict(waiting[at : at + EMBED_AT_ONCE])
            self._under_way |= set(part)
            self.handed_over += len(part)
            embedded = self._thread.submit(self._embed, list(part.values()))
            self._parts.append(_Part(self._wave, part, embedded))
        return self._wave

    def _embed(self, texts: list[_Text]) -> _Embedded:
        """In the embedder's thread."""
        assert self._embedder is not None
        started = time.monotonic()
        vectors, of_sentences = self._embedder.embed_chunks(
            [each.text for each in texts], [each.shown for each in texts]
        )
        return _Embedded(vectors, of_sentences, time.monotonic() - started)

    def keep_finished(self, leave: int = 0) -> Iterator[None]:
        """Keep what the embedder has made; wait while more than `leave` parts are under way.

        Yields after every part and, while waiting, every PAUSE_SECONDS.
        """
        while self._parts and (len(self._parts) > leave or self._parts[0].embedded.done()):
            if wait_for([self._parts[0].embedded], timeout=PAUSE_SECONDS).done:
                self._keep(self._parts[0])
                self._parts.popleft()
            yield

    def _keep(self, part: _Part) -> None:
        made, keys = part.embedded.result(), list(part.texts)
        spans = [text.spans for text in part.texts.values()]
        self._contents.keep_vectors(self._fingerprint, keys, made.vectors, spans, made.of_sentences)
        self._under_way.difference_update(keys)
        self.embedded += len(keys)
        self.seconds += made.seconds

    def close(self) -> None:
        """End the thread; what it is not working on yet is given up."""
        self._thread.shutdown(wait=True, cancel_futures=True)


def _text_of(chunk: Chunk, text: str, sentences: Spans) -> _Text:
    """sentences: of the whole document."""
    spans = sentences_within(sentences, chunk)
    body = text[chunk.start : chunk.end]
    return _Text(
        embedded_text(chunk.header, body), spans, embedded_spans(chunk.header, body, spans)
    )
