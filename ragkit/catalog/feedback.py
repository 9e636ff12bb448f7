"""Feedback: questions of the user's with the passages that were marked right or wrong.

A mark is a range of characters in one version of a document's text, so it names the version's digest.
A question goes as a whole as soon as one of its documents goes: its words may name that document.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ragkit.catalog.store import now

GONE = """
    path NOT IN (SELECT path FROM documents UNION ALL SELECT path FROM quarantine)
    AND sha256 NOT IN (SELECT sha256 FROM documents)
"""
"""A document that is neither shown, nor unreadable for the moment, nor renamed."""
RENAMED = """
    path NOT IN (SELECT path FROM documents UNION ALL SELECT path FROM quarantine)
    AND sha256 IN (SELECT sha256 FROM documents)
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A passage that was marked: `start` to `end` in the text of the version `sha256` of `path`."""

    path: str
    sha256: str
    start: int
    end: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class MarkedEntry:
    """A question with its marks, by document and place. at: of the last mark, UTC, ISO 8601."""

    id: int
    question: str
    at: str
    marks: tuple[Mark, ...]


class Feedback:
    """The marked questions. Writing needs the WriterLock and a transaction of the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, question: str, marks: Iterable[Mark]) -> int:
        """Mark passages for a question; a passage marked before has the later verdict. Returns its id."""
        self._connection.execute(
            "INSERT INTO feedback (question, at) VALUES (?, ?)"
            " ON CONFLICT (question) DO UPDATE SET at = excluded.at",
            (question, now()),
        )
        row = self._connection.execute(
            "SELECT id FROM feedback WHERE question = ?", (question,)
        ).fetchone()
        self._connection.executemany(
            "INSERT OR REPLACE INTO feedback_marks (feedback_id, path, sha256, start, stop, is_right)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(row[0], m.path, m.sha256, m.start, m.end, m.is_right) for m in marks],
        )
        return int(row[0])

    def entries(self) -> list[MarkedEntry]:
        """All questions, in the order in which they were first marked."""
        rows = self._connection.execute(
            "SELECT id, question, at, path, sha256, start, stop, is_right FROM feedback"
            " JOIN feedback_marks ON feedback_id = id ORDER BY id, path, start, stop"
        )
        return [_entry(key, list(group)) for key, group in groupby(rows, lambda row: row[:3])]

    def count(self) -> int:
        """How many questions are marked."""
        return int(self._connection.execute("SELECT count(*) FROM feedback").fetchone()[0])

    def remove(self, number: int) -> bool:
        """Forget a question and its marks; False if there is none of that number."""
        return self._connection.execute("DELETE FROM feedback WHERE id = ?", (number,)).rowcount > 0


def _entry(key: tuple[int, str, str], rows: Sequence[tuple[object, ...]]) -> MarkedEntry:
    marks = (
        Mark(str(path), str(sha256), int(str(start)), int(str(stop)), bool(is_right))
        for *_, path, sha256, start, stop, is_right in rows
    )
    return MarkedEntry(*key, tuple(marks))


def forget_of(connection: sqlite3.Connection, paths: Iterable[str]) -> int:
    """Forget every question with a mark in one of these files or an attachment below it.

    In a transaction of the caller's. Returns how many went.
    """
    return sum(
        connection.execute(f"DELETE FROM feedback WHERE {_MARKED_IN}", at_or_below(path)).rowcount
        for path in paths
    )


def forget_gone(connection: sqlite3.Connection) -> int:
    """Forget questions whose documents are not there any more, and follow those that were renamed."""
    follow_renamed(connection, "feedback_marks")
    return connection.execute(
        f"DELETE FROM feedback WHERE id IN (SELECT feedback_id FROM feedback_marks WHERE {GONE})"
    ).rowcount


def follow_renamed(connection: sqlite3.Connection, table: str) -> None:
    """Give rows of `table` the path under which the same bytes are shown now."""
    connection.execute(
        f"UPDATE OR REPLACE {table} SET path ="
        f" (SELECT min(path) FROM documents WHERE documents.sha256 = {table}.sha256)"
        f" WHERE {RENAMED}"
    )


def at_or_below(path: str) -> tuple[str, str, str]:
    """For `path = ? OR (path >= ? AND path < ?)`: a file, and the attachments in it."""
    below = f"{path}::"
    return path, below, below + "\U0010ffff"


def questions_of(
    connection: sqlite3.Connection, paths: Iterable[str], forgotten: bool
) -> Iterator[str]:
    """The words of the questions that forget_of() would forget, or of the others."""
    rows = connection.execute("SELECT id, question FROM feedback").fetchall()
    going = {
        number
        for path in paths
        for (number,) in connection.execute(
            f"SELECT id FROM feedback WHERE {_MARKED_IN}", at_or_below(path)
        )
    }
    yield from (question for number, question in rows if (number in going) == forgotten)


_MARKED_IN = (
    "id IN (SELECT feedback_id FROM feedback_marks WHERE path = ? OR (path >= ? AND path < ?))"
)
