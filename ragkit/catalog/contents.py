"""Content tables: what was made of each version of a file, kept as soon as it is made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from hashlib import blake2b
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.fences import Fences
from ragkit.catalog.sentence_vectors import keep_sentence_vectors
from ragkit.catalog.store import Catalog
from ragkit.invisible import in_visible, visible
from ragkit.types import (
    Chunk,
    ChunkedDocument,
    DocumentFacts,
    Heading,
    Page,
    ParsedDocument,
    Span,
    Table,
    UnreadPage,
)


@dataclass(frozen=True, slots=True)
class StoredChild:
    """An attachment of a content: `content_id` if it could be read, else `kind` and `reason`."""

    name: str
    sha256: str
    size: int
    content_id: int | None
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoredContent:
    """A content that is kept, with its attachments."""

    id: int
    sha256: str
    unread_pages: tuple[UnreadPage, ...]
    children: tuple[StoredChild, ...]


@dataclass(frozen=True, slots=True)
class ChunkSet:
    """A content cut into chunks. `keys[i]` is the vector key of chunk i."""

    id: int
    content_id: int
    facts: DocumentFacts
    keys: tuple[bytes, ...]


DIGITS = 32
"""Of a digest, where it stands in the key of what is inside the file."""


def vector_key(text: str) -> bytes:
    """What a vector is kept by: 16 bytes of BLAKE2b over the text as embedded, header included."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def embedded_text(header: str, body: str) -> str:
    """What is embedded for a chunk: nothing that cannot be seen."""
    return visible(_with_header(header, body))


def embedded_spans(header: str, body: str, spans: NDArray[np.int32]) -> NDArray[np.int32]:
    """Where stretches of `body` stand in `embedded_text(header, body)`. Both of shape (n, 2)."""
    text = _with_header(header, body)
    places = (spans + (len(text) - len(body))).ravel().tolist()
    return np.array(in_visible(text, places), dtype=np.int32).reshape(-1, 2)


def sentences_within(sentences: NDArray[np.int32], chunk: Chunk) -> NDArray[np.int32]:
    """Places of a chunk's sentences from its start, shape (n, 2). sentences: of the whole document.

    Each stands in one chunk as a whole.
    """
    first, last = np.searchsorted(sentences[:, 0], (chunk.start, chunk.end))
    return np.asarray(sentences[first:last] - chunk.start, dtype=np.int32)


def _with_header(header: str, body: str) -> str:
    return f"{header}\n{body}" if header else body


class Contents:
    """Reads and writes the content tables; each `keep_` is one transaction."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._connection = catalog.connection

    @property
    def fences(self) -> Fences:
        """What reads like an instruction to a machine in these contents."""
        return Fences(self._catalog)

    def find(self, sha256: str, reader: str) -> StoredContent | None:
        """The content that `reader` made of the bytes with that digest, if it is kept."""
        row = self._connection.execute(
            "SELECT id, sha256, unread_pages FROM contents WHERE sha256 = ? AND reader = ?",
            (sha256, reader),
        ).fetchone()
        return self._stored(row) if row else None

    def awaits(self, content: StoredContent, kind: str) -> bool:
        """Whether a page of it, or an attachment, could not be read for a reason of that kind."""
        if any(page.kind == kind for page in content.unread_pages):
            return True
        return any(
            child.kind == kind
            or (child.content_id is not None and self.awaits(self.get(child.content_id), kind))
            for child in content.children
        )

    def get(self, content_id: int) -> StoredContent:
        row = self._connection.execute(
            "SELECT id, sha256, unread_pages FROM contents WHERE id = ?", (content_id,)
        ).fetchone()
        return self._stored(row)

    def _stored(self, row: tuple[int, str, str]) -> StoredContent:
        children = self._connection.execute(
            "SELECT name, sha256, size, child_id, kind, reason FROM children"
            " WHERE content_id = ? ORDER BY ordinal",
            (row[0],),
        )
        unread = tuple(UnreadPage(**page) for page in json.loads(row[2]))
        return StoredContent(
            row[0], row[1], unread, tuple(StoredChild(*child) for child in children)
        )

    def keep(self, sha256: str, reader: str, parser: str, document: ParsedDocument) -> int:
        """Keep a parsed document and its attachments. Returns the content's id."""
        with self._catalog.transaction():
            return self._keep(sha256, reader, parser, document)

    def _keep(self, sha256: str, reader: str, parser: str, document: ParsedDocument) -> int:
        known = self.find(sha256, reader)
        if known:  # the same attachment twice in one file
            return known.id
        cursor = self._connection.execute(
            "INSERT INTO contents"
            " (sha256, reader, parser, title, headings, unread_pages, hidden, tables)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                sha256,
                reader,
                parser,
                document.title,
                json.dumps([asdict(heading) for heading in document.headings]),
                json.dumps([asdict(page) for page in document.unread_pages]),
                json.dumps([asdict(hidden) for hidden in document.hidden]),
                json.dumps([astuple(table) for table in document.tables]),
            ),
        )
        content_id = int(cursor.lastrowid or 0)
        self._connection.executemany(
            "INSERT INTO pages"
            " (content_id, ordinal, number, start, stop, read_as, confidence, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    content_id,
                    ordinal,
                    page.number,
                    page.start,
                    page.end,
                    page.read_as,
                    page.confidence,
                    page.text,
                )
                for ordinal, page in enumerate(document.pages)
            ],
        )
        self._keep_children(content_id, sha256, reader, parser, document)
        return content_id

    def _keep_children(
        self, content_id: int, sha256: str, reader: str, parser: str, document: ParsedDocument
    ) -> None:
        """sha256: of the file they are in, which is part of their key: their own digests are told by
        the process that read a stranger's file, which must not speak for another file."""
        for ordinal, child in enumerate(document.children):
            child_id = None
            if child.document is not None:
                suffix = PurePosixPath(child.name).suffix.lower()
                within = f"{reader} in {sha256[:DIGITS]} > {suffix}"
                child_id = self._keep(child.sha256, within, parser, child.document)
            self._connection.execute(
                "INSERT INTO children VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    content_id,
                    ordinal,
                    child.name,
                    child.sha256,
                    child.size,
                    child_id,
                    child.kind,
                    child.reason,
                ),
            )

    def document(self, content_id: int) -> ParsedDocument:
        """The content as it was parsed, without its attachments."""
        title, headings, tables = self._connection.execute(
            "SELECT title, headings, tables FROM contents WHERE id = ?", (content_id,)
        ).fetchone()
        pages = self._connection.execute(
            "SELECT number, start, text, read_as, confidence FROM pages"
            " WHERE content_id = ? ORDER BY ordinal",
            (content_id,),
        )
        return ParsedDocument(
            pages=tuple(Page(*page) for page in pages),
            headings=tuple(Heading(**heading) for heading in json.loads(headings)),
            title=title,
            tables=tuple(_table(*table) for table in json.loads(tables)),
        )

    def find_chunk_set(self, content_id: int, chunker: str) -> ChunkSet | None:
        row = self._connection.execute(
            "SELECT id, facts FROM chunk_sets WHERE content_id = ? AND chunker = ?",
            (content_id, chunker),
        ).fetchone()
        if row is None:
            return None
        keys = self._connection.execute(
            "SELECT vector_key FROM chunks WHERE chunk_set_id = ? ORDER BY ordinal", (row[0],)
        )
        return ChunkSet(row[0], content_id, facts_from_json(row[1]), tuple(key for (key,) in keys))

    def keep_chunks(
        self, content_id: int, chunker: str, chunked: ChunkedDocument, keys: Sequence[bytes]
    ) -> ChunkSet:
        """Keep how a content is cut. keys: the vector key of each chunk."""
        with self._catalog.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO chunk_sets (content_id, chunker, facts, sentences) VALUES (?, ?, ?, ?)",
                (
                    content_id,
                    chunker,
                    json.dumps(asdict(chunked.facts)),
                    pack_spans(chunked.sentences),
                ),
            )
            chunk_set_id = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO chunks (chunk_set_id, ordinal, start, stop, heading, header, vector_key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        chunk_set_id,
                        chunk.ordinal,
                        chunk.start,
                        chunk.end,
                        chunk.heading,
                        chunk.header,
                        key,
                    )
                    for chunk, key in zip(chunked.chunks, keys, strict=True)
                ],
            )
        return ChunkSet(chunk_set_id, content_id, chunked.facts, tuple(keys))

    def chunks(self, chunk_set_id: int) -> list[Chunk]:
        rows = self._connection.execute(
            "SELECT ordinal, start, stop, heading, header FROM chunks"
            " WHERE chunk_set_id = ? ORDER BY ordinal",
            (chunk_set_id,),
        )
        return [Chunk(*row) for row in rows]

    def sentences(self, chunk_set_id: int) -> NDArray[np.int32]:
        """int32, shape (sentences, 2): start and end of each sentence of the content."""
        row = self._connection.execute(
            "SELECT sentences FROM chunk_sets WHERE id = ?", (chunk_set_id,)
        ).fetchone()
        return unpack_spans(row[0])

    def missing_vectors(self, embedder: str, keys: Sequence[bytes]) -> set[bytes]:
        """Those of `keys` for which `embedder` has made no vector yet, or none of the sentences."""
        return {key for key in dict.fromkeys(keys) if not self._has_vector(embedder, key)}

    def _has_vector(self, embedder: str, key: bytes) -> bool:
        query = (
            "SELECT 1 FROM vectors JOIN sentence_vectors ON vector_id = id"
            " WHERE key = ? AND embedder = ?"
        )
        return self._connection.execute(query, (key, embedder)).fetchone() is not None

    def keep_vectors(
        self,
        embedder: str,
        keys: Sequence[bytes],
        vectors: NDArray[np.float32],
        spans: Sequence[NDArray[np.int32]],
        of_sentences: Sequence[NDArray[np.float32]],
    ) -> None:
        """Keep vectors, shape (len(keys), dimension), float32, and those of the sentences.

        spans: of the sentences of each chunk, relative to its start. of_sentences: a row for each.
        """
        rows = [
            (embedder, key, np.ascontiguousarray(vector, dtype="<f4").tobytes())
            for key, vector in zip(keys, vectors, strict=True)
        ]
        with self._catalog.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO vectors (embedder, key, vector) VALUES (?, ?, ?)", rows
            )
            keep_sentence_vectors(connection, embedder, keys, spans, of_sentences)


def _table(start: int, end: int, columns: tuple[int, int] | None) -> Table:
    return Table(start, end, Span(*columns) if columns else None)


def load_vectors(
    connection: sqlite3.Connection, embedder: str, *, after: int = 0, batch: int = 5000
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """(ids, vectors) of `embedder` with an id above `after`, in batches, in order of id."""
    cursor = connection.execute(
        "SELECT id, vector FROM vectors WHERE id > ? AND embedder = ? ORDER BY id",
        (after, embedder),
    )
    while rows := cursor.fetchmany(batch):
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
        yield ids, vectors.reshape(len(rows), -1)


def pack_spans(spans: Sequence[Span]) -> bytes:
    """Spans as little-endian int32 pairs."""
    return np.array([(span.start, span.end) for span in spans], dtype="<i4").tobytes()


def unpack_spans(data: bytes) -> NDArray[np.int32]:
    """int32, shape (spans, 2)."""
    return np.frombuffer(data, dtype="<i4").reshape(-1, 2)


def facts_from_json(data: str) -> DocumentFacts:
    facts = json.loads(data)
    return DocumentFacts(**{**facts, "names": tuple(facts["names"])})
