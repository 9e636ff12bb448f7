"""What a question can be limited by: kinds, dates and metadata of the published documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ragkit.catalog.erasing import TO_ERASE
from ragkit.catalog.names import Names
from ragkit.catalog.state import note_state
from ragkit.catalog.store import Catalog
from ragkit.types import Unreadable

Pairs = tuple[tuple[str, str], ...]
"""(key, value) of one document, in order; a key may have several values."""


@dataclass(frozen=True, slots=True)
class ScopedDocument:
    """What filters look at. kind, date: by rule from the document's text, "" where not told."""

    id: int
    path: str
    kind: str
    date: str


@dataclass(frozen=True, slots=True)
class MetadataChanges:
    """What an ingest has found of metadata. changed: by path of published documents, attachments too,
    what they have from now on. faults: by path of files that hold metadata, what is wrong with them;
    they replace those that were noted before.
    """

    changed: Mapping[str, Pairs]
    faults: Mapping[str, str]


class ScopeTables:
    """Reads and writes the tables of metadata. Writing needs the WriterLock and a transaction."""

    def __init__(self, catalog: Catalog) -> None:
        self._connection = catalog.connection

    # Reading

    def documents(self) -> Iterator[ScopedDocument]:
        """Every published document, by path."""
        rows = self._connection.execute("SELECT id, path, kind, date FROM documents ORDER BY path")
        return (ScopedDocument(*row) for row in rows)

    def counted_keys(self) -> dict[str, int]:
        """Every key of metadata, as it is written, with the number of documents that have it."""
        rows = self._connection.execute(
            "SELECT key, count(DISTINCT document_id) FROM document_metadata GROUP BY key"
        )
        return dict(rows.fetchall())

    def values(self, keys: Collection[str]) -> Iterator[tuple[int, str]]:
        """(document, value) of those that have one of the keys, as they are written."""
        marks = ", ".join("?" * len(keys))
        return self._connection.execute(
            f"SELECT document_id, value FROM document_metadata WHERE key IN ({marks})", tuple(keys)
        )

    def pairs(self) -> dict[str, Pairs]:
        """By path what each document has; documents without any are left out."""
        rows = self._connection.execute(
            "SELECT path, key, value FROM document_metadata"
            " JOIN documents ON documents.id = document_id ORDER BY path, position"
        )
        found: dict[str, Pairs] = {}
        for path, key, value in rows:
            found[path] = (*found.get(path, ()), (key, value))
        return found

    def faults(self) -> tuple[Unreadable, ...]:
        """Files that hold metadata and what is wrong with them, by path."""
        rows = self._connection.execute("SELECT path, reason FROM metadata_faults ORDER BY path")
        return tuple(Unreadable(path, reason, "metadata") for path, reason in rows)

    # Writing

    def give(self, document_id: int, pairs: Pairs) -> None:
        """What a document has that was shown just now."""
        self._connection.executemany(
            "INSERT INTO document_metadata VALUES (?, ?, ?, ?)",
            [(document_id, at, *pair) for at, pair in enumerate(pairs)],
        )

    def change(self, changes: MetadataChanges, run: int) -> None:
        """run: the ingest in whose name it is noted that documents have other metadata."""
        for path, pairs in changes.changed.items():
            document = self._document(path)
            if document is not None:
                self._connection.execute(
                    "DELETE FROM document_metadata WHERE document_id = ?", (document,)
                )
                self.give(document, pairs)
        self._connection.execute("DELETE FROM metadata_faults")
        self._connection.executemany(
            "INSERT INTO metadata_faults VALUES (?, ?)", list(changes.faults.items())
        )
        if changes.changed:
            note_state(self._connection, {TO_ERASE: "yes"})
        if run:
            self._note(run, {path.partition("::")[0] for path in changes.changed})

    def _document(self, path: str) -> int | None:
        row = self._connection.execute(
            "SELECT id FROM documents WHERE path = ?", (path,)
        ).fetchone()
        return None if row is None else int(row[0])

    def _note(self, run: int, files: Iterable[str]) -> None:
        """For the next nightly report."""
        paths = sorted(files)
        Names(self._connection).note(paths)
        self._connection.executemany(
            "INSERT OR IGNORE INTO run_metadata SELECT ?, id FROM names WHERE path = ?",
            [(run, path) for path in paths],
        )

    def forget_faults(self, paths: Iterable[str]) -> None:
        self._connection.executemany(
            "DELETE FROM metadata_faults WHERE path = ?", [(path,) for path in paths]
        )
