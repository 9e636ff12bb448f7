"""Publishing: one SQLite transaction that turns the old state into the new one.

Readers in WAL mode see the old state until COMMIT. The generation grows by one each time anything
a reader can see changes; a run that changes nothing publishes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from ragkit.catalog import adapters, feedback
from ragkit.catalog.changes import (
    SAME_PATH,
    SHARED_FIELDS,
    Changes,
    DocumentRow,
    HeldBack,
    QuarantineRow,
)
from ragkit.catalog.contents import facts_from_json
from ragkit.catalog.erasing import PURGING, TO_ERASE, WORDS_TO_ERASE, Erasing, sweep
from ragkit.catalog.fences import blanked, fenced_passages
from ragkit.catalog.intent import Intent
from ragkit.catalog.runs import UNREAD, Runs
from ragkit.catalog.scoping import Pairs, ScopeTables
from ragkit.catalog.state import note_languages, note_state, state_of
from ragkit.catalog.store import Catalog, now
from ragkit.errors import CheckFailed
from ragkit.metadata.sidecars import sidecars_of

Analyse = Callable[[str, str], str]
"""(text, language) -> its index terms, separated by spaces. Given by retrieval.analysis."""
MetadataOf = Callable[[str], Pairs]
"""The path of a document -> its metadata."""

OPENING_CHARACTERS = 2000
"""How much of a document's beginning counts when a question's words are matched with documents."""


class Publisher:
    """Writes the published tables. The caller holds the WriterLock."""

    def __init__(self, catalog: Catalog, analyse: Analyse) -> None:
        self._catalog = catalog
        self._connection = catalog.connection
        self._analyse = analyse
        self._scopes = ScopeTables(catalog)

    def publish(
        self,
        changes: Changes,
        *,
        fingerprints: dict[str, str],
        noted: dict[str, str],
        run: int = 0,
        judge: Callable[[], bool] | None = None,
        metadata_of: MetadataOf = lambda path: (),
    ) -> int:
        """Apply `changes` and say what made the state (`fingerprints`), and what else is `noted`.

        run: the ingest in whose name the changes are noted; 0 for none. judge: asked within the
        transaction, when this connection sees the new state and nobody else does. metadata_of: of the
        documents that are shown.
        Returns the generation now published. Raises HeldBack if `judge` says no.
        """
        with self._catalog.transaction():
            for path, size, mtime_ns in changes.touched:
                self._touch(path, size, mtime_ns)
            if changes:
                known_since = self._quarantine_times()
                replaced = self._replaced(changes)
                digests = self._digests(replaced)
                for path in replaced:
                    self._remove(path)
                for document in changes.shown:
                    self._show(document, fingerprints["embedder"], metadata_of)
                for row in changes.quarantined:
                    self._quarantine(row, known_since.get(row.path))
                if changes.metadata is not None:
                    self._scopes.change(changes.metadata, run)
                if run:
                    Runs(self._catalog).note_changes(run, digests, self._digests(replaced))
                self._bump_generation()
                note_languages(self._connection)
            note_state(self._connection, {**fingerprints, **noted})
            if judge is not None and not judge():
                raise HeldBack
            return self._generation()

    def _replaced(self, changes: Changes) -> set[str]:
        shown = {row.path for row in changes.shown if row.parent is None}
        return changes.removed | shown | {row.path for row in changes.quarantined if not row.parent}

    def _digests(self, paths: set[str]) -> dict[str, str]:
        """path -> SHA-256 of those of `paths` that lie there now, marked where they could not be read."""
        rows = self._connection.execute(
            "SELECT path, sha256 FROM documents WHERE parent IS NULL UNION ALL"
            " SELECT path, ? || sha256 FROM quarantine WHERE parent IS NULL",
            (UNREAD,),
        )
        return {path: digest for path, digest in rows if path in paths}

    def _quarantine_times(self) -> dict[str, str]:
        return dict(self._connection.execute("SELECT path, since FROM quarantine"))

    def _touch(self, path: str, size: int, mtime_ns: int) -> None:
        for table in ("documents", "quarantine"):
            self._connection.execute(
                f"UPDATE {table} SET size = ?, mtime_ns = ? WHERE path = ?", (size, mtime_ns, path)
            )

    def _remove(self, path: str) -> None:
        """Take a file out of the published state, with every attachment below it."""
        below = f"{path}::"
        under = (path, below, below + "\U0010ffff")
        # Deleted rows leave their words in the full-text segments until these are merged.
        note_state(self._connection, {WORDS_TO_ERASE: "yes"})
        ids = self._connection.execute(
            "SELECT id FROM documents WHERE path = ? OR (path >= ? AND path < ?)", under
        ).fetchall()
        for (document_id,) in ids:
            self._connection.execute(
                "DELETE FROM entry_terms WHERE rowid IN"
                " (SELECT id FROM entries WHERE document_id = ?)",
                (document_id,),
            )
            self._connection.execute("DELETE FROM entries WHERE document_id = ?", (document_id,))
            self._connection.execute("DELETE FROM document_terms WHERE rowid = ?", (document_id,))
            self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        unread = self._connection.execute(
            "DELETE FROM quarantine WHERE path = ? OR (path >= ? AND path < ?)", under
        )
        if ids or unread.rowcount:
            note_state(self._connection, {TO_ERASE: "yes"})

    def _show(self, row: DocumentRow, embedder: str, metadata_of: MetadataOf) -> None:
        if self._is_taken(row.path):
            same = asdict(row)
            kept = {name: same[name] for name in SHARED_FIELDS}
            self._quarantine(QuarantineRow(**kept, kind="same_path", reason=SAME_PATH), None)
            return
        facts_json, title = self._connection.execute(
            "SELECT chunk_sets.facts, contents.title FROM chunk_sets"
            " JOIN contents ON contents.id = chunk_sets.content_id WHERE chunk_sets.id = ?",
            (row.chunk_set_id,),
        ).fetchone()
        facts = facts_from_json(facts_json)
        title = facts.title or title
        document_id = self._connection.execute(
            "INSERT INTO documents (path, parent, sha256, size, mtime_ns, reader, content_id,"
            " chunk_set_id, title, kind, language, names, date)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.path,
                row.parent,
                row.sha256,
                row.size,
                row.mtime_ns,
                row.reader,
                row.content_id,
                row.chunk_set_id,
                title,
                facts.kind,
                facts.language,
                json.dumps(facts.names, ensure_ascii=False),
                facts.date,
            ),
        ).lastrowid
        self._scopes.give(int(document_id or 0), metadata_of(row.path))
        text = self._text(row.content_id)
        naming = (row.path, title, " ".join((*facts.names, facts.date)), text[:OPENING_CHARACTERS])
        self._connection.execute(
            "INSERT INTO document_terms (rowid, filename, title, names, opening)"
            " VALUES (?, ?, ?, ?, ?)",
            (document_id, *(self._analyse(words, facts.language) for words in naming)),
        )
        self._show_chunks(row, int(document_id or 0), embedder, text, facts.language)

    def _show_chunks(
        self, row: DocumentRow, document_id: int, embedder: str, text: str, language: str
    ) -> None:
        chunks = self._connection.execute(
            "SELECT chunks.id, chunks.start, chunks.stop, chunks.header, vectors.id FROM chunks"
            " LEFT JOIN vectors ON vectors.key = chunks.vector_key AND vectors.embedder = ?"
            " WHERE chunk_set_id = ? ORDER BY ordinal",
            (embedder, row.chunk_set_id),
        ).fetchall()
        for chunk_id, start, stop, header, vector_id in chunks:
            if vector_id is None:
                raise CheckFailed(f"A chunk of {row.path} has no vector; nothing was published.")
            entry = self._connection.execute(
                "INSERT INTO entries (document_id, chunk_id, vector_id) VALUES (?, ?, ?)",
                (document_id, chunk_id, vector_id),
            )
            self._connection.execute(
                "INSERT INTO entry_terms (rowid, header, body) VALUES (?, ?, ?)",
                (
                    entry.lastrowid,
                    self._analyse(header, language),
                    self._analyse(text[start:stop], language),
                ),
            )

    def _is_taken(self, path: str) -> bool:
        """Whether another document of this very publication has the path already."""
        query = "SELECT 1 FROM documents WHERE path = ?"
        return self._connection.execute(query, (path,)).fetchone() is not None

    def _text(self, content_id: int) -> str:
        pages = self._connection.execute(
            "SELECT text FROM pages WHERE content_id = ? ORDER BY ordinal", (content_id,)
        )
        text = "".join(text for (text,) in pages)
        return blanked(text, 0, fenced_passages(self._connection, content_id))

    def _quarantine(self, row: QuarantineRow, since: str | None) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.path,
                row.parent,
                row.sha256,
                row.size,
                row.mtime_ns,
                row.reader,
                row.kind,
                row.reason,
                since or now(),
            ),
        )

    def _generation(self) -> int:
        return int(state_of(self._connection, "generation") or 0)

    def _bump_generation(self) -> None:
        note_state(
            self._connection, {"generation": str(self._generation() + 1), "published": now()}
        )

    def note(self, values: dict[str, str]) -> None:
        """Note something in the catalog's state."""
        with self._catalog.transaction() as connection:
            note_state(connection, values)

    def use_vector_index(self, number: int, embedder: str, last_vector: int, vectors: int) -> None:
        """From now on readers ask the Chroma folder `number`, which holds ids up to `last_vector`."""
        with self._catalog.transaction() as connection:
            connection.execute("DELETE FROM vector_indexes")
            connection.execute(
                "INSERT INTO vector_indexes (number, embedder, last_vector, vectors, built)"
                " VALUES (?, ?, ?, ?, ?)",
                (number, embedder, last_vector, vectors, now()),
            )

    def use_no_vector_index(self) -> None:
        """From now on readers ask none: there is no vector left to be in it."""
        with self._catalog.transaction() as connection:
            connection.execute("DELETE FROM vector_indexes")

    def sweep_orphans(self, embedder: str, held: Sequence[DocumentRow] = ()) -> int:
        """Erase every content, chunk and vector that nothing published shows. Returns contents erased.

        held: documents that were held back; what was made of them, with `embedder`, is kept for the
        next ingest. Called when nothing else is still on its way.
        """
        kept = [(row.chunk_set_id, row.content_id) for row in held]
        with self._catalog.transaction() as connection:
            erased = sweep(connection, embedder, kept)
        if state_of(self._connection, WORDS_TO_ERASE) == "yes":
            Erasing(self._catalog).merge_words()
        return erased

    def erase(self, paths: Iterable[str], intent: Intent) -> int:
        """Take files out for good, with what is kept of them, of anything unpublished, and their names.

        One transaction, after which no reader sees any of it; Erasing brings it out of the files.
        intent: noted until that is certified, beside those that are open. Returns contents erased.
        """
        names = tuple(paths)
        with self._catalog.transaction() as connection:
            for path in names:
                self._remove(path)
            self._scopes.forget_faults(sidecars_of(names))
            Runs(self._catalog).forget((*names, *sidecars_of(names)))
            adapters.forget_of(connection, names)
            feedback.forget_of(connection, names)
            erased = sweep(connection, "", ())
            self._bump_generation()
            noted = Erasing(self._catalog).intent.joined(intent).as_text()
            note_state(connection, {PURGING: noted, TO_ERASE: "yes", WORDS_TO_ERASE: "yes"})
        return erased
