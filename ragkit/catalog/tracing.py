"""Tracing: what the catalog holds of some files before they are erased, and of those that stay.

It is given to the byte scan, which knows nothing of tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import adapters, feedback
from ragkit.catalog.runs import UNREAD
from ragkit.catalog.store import Catalog

_IS_DIGEST = re.compile(r"[0-9a-f]{64}")
Side = Literal["going", "staying"]

_FILES = """
    CREATE TEMP TABLE going_documents (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE going_contents (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE staying_contents (id INTEGER PRIMARY KEY);
"""
_STAYING = """
    INSERT INTO temp.staying_contents
    WITH RECURSIVE shown (id) AS (
        SELECT content_id FROM documents WHERE id NOT IN (SELECT id FROM temp.going_documents)
        UNION SELECT child_id FROM children JOIN shown ON children.content_id = shown.id
            WHERE child_id IS NOT NULL)
    SELECT id FROM shown
"""
_GOING = (
    "INSERT INTO temp.going_contents SELECT id FROM contents"
    " WHERE id NOT IN (SELECT id FROM temp.staying_contents)"
)
_TEXTS = (
    "SELECT title FROM contents WHERE id IN",
    "SELECT text FROM pages WHERE content_id IN",
    "SELECT name FROM children WHERE content_id IN",
    "SELECT heading FROM chunks JOIN chunk_sets ON chunk_sets.id = chunk_set_id WHERE content_id IN",
    "SELECT header FROM chunks JOIN chunk_sets ON chunk_sets.id = chunk_set_id WHERE content_id IN",
)
_OBJECTS = (
    "SELECT headings FROM contents WHERE id IN",
    "SELECT hidden FROM contents WHERE id IN",
    "SELECT facts FROM chunk_sets WHERE content_id IN",
    "SELECT body FROM summaries WHERE content_id IN",
)
_TERMS = (
    "SELECT header, body FROM entry_terms JOIN entries ON entries.id = entry_terms.rowid"
    " WHERE document_id",
    "SELECT filename, title, names, opening FROM document_terms WHERE rowid",
)
_STAYING_ROW = "IN (SELECT id FROM temp.staying_contents)"
_ROWS = (
    f"SELECT sha256, reader, parser, title, headings, unread_pages FROM contents WHERE id {_STAYING_ROW}",
    f"SELECT name, sha256, size, child_id, kind, reason FROM children WHERE content_id {_STAYING_ROW}",
    "SELECT path, parent, sha256, size, mtime_ns, reader, content_id, chunk_set_id, title, kind,"
    " language, names, date FROM documents"
    " WHERE id NOT IN (SELECT id FROM temp.going_documents)",
    "SELECT document_id, position, key, value FROM document_metadata"
    " WHERE document_id NOT IN (SELECT id FROM temp.going_documents)",
)
_LEARNED_ROWS = (
    "SELECT feedback_id, path, sha256, start, stop, is_right FROM feedback_marks",
    "SELECT adapter_id, path, sha256 FROM adapter_documents",
)
_FAILED_ROWS = (
    "SELECT path, parent, sha256, size, mtime_ns, reader, kind, reason, since FROM quarantine"
)
_STAYING_VECTORS = (
    "SELECT vector_id FROM entries WHERE document_id NOT IN (SELECT id FROM temp.going_documents)"
)


class Traces:
    """What goes with some files and what stays. Reads within one transaction of the caller's.

    files: paths of files; attachments go with theirs. Everything that no document shows goes too.
    """

    def __init__(self, catalog: Catalog, files: Collection[str]) -> None:
        self._connection = catalog.connection
        self._files = frozenset(files)
        for statement in filter(str.strip, _FILES.split(";")):
            self._connection.execute(statement)
        for path in files:
            below = f"{path}::"
            self._connection.execute(
                "INSERT OR IGNORE INTO temp.going_documents"
                " SELECT id FROM documents WHERE path = ? OR (path >= ? AND path < ?)",
                (path, below, below + "\U0010ffff"),
            )
        self._connection.execute(_STAYING)
        self._connection.execute(_GOING)

    def forget(self) -> None:
        """Drop what was noted for the questions above."""
        for table in ("going_documents", "going_contents", "staying_contents"):
            self._connection.execute(f"DROP TABLE temp.{table}")

    def digests(self) -> dict[str, tuple[str, bool]]:
        """path -> (SHA-256, whether a document that stays has the same bytes), of published files."""
        rows = self._connection.execute(
            "SELECT path, sha256, sha256 IN (SELECT sha256 FROM contents WHERE id IN"
            " (SELECT id FROM temp.staying_contents)) FROM documents"
            " WHERE parent IS NULL AND id IN (SELECT id FROM temp.going_documents)"
        )
        return {path: (sha256, bool(shared)) for path, sha256, shared in rows}

    def all_digests(self) -> dict[str, tuple[str, ...]]:
        """path of a file -> SHA-256 of its bytes, then of all its attachments', of what is published."""
        rows = self._connection.execute(
            "SELECT path, sha256 FROM documents"
            " WHERE id IN (SELECT id FROM temp.going_documents) ORDER BY path"
        )
        found: dict[str, tuple[str, ...]] = {}
        for path, sha256 in rows:  # a file's own path comes before those of its attachments
            file = path.partition("::")[0]
            found[file] = (*found.get(file, ()), sha256)
        return found

    def earlier_digests(self) -> dict[str, set[str]]:
        """path -> SHA-256 of former states of a file, those that no nightly report has told of yet."""
        rows = self._connection.execute(
            "SELECT path, before, after FROM run_documents JOIN names ON names.id = name_id"
        )
        found: dict[str, set[str]] = {}
        for path, *noted in rows:
            bare = {digest.removeprefix(UNREAD) for digest in noted}
            found.setdefault(path, set()).update(filter(_IS_DIGEST.fullmatch, bare))
        return found

    def staying_digests(self) -> set[str]:
        """SHA-256 of everything that stays, attachments too."""
        rows = self._connection.execute(
            "SELECT sha256 FROM contents WHERE id IN (SELECT id FROM temp.staying_contents)"
            " UNION SELECT sha256 FROM documents"
            " WHERE id NOT IN (SELECT id FROM temp.going_documents)"
        )
        return {sha256 for (sha256,) in rows}

    def unpublished(self) -> int:
        """Contents that go though no document shows them."""
        row = self._connection.execute(
            "SELECT count(*) FROM temp.going_contents WHERE id NOT IN"
            " (SELECT content_id FROM documents)"
            " AND id NOT IN (SELECT child_id FROM children WHERE child_id IS NOT NULL)"
        ).fetchone()
        return int(row[0])

    def pages(self, side: Side) -> Iterator[str]:
        """Texts of pages, as they were read."""
        return self._strings(_TEXTS[1], side)

    def texts(self, side: Side) -> Iterator[str]:
        """Every text that was made of the contents: pages, titles, headings, summaries, index terms."""
        for query in _TEXTS:
            yield from self._strings(query, side)
        for query in _OBJECTS:
            for body in self._strings(query, side):
                yield from _strings_in(json.loads(body))
        yield from self.terms(side)
        yield from self._titles(side)
        yield from feedback.questions_of(self._connection, self._files, side == "going")
        if side == "staying":
            yield from self._rows()

    def terms(self, side: Side) -> Iterator[str]:
        """Index terms, as they were given to the full-text indexes."""
        sign = "IN" if side == "going" else "NOT IN"
        for query in _TERMS:
            rows = self._connection.execute(f"{query} {sign} (SELECT id FROM temp.going_documents)")
            yield from (text for row in rows for text in row if text)

    def _titles(self, side: Side) -> Iterator[str]:
        sign = "IN" if side == "going" else "NOT IN"
        rows = self._connection.execute(
            f"SELECT title, names FROM documents WHERE id {sign}"
            " (SELECT id FROM temp.going_documents)"
        )
        for title, names in rows:
            yield from (title, *json.loads(names))
        given = self._connection.execute(
            f"SELECT key, value FROM document_metadata WHERE document_id {sign}"
            " (SELECT id FROM temp.going_documents)"
        )
        yield from (text for row in given for text in row)

    def _rows(self) -> Iterator[str]:
        """Rows of what stays as SQLite lays them down, a column right after the other: the end of a
        digest, or of a time, and a reader's ".txt" make between them a name that no document has."""
        for query in _ROWS:
            yield from ("".join(map(_as_stored, row)) for row in self._connection.execute(query))
        for path, *row in self._connection.execute(_FAILED_ROWS):
            if path.partition("::")[0] not in self._files:
                yield "".join(map(_as_stored, (path, *row)))
        for query in _LEARNED_ROWS:
            for number, path, *row in self._connection.execute(query):
                if path.partition("::")[0] not in self._files:
                    yield "".join(map(_as_stored, (number, path, *row)))

    def vectors(self, side: Side) -> Iterator[NDArray[np.float32]]:
        """Vectors of any embedder; one that a document that stays also has, stays."""
        sign = "NOT IN" if side == "going" else "IN"
        rows = self._connection.execute(
            f"SELECT vector FROM vectors WHERE id {sign} ({_STAYING_VECTORS})"
        )
        return (np.frombuffer(vector, dtype="<f4") for (vector,) in rows)

    def matrices(self) -> Iterator[NDArray[np.float32]]:
        """What was learned of them, each matrix row after row. None that stays has the same numbers:
        it was learned from other documents."""
        return (matrix.ravel() for matrix in adapters.matrices_of(self._connection, self._files))

    def sentence_vectors(self, side: Side) -> Iterator[bytes]:
        """Those of the sentences beside them, a byte for each number."""
        sign = "NOT IN" if side == "going" else "IN"
        rows = self._connection.execute(
            f"SELECT vectors FROM sentence_vectors WHERE vector_id {sign} ({_STAYING_VECTORS})"
        )
        return (vectors for (vectors,) in rows)

    def vector_keys(self) -> Iterator[bytes]:
        """Those of chunks and vectors that go, and that nothing which stays has."""
        rows = self._connection.execute(
            "SELECT vector_key FROM chunks JOIN chunk_sets ON chunk_sets.id = chunk_set_id"
            " WHERE content_id IN (SELECT id FROM temp.going_contents)"
            f" UNION SELECT key FROM vectors WHERE id NOT IN ({_STAYING_VECTORS})"
            " EXCEPT SELECT vector_key FROM chunks JOIN chunk_sets ON chunk_sets.id = chunk_set_id"
            " WHERE content_id IN (SELECT id FROM temp.staying_contents)"
            f" EXCEPT SELECT key FROM vectors WHERE id IN ({_STAYING_VECTORS})"
        )
        return (key for (key,) in rows)

    def _strings(self, query: str, side: Side) -> Iterator[str]:
        rows = self._connection.execute(f"{query} (SELECT id FROM temp.{side}_contents)")
        return (text for (text,) in rows if text)


def _as_stored(value: str | int | None) -> str:
    """A column's bytes in a row, as signs; a number has its most significant byte first."""
    if isinstance(value, int):
        length = 8 if value < 0 else (value.bit_length() + 7) // 8
        return value.to_bytes(length, "big", signed=value < 0).decode("latin-1")
    return value or ""


def _strings_in(value: Any) -> Iterator[str]:
    """Every string in a JSON value, but the names of its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings_in(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings_in(each)
