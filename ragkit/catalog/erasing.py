"""Erasing: from rows that are deleted to bytes that are gone.

A deleted row is overwritten (secure_delete), but copies of it stay where SQLite has moved rows between
pages, in the full-text index's older segments, and in the write-ahead log. So, after a transaction
that deleted something: the segments are merged, the file is written anew from its rows, and the log
is emptied. `to_erase` in the state says that this is still to be done, whoever was killed on the way.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence

from ragkit.catalog import adapters, feedback
from ragkit.catalog.intent import Digests, Intent
from ragkit.catalog.state import note_state, state_of
from ragkit.catalog.store import CATALOG_NAME, Catalog
from ragkit.errors import Busy

TO_ERASE, WORDS_TO_ERASE = "to_erase", "words_to_erase"
"""In the state: "yes" while bytes of deleted rows may be in the files; while words may be in the index."""
PURGING = "purging"
"""In the state: the purges that have begun and have no certificate yet, as Intent writes them."""

LARGEST_IN_MEMORY = 256 << 20
"""Bytes of a catalog that is written anew by way of memory; a larger one takes a file beside it."""
PATIENCE_SECONDS = 60.0
"""For readers that hold an older state: a question takes seconds, and lets go of it."""
_PAUSE_SECONDS = 0.1


class Erasing:
    """Brings deleted rows out of the catalog's files. The caller holds the WriterLock."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._connection = catalog.connection

    @property
    def is_pending(self) -> bool:
        return state_of(self._connection, TO_ERASE) == "yes"

    @property
    def has_words_left(self) -> bool:
        """Whether words of deleted rows may be in the full-text indexes."""
        return state_of(self._connection, WORDS_TO_ERASE) == "yes"

    @property
    def intent(self) -> Intent:
        """The purges that have no certificate yet."""
        return Intent.read(state_of(self._connection, PURGING))

    def merge_words(self) -> None:
        """Merge the full-text segments, which leaves no word of a deleted row in them."""
        with self._catalog.transaction() as connection:
            for table in ("entry_terms", "document_terms"):
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
            note_state(connection, {WORDS_TO_ERASE: "no"})

    def rewrite(self) -> None:
        """Write the catalog anew from its rows: nothing of a page's unused bytes is taken along."""
        if self._catalog.folder.joinpath(CATALOG_NAME).stat().st_size > LARGEST_IN_MEMORY:
            # SQLite has no other way to say where; not /tmp, which may be another, plain disk.
            place = str(self._catalog.folder).replace("'", "''")
            self._connection.execute("PRAGMA temp_store = FILE")
            self._connection.execute(f"PRAGMA temp_store_directory = '{place}'")
        try:
            self._connection.execute("VACUUM")
        finally:
            self._connection.execute("PRAGMA temp_store = MEMORY")

    def empty_log(self, patience: float | None = None) -> None:
        """Empty the write-ahead log, waiting for readers that hold an older state. Raises Busy."""
        if not self._is_emptied(patience):
            raise Busy(
                f"A reader holds an older state of {self._catalog.folder}: what was erased is "
                "out of the index, but still in its write-ahead log.",
                hint="End that reader (a chat, a notebook) and run the same command again.",
            )

    def require_no_reader(self, patience: float | None = None) -> None:
        """Before anything is erased. Raises Busy if a reader holds a state and does not let go."""
        with self._catalog.transaction() as connection:  # only a log that holds something tells
            same = (PURGING, state_of(connection, PURGING))
            connection.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", same)
        if not self._is_emptied(patience):
            raise Busy(
                f"A reader holds the state of {self._catalog.folder}; nothing was erased.",
                hint="End that reader (a chat, a notebook) and run the same command again.",
            )

    def _is_emptied(self, patience: float | None) -> bool:
        until = time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
        while not self._catalog.empty_log():
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE_SECONDS)
        return True

    def done(self) -> None:
        """Note that nothing deleted is left in any file."""
        with self._catalog.transaction() as connection:
            cleansed = self.intent.cleansed().as_text()
            note_state(connection, {TO_ERASE: "no", PURGING: cleansed})

    def scanned(self, found: Digests, sought: Collection[str]) -> None:
        """Note what a scan has found and what it has looked for, before its certificate is kept."""
        with self._catalog.transaction() as connection:
            note_state(connection, {PURGING: self.intent.scanned(found, sought).as_text()})

    def certified(self, paths: Collection[str]) -> None:
        """Note that these, by digests of their paths, have their certificate; others stay open."""
        with self._catalog.transaction() as connection:
            note_state(connection, {PURGING: self.intent.without(paths).as_text()})

    def words_left(self, terms: Iterable[str]) -> int:
        """How many of these index terms the full-text indexes still hold."""
        self._connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.document_vocabulary"
            " USING fts5vocab (main, document_terms, row)"
        )
        query = (
            "SELECT EXISTS (SELECT 1 FROM entry_vocabulary WHERE term = ?)"
            " OR EXISTS (SELECT 1 FROM temp.document_vocabulary WHERE term = ?)"
        )
        found = sum(self._connection.execute(query, (term, term)).fetchone()[0] for term in terms)
        self._connection.execute("DROP TABLE temp.document_vocabulary")
        return int(found)


def sweep(
    connection: sqlite3.Connection, embedder: str, held: Sequence[tuple[int, int]] = ()
) -> int:
    """Delete every content, chunk set and vector that nothing published shows, and what was learned
    of documents that are gone, in the caller's transaction. Returns contents deleted.

    held: (chunk set, content) of what is kept all the same, with its vectors of `embedder`.
    """
    connection.execute(HELD_TABLE)
    connection.executemany("INSERT OR IGNORE INTO temp.held VALUES (?, ?)", held)
    erased = 0
    while count := connection.execute(ORPHAN_CONTENTS).rowcount:
        erased += count  # a mail's attachments become orphans only after the mail
    others = connection.execute(ORPHAN_CHUNK_SETS).rowcount
    others += connection.execute(ORPHAN_VECTORS, (embedder,)).rowcount
    others += adapters.forget_gone(connection) + feedback.forget_gone(connection)
    connection.execute("DROP TABLE temp.held")
    if erased or others:
        connection.execute("INSERT OR REPLACE INTO state VALUES (?, 'yes')", (TO_ERASE,))
    return erased


HELD_TABLE = (
    "CREATE TEMP TABLE held (chunk_set_id INTEGER PRIMARY KEY, content_id INTEGER NOT NULL)"
)
ORPHAN_CONTENTS = """
    DELETE FROM contents
    WHERE id NOT IN (SELECT content_id FROM documents)
      AND id NOT IN (SELECT content_id FROM temp.held)
      AND id NOT IN (SELECT child_id FROM children WHERE child_id IS NOT NULL)
"""
ORPHAN_CHUNK_SETS = """
    DELETE FROM chunk_sets
    WHERE id NOT IN (SELECT chunk_set_id FROM documents)
      AND id NOT IN (SELECT chunk_set_id FROM temp.held)
"""
ORPHAN_VECTORS = """
    DELETE FROM vectors
    WHERE id NOT IN (SELECT vector_id FROM entries)
      AND NOT (embedder = ? AND key IN (
          SELECT vector_key FROM chunks JOIN temp.held USING (chunk_set_id)))
"""
