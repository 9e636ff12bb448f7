"""What readers ask of the published state. Every method is one query or a few; none writes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.contents import unpack_spans
from ragkit.catalog.fences import fenced_documents, fenced_of_documents, fenced_passages
from ragkit.catalog.lists import rows_in
from ragkit.catalog.scoping import ScopeTables
from ragkit.catalog.state import noted_languages, state_of
from ragkit.catalog.store import Catalog
from ragkit.types import (
    DOUBTFUL,
    NEEDS_OCR,
    READ_OCR,
    DoubtfulPage,
    Fenced,
    FencedIn,
    HiddenIn,
    Span,
    Unreadable,
)


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A published document."""

    id: int
    path: str
    parent: str | None
    sha256: str
    size: int
    mtime_ns: int
    reader: str
    content_id: int
    chunk_set_id: int
    title: str
    kind: str
    language: str
    names: tuple[str, ...]
    date: str


Stamp = tuple[int, int, str]
"""(size, mtime_ns, reader) of a published file. A plain tuple: there may be 100,000 of them."""


@dataclass(frozen=True, slots=True)
class ChunkEntry:
    """A published chunk: `id` is that of its entry; offsets are into the document's text."""

    id: int
    document_id: int
    ordinal: int
    start: int
    end: int
    heading: str


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A file that could not be read; `since` is when that was first seen (UTC, ISO 8601)."""

    path: str
    parent: str | None
    sha256: str
    size: int
    mtime_ns: int
    reader: str
    kind: str
    reason: str
    since: str


@dataclass(frozen=True, slots=True)
class VectorIndexEntry:
    """The Chroma folder in use; it holds `vectors` vectors with ids up to `last_vector`."""

    number: int
    embedder: str
    last_vector: int
    vectors: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character stands: page number (None without pages), how that page was read.

    confidence: of its OCR, 0 to 1; None where it was not read so.
    """

    page: int | None
    read_as: str
    confidence: float | None = None


DOCUMENT_COLUMNS = (
    "id, path, parent, sha256, size, mtime_ns, reader, content_id, chunk_set_id,"
    " title, kind, language, names, date"
)


class Reader:
    """Queries over the published tables of one catalog. Use inside `catalog.snapshot()`.

    CROSS JOIN keeps SQLite from going through all documents to find the few with a scanned page.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._connection = catalog.connection
        self.scopes = ScopeTables(catalog)

    # State

    def generation(self) -> int:
        """0 before the first publication."""
        return int(self.state("generation") or 0)

    def state(self, key: str) -> str:
        return state_of(self._connection, key)

    def counts(self) -> dict[str, int]:
        """{"documents", "chunks", "quarantined"}."""
        names = {"documents": "documents", "chunks": "entries", "quarantined": "quarantine"}
        return {
            name: int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for name, table in names.items()
        }

    # Documents

    def documents(self) -> Iterator[DocumentEntry]:
        rows = self._connection.execute(f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY path")
        return map(_document, rows)

    def files(self) -> dict[str, Stamp]:
        """Published files by their path, attachments left out."""
        rows = self._connection.execute(
            "SELECT path, size, mtime_ns, reader FROM documents WHERE parent IS NULL"
        )
        return {path: (size, mtime_ns, reader) for path, size, mtime_ns, reader in rows}

    def document(self, path: str) -> DocumentEntry | None:
        row = self._connection.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE path = ?", (path,)
        ).fetchone()
        return None if row is None else _document(row)

    def akin(self, document: DocumentEntry, most: int = 200) -> list[DocumentEntry]:
        """Other documents that may be an amendment to one, or another version of it: amendments, those
        with the same parties, and those that stand beside it and name nobody either."""
        folder = document.path.rpartition("/")[0]
        beside = f"{folder}/" if folder else ""
        names = json.dumps(document.names)
        rows = self._connection.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id <> ? AND (kind = 'amendment'"
            " OR (names = ? AND (names <> '[]' OR (path >= ? AND path < ?)))) ORDER BY path LIMIT ?",
            (document.id, names, beside, f"{beside}\U0010ffff", most),
        )
        return list(map(_document, rows))

    def documents_by_id(self, ids: Collection[int]) -> dict[int, DocumentEntry]:
        rows = self._in(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id IN", ids)
        return {row[0]: _document(row) for row in rows}

    def quarantine(self) -> list[QuarantineEntry]:
        rows = self._connection.execute(
            "SELECT path, parent, sha256, size, mtime_ns, reader, kind, reason, since FROM quarantine"
            " ORDER BY path"
        )
        return [QuarantineEntry(*row) for row in rows]

    def unreadable(self) -> tuple[Unreadable, ...]:
        """Documents in quarantine, the pages that gave no text of those that were read, and files of
        metadata with a fault."""
        whole = [Unreadable(item.path, item.reason, item.kind) for item in self.quarantine()]
        rows = self._connection.execute(
            "SELECT documents.path, contents.unread_pages FROM contents"
            " CROSS JOIN documents ON documents.content_id = contents.id"
            " WHERE contents.unread_pages <> '[]' ORDER BY documents.path"
        )
        partly = [_read_in_part(path, json.loads(pages)) for path, pages in rows]
        faulty = self.scopes.faults()
        return tuple(sorted((*whole, *partly, *faulty), key=lambda item: item.document))

    def ocr_pages(self) -> int:
        """How many pages of the published documents were read by OCR."""
        row = self._connection.execute(
            "SELECT count(*) FROM pages CROSS JOIN documents USING (content_id)"
            f" WHERE read_as = '{READ_OCR}'"
        ).fetchone()
        return int(row[0])

    def doubtful_pages(self) -> tuple[DoubtfulPage, ...]:
        """Pages whose text is not to be relied on, by document."""
        rows = self._connection.execute(
            "SELECT path, number, confidence, read_as"
            " FROM pages CROSS JOIN documents USING (content_id)"
            f" WHERE confidence < {DOUBTFUL} ORDER BY path, ordinal"
        )
        return tuple(DoubtfulPage(*row) for row in rows)

    def hidden(self) -> tuple[HiddenIn, ...]:
        """Text of published documents that no reader of a page sees, by document."""
        rows = self._connection.execute(
            "SELECT path, hidden FROM contents CROSS JOIN documents"
            " ON documents.content_id = contents.id WHERE hidden <> '[]' ORDER BY path"
        )
        return tuple(HiddenIn(path, **item) for path, items in rows for item in json.loads(items))

    def fenced(self) -> tuple[FencedIn, ...]:
        """Passages of published documents that read like instructions to a machine, by document."""
        return fenced_documents(self._connection)

    def fenced_in(self, content_id: int) -> tuple[Fenced, ...]:
        """Where they stand in a content, in reading order; a title's is not in its text."""
        return fenced_passages(self._connection, content_id)

    def fenced_by_document(self) -> list[tuple[int, Fenced]]:
        """(document, passage of its text), of all published documents, by document and place."""
        return fenced_of_documents(self._connection)

    def concerned_by_ocr(self) -> frozenset[str]:
        """Paths of the files, attachments aside, that another OCR might read otherwise."""
        queries = (
            "SELECT path FROM pages CROSS JOIN documents USING (content_id)"
            f" WHERE read_as = '{READ_OCR}'",
            "SELECT path FROM contents CROSS JOIN documents ON documents.content_id = contents.id"
            f" WHERE unread_pages <> '[]' AND instr(unread_pages, '\"{NEEDS_OCR}\"')",
            f"SELECT path FROM quarantine WHERE kind = '{NEEDS_OCR}'",
        )
        paths = (path for query in queries for (path,) in self._connection.execute(query))
        return frozenset(path.partition("::")[0] for path in paths)

    # Text

    def text(self, content_id: int, start: int, end: int) -> str:
        """Characters start to end of a content's text."""
        rows = self._connection.execute(
            "SELECT start, text FROM pages WHERE content_id = ? AND stop > ? AND start < ?"
            " ORDER BY ordinal",
            (content_id, start, end),
        )
        return "".join(text[max(0, start - at) : max(0, end - at)] for at, text in rows)

    def length(self, content_id: int) -> int:
        """Characters of a content's text."""
        row = self._connection.execute(
            "SELECT coalesce(max(stop), 0) FROM pages WHERE content_id = ?", (content_id,)
        ).fetchone()
        return int(row[0])

    def place(self, content_id: int, position: int) -> Place:
        row = self._connection.execute(
            "SELECT number, read_as, confidence FROM pages WHERE content_id = ? AND start <= ?"
            " ORDER BY start DESC, ordinal DESC LIMIT 1",
            (content_id, position),
        ).fetchone()
        return Place(*row) if row else Place(None, "")

    def page_span(self, content_id: int, number: int) -> Span | None:
        """Where the page of that number stands in the text; None if there is none."""
        start, end = self._connection.execute(
            "SELECT min(start), max(stop) FROM pages WHERE content_id = ? AND number = ?",
            (content_id, number),
        ).fetchone()
        return None if start is None else Span(start, end)

    def pages(self, content_id: int) -> list[tuple[int | None, Span]]:
        """(number, place in the text) of every page with text, in order, and of the last."""
        rows = self._connection.execute(
            "SELECT number, start, stop FROM pages WHERE content_id = ? ORDER BY ordinal",
            (content_id,),
        )
        return [(number, Span(start, stop)) for number, start, stop in rows]

    def column_headings(self, content_id: int) -> list[Span]:
        """Where the headings of a content's tables stand."""
        row = self._connection.execute(
            "SELECT tables FROM contents WHERE id = ?", (content_id,)
        ).fetchone()
        return [Span(*columns) for _, _, columns in json.loads(row[0]) if columns] if row else []

    def sentences(self, chunk_set_id: int) -> NDArray[np.int32]:
        """int32, shape (sentences, 2): start and end of each sentence of a document."""
        row = self._connection.execute(
            "SELECT sentences FROM chunk_sets WHERE id = ?", (chunk_set_id,)
        ).fetchone()
        return unpack_spans(row[0])

    # Chunks

    def entries_of_document(self, document_id: int) -> list[int]:
        rows = self._connection.execute(
            "SELECT id FROM entries WHERE document_id = ? ORDER BY id", (document_id,)
        )
        return [row[0] for row in rows]

    def entry_ranges(self, documents: Collection[int]) -> dict[int, range]:
        """document -> its entries; they were written together, in reading order."""
        rows = self._in(
            "SELECT document_id, min(id), max(id) FROM entries WHERE document_id IN",
            documents,
            "GROUP BY document_id",
        )
        return {document: range(first, last + 1) for document, first, last in rows}

    def last_ids(self) -> tuple[int, int]:
        """The highest ids of documents and of entries, 0 if there are none."""
        row = self._connection.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM documents),"
            " (SELECT coalesce(max(id), 0) FROM entries)"
        ).fetchone()
        return int(row[0]), int(row[1])

    def chunks(self, entries: Collection[int]) -> dict[int, ChunkEntry]:
        rows = self._in(
            "SELECT entries.id, entries.document_id, chunks.ordinal, chunks.start, chunks.stop,"
            " chunks.heading FROM entries JOIN chunks ON chunks.id = entries.chunk_id"
            " WHERE entries.id IN",
            entries,
        )
        return {row[0]: ChunkEntry(*row) for row in rows}

    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that documents are in, as far as they could be told."""
        return noted_languages(self._connection)

    def documents_by_language(self) -> dict[str, int]:
        """Language, "" where it could not be told -> documents."""
        return dict(
            self._connection.execute("SELECT language, count(*) FROM documents GROUP BY language")
        )

    def chunks_by_language(self) -> dict[str, int]:
        """Language of the document, "" where it could not be told -> chunks."""
        rows = self._connection.execute(
            "SELECT language, count(*) FROM entries"
            " JOIN documents ON documents.id = entries.document_id GROUP BY language"
        )
        return dict(rows.fetchall())

    # Vectors

    def vector_index(self) -> VectorIndexEntry | None:
        row = self._connection.execute(
            "SELECT number, embedder, last_vector, vectors FROM vector_indexes"
        ).fetchone()
        return VectorIndexEntry(*row) if row else None

    def vector_totals(self, embedder: str) -> tuple[int, int]:
        """(how many vectors are kept, the highest id) for `embedder`."""
        row = self._connection.execute(
            "SELECT count(*), coalesce(max(id), 0) FROM vectors WHERE embedder = ?", (embedder,)
        ).fetchone()
        return int(row[0]), int(row[1])

    def _in(
        self, query: str, values: Collection[int] | Collection[str], end: str = ""
    ) -> list[tuple[Any, ...]]:
        return rows_in(self._connection, query, values, end)


def _document(row: tuple[Any, ...]) -> DocumentEntry:
    values = list(row)
    values[12] = tuple(json.loads(str(values[12])))
    return DocumentEntry(*values)  # columns are in the order of the fields


def _read_in_part(path: str, pages: list[dict[str, Any]]) -> Unreadable:
    """pages: of the document at `path`, those that gave no text."""
    numbers = ", ".join(str(page["number"]) for page in pages)
    reason = f"page{'s' if len(pages) > 1 else ''} {numbers}: {pages[0]['reason']}"
    lost = tuple(int(page["number"]) for page in pages)
    return Unreadable(path, reason, str(pages[0].get("kind", "")), lost)
