"""What readers ask of the published state. Every method is one query or a few; none writes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.contents import embedded_text, load_vectors, unpack_spans
from ragkit.catalog.scoping import ScopeTables
from ragkit.catalog.sentence_vectors import (
    SENTENCES_MADE_AS,
    SentenceTable,
    read_sentence_vectors,
)
from ragkit.catalog.state import LANGUAGES, languages_in, state_of
from ragkit.catalog.store import Catalog
from ragkit.types import DOUBTFUL, NEEDS_OCR, READ_OCR, DoubtfulPage, HiddenIn, Span, Unreadable


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
MANY = 900
"""Values in one IN list, under SQLite's older limit of 999."""


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
        whole = [Unreadable(entry.path, entry.reason) for entry in self.quarantine()]
        rows = self._connection.execute(
            "SELECT documents.path, contents.unread_pages FROM contents"
            " CROSS JOIN documents ON documents.content_id = contents.id"
            " WHERE contents.unread_pages <> '[]' ORDER BY documents.path"
        )
        partly = [Unreadable(path, _pages_in_words(json.loads(pages))) for path, pages in rows]
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

    # Searching

    def lexical(
        self, expression: str, weights: tuple[float, float], limit: int
    ) -> list[tuple[int, int, float]]:
        """(entry, document, score) of the chunks that match an FTS5 expression, best first.

        weights: of the header's and of the body's words. score: BM25, higher is better.
        """
        # The limit is applied before the join, so that only `limit` rows are looked up.
        rows = self._connection.execute(
            "SELECT found.id, entries.document_id, found.score FROM ("
            "  SELECT rowid AS id, -bm25(entry_terms, ?, ?) AS score FROM entry_terms"
            "  WHERE entry_terms MATCH ? ORDER BY score DESC LIMIT ?) AS found"
            " JOIN entries ON entries.id = found.id ORDER BY found.score DESC, found.id",
            (*weights, expression, limit),
        )
        return list(rows)

    def lexical_within(
        self, expression: str, weights: tuple[float, float], document_id: int
    ) -> dict[int, float]:
        """entry -> BM25 of the chunks of one document that match, however low they rank elsewhere.

        The frequencies behind the score are still those of the whole corpus.
        """
        # A document's entries were written together: a range of row ids keeps FTS5 from scoring the rest.
        rows = self._connection.execute(
            "SELECT rowid, -bm25(entry_terms, ?, ?) FROM entry_terms WHERE entry_terms MATCH ?"
            " AND rowid BETWEEN (SELECT min(id) FROM entries WHERE document_id = ?)"
            " AND (SELECT max(id) FROM entries WHERE document_id = ?)",
            (*weights, expression, document_id, document_id),
        )
        return dict(rows.fetchall())

    def route(
        self, expression: str, weights: tuple[float, float, float, float], limit: int
    ) -> list[tuple[int, float]]:
        """(document, score) of the documents whose naming words match, best first; BM25.

        weights: of file name, title, names, opening.
        """
        rows = self._connection.execute(
            "SELECT rowid, -bm25(document_terms, ?, ?, ?, ?) AS score FROM document_terms"
            " WHERE document_terms MATCH ? ORDER BY score DESC, rowid LIMIT ?",
            (*weights, expression, limit),
        )
        return list(rows)

    def naming_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Of those terms that name a document, in how many file names, titles or lists of names each
        stands; the most of the three."""
        rows = self._by_term(
            "SELECT term, max(doc) FROM document_vocabulary"
            " WHERE col IN ('filename', 'title', 'names') AND term IN",
            terms,
            "GROUP BY term",
        )
        return dict(rows)

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """The same with the openings of documents."""
        return dict(
            self._by_term(
                "SELECT term, max(doc) FROM document_vocabulary WHERE term IN",
                terms,
                "GROUP BY term",
            )
        )

    def document_count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def entry_terms(self, entries: Collection[int]) -> dict[int, list[str]]:
        """entry -> the index terms of its header and body."""
        rows = self._in("SELECT rowid, header, body FROM entry_terms WHERE rowid IN", entries)
        return {entry: f"{header} {body}".split() for entry, header, body in rows}

    def _by_term(self, query: str, terms: Collection[str], end: str) -> list[tuple[Any, ...]]:
        wanted = sorted(terms)
        rows: list[tuple[Any, ...]] = []
        for at in range(0, len(wanted), MANY):
            part = wanted[at : at + MANY]
            rows += self._connection.execute(f"{query} ({_marks(len(part))}) {end}", part)
        return rows

    def naming_words(self, ids: Collection[int]) -> dict[int, tuple[str, str, str, str]]:
        """The index terms of documents: file name, title, names, opening."""
        rows = self._in(
            "SELECT rowid, filename, title, names, opening FROM document_terms WHERE rowid IN", ids
        )
        return {row[0]: row[1:] for row in rows}

    def chunk_frequency(self, term: str) -> int:
        """In how many chunks an index term occurs."""
        row = self._connection.execute(
            "SELECT doc FROM entry_vocabulary WHERE term = ?", (term,)
        ).fetchone()
        return int(row[0]) if row else 0

    def chunk_count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM entries").fetchone()[0])

    def entries_of_vectors(self, vector_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
        """vector -> (entry, document) of each published chunk that has it; none if no longer shown."""
        rows = self._in(
            "SELECT vector_id, id, document_id FROM entries WHERE vector_id IN", vector_ids
        )
        found: dict[int, list[tuple[int, int]]] = {}
        for vector_id, entry, document in rows:
            found.setdefault(vector_id, []).append((entry, document))
        return found

    def entry_vectors(self, entries: Collection[int]) -> dict[int, NDArray[np.float32]]:
        """The vector of each entry, float32, shape (dimension,)."""
        rows = self._in(
            "SELECT entries.id, vectors.vector FROM entries"
            " JOIN vectors ON vectors.id = entries.vector_id WHERE entries.id IN",
            entries,
        )
        return {entry: np.frombuffer(vector, dtype="<f4") for entry, vector in rows}

    def sentence_table(self, entries: Collection[int]) -> SentenceTable:
        """The vectors of the sentences of those entries that have any, in one array.

        Empty while a state answers that was published before there were sentence vectors, though some
        may be made already.
        """
        made = self.state(SENTENCES_MADE_AS)
        return read_sentence_vectors(self._connection, entries if made else ())

    def sentence_vectors(
        self, entries: Collection[int]
    ) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """entry -> spans of its sentences, relative to its chunk's start, and their unit vectors.

        Shapes (n, 2) and (n, dimension). Entries without sentence vectors are left out.
        """
        return self.sentence_table(entries).by_entry()

    def entries_of_document(self, document_id: int) -> list[int]:
        rows = self._connection.execute(
            "SELECT id FROM entries WHERE document_id = ? ORDER BY id", (document_id,)
        )
        return [row[0] for row in rows]

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
        return frozenset(self.state(LANGUAGES).split() or languages_in(self._connection))

    def chunks_by_language(self) -> dict[str, int]:
        """Language of the document, "" where it could not be told -> chunks."""
        rows = self._connection.execute(
            "SELECT language, count(*) FROM entries"
            " JOIN documents ON documents.id = entries.document_id GROUP BY language"
        )
        return dict(rows.fetchall())

    def embedded_texts(self, entries: Collection[int]) -> dict[int, str]:
        """entry -> the text that was embedded for it: its header, and what stands in the document."""
        rows = self._in(
            "SELECT entries.id, chunks.header, documents.content_id, chunks.start, chunks.stop"
            " FROM entries JOIN chunks ON chunks.id = entries.chunk_id"
            " JOIN documents ON documents.id = entries.document_id WHERE entries.id IN",
            entries,
        )
        return {
            entry: embedded_text(header, self.text(content_id, start, end))
            for entry, header, content_id, start, end in rows
        }

    def vector_index(self) -> VectorIndexEntry | None:
        row = self._connection.execute(
            "SELECT number, embedder, last_vector, vectors FROM vector_indexes"
        ).fetchone()
        return VectorIndexEntry(*row) if row else None

    def vectors_after(
        self, embedder: str, after: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids and vectors above an id: the tail that the vector index does not hold yet."""
        batches = list(load_vectors(self._connection, embedder, after=after))
        if not batches:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        return np.concatenate([ids for ids, _ in batches]), np.concatenate([v for _, v in batches])

    def vector_totals(self, embedder: str) -> tuple[int, int]:
        """(how many vectors are kept, the highest id) for `embedder`."""
        row = self._connection.execute(
            "SELECT count(*), coalesce(max(id), 0) FROM vectors WHERE embedder = ?", (embedder,)
        ).fetchone()
        return int(row[0]), int(row[1])

    def _in(self, query: str, values: Collection[int], end: str = "") -> list[tuple[Any, ...]]:
        wanted = [int(value) for value in values]
        rows: list[tuple[Any, ...]] = []
        for at in range(0, len(wanted), MANY):
            part = wanted[at : at + MANY]
            rows += self._connection.execute(f"{query} ({_marks(len(part))}) {end}", part)
        return rows


@lru_cache(maxsize=8)
def _marks(count: int) -> str:
    return ",".join("?" * count)


def _document(row: tuple[Any, ...]) -> DocumentEntry:
    values = list(row)
    values[12] = tuple(json.loads(str(values[12])))
    return DocumentEntry(*values)  # columns are in the order of the fields


def _pages_in_words(pages: list[dict[str, object]]) -> str:
    numbers = ", ".join(str(page["number"]) for page in pages)
    return f"page{'s' if len(pages) > 1 else ''} {numbers}: {pages[0]['reason']}"
