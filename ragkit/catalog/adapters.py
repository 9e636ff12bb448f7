"""Query adapters: what was learned from marked questions, newest in use, with the documents behind it.

An adapter holds no text, but it was made of documents' vectors: it goes as a whole when one of the
documents it was trained on goes. Where the one in use goes, the former ones that `undo` would bring back
go too: they were replaced by something better, and nobody has asked for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.feedback import GONE, at_or_below, follow_renamed
from ragkit.catalog.store import now

KEPT = 5
"""Adapters kept for undo, the one in use included; each of 384 x 384 numbers is 0.6 MB."""
_COLUMNS = "id, made, embedder, fingerprint, weight, dimension, figures"


@dataclass(frozen=True, slots=True)
class AdapterEntry:
    """An adapter without its matrix. figures: JSON, what its cross-validation measured; no names.

    weight: of its score beside the others'. embedder: fingerprint of the one whose vectors it takes.
    """

    id: int
    made: str
    embedder: str
    fingerprint: str
    weight: float
    dimension: int
    figures: str


class Adapters:
    """The adapters of one pipeline. Writing needs the WriterLock and a transaction of the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def newest(self) -> AdapterEntry | None:
        """The one in use, if its embedder is the pipeline's; None if there is none."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM adapters ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return None if row is None else AdapterEntry(*row)

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM adapters").fetchone()[0])

    def matrix(self, entry: AdapterEntry) -> NDArray[np.float32]:
        """float32, shape (dimension, dimension)."""
        row = self._connection.execute(
            "SELECT matrix FROM adapters WHERE id = ?", (entry.id,)
        ).fetchone()
        return np.frombuffer(row[0], "<f4").reshape(entry.dimension, entry.dimension)

    def keep(
        self,
        matrix: NDArray[np.float32],
        *,
        embedder: str,
        fingerprint: str,
        weight: float,
        figures: str,
        documents: Collection[tuple[str, str]],
    ) -> None:
        """Put an adapter into use. documents: (path, SHA-256) of each that it was trained on.

        The same once more takes its own place: `undo` then goes back to another.
        """
        _delete(
            self._connection,
            "id = (SELECT max(id) FROM adapters) AND fingerprint = ?",
            (fingerprint,),
        )
        row = (now(), embedder, fingerprint, weight, len(matrix), figures)
        number = self._connection.execute(
            "INSERT INTO adapters (made, embedder, fingerprint, weight, dimension, figures, matrix)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, matrix.astype("<f4").tobytes()),
        ).lastrowid
        self._connection.executemany(
            "INSERT OR REPLACE INTO adapter_documents (adapter_id, path, sha256) VALUES (?, ?, ?)",
            [(number, path, sha256) for path, sha256 in documents],
        )
        _delete(
            self._connection,
            "id NOT IN (SELECT id FROM adapters ORDER BY id DESC LIMIT ?)",
            (KEPT,),
        )

    def undo(self) -> bool:
        """Forget the newest, so that the one before it is in use; False if there is none."""
        return _delete(self._connection, "id = (SELECT max(id) FROM adapters)", ()) > 0


def forget_of(connection: sqlite3.Connection, paths: Iterable[str]) -> int:
    """Forget every adapter that was trained on one of these files or an attachment below it.

    In a transaction of the caller's. Returns how many went.
    """
    newest = Adapters(connection).newest()
    count = sum(_delete(connection, _TRAINED_ON, at_or_below(path)) for path in paths)
    return count + _forget_former(connection, newest)


def forget_gone(connection: sqlite3.Connection) -> int:
    """Forget adapters trained on documents that are not there any more; a renamed one is."""
    follow_renamed(connection, "adapter_documents")
    newest = Adapters(connection).newest()
    gone = f"id IN (SELECT adapter_id FROM adapter_documents WHERE {GONE})"
    return _delete(connection, gone, ()) + _forget_former(connection, newest)


def _forget_former(connection: sqlite3.Connection, newest: AdapterEntry | None) -> int:
    """Forget every adapter if `newest` is not there any more. Returns how many went."""
    now_newest = Adapters(connection).newest()
    if newest is None or (now_newest is not None and now_newest.id == newest.id):
        return 0
    return _delete(connection, "true", ())


def matrices_of(
    connection: sqlite3.Connection, paths: Iterable[str]
) -> Iterator[NDArray[np.float32]]:
    """The matrices that forget_of() would forget, float32, shape (dimension, dimension)."""
    for path in paths:
        rows = connection.execute(
            f"SELECT matrix, dimension FROM adapters WHERE {_TRAINED_ON}", at_or_below(path)
        )
        for matrix, dimension in rows:
            yield np.frombuffer(matrix, "<f4").reshape(dimension, dimension)


_TRAINED_ON = (
    "id IN (SELECT adapter_id FROM adapter_documents WHERE path = ? OR (path >= ? AND path < ?))"
)


def _delete(connection: sqlite3.Connection, which: str, values: tuple[object, ...]) -> int:
    return connection.execute(f"DELETE FROM adapters WHERE {which}", values).rowcount
