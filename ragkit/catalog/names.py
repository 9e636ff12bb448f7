"""Names of documents by number, so that a document can be forgotten in every report at once.

What a night has told is kept for months. It holds numbers instead of names; shown, a number whose
name was forgotten is "(erased document 17)".
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

LISTS = ("added", "changed", "removed", "held", "metadata_changed")
RECORDS = ("failures", "doubtful", "hidden", "fenced")
TOLD = ("reason", "question", "message", "hint", "notes")
"""Where a report speaks in sentences, which may name a document."""
NO_NAME = 0
"""The number of an empty name, which stands in no table."""


class Names:
    """The table of names. Writing needs the WriterLock and a transaction of the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, paths: Iterable[str]) -> None:
        """Give a number to each path that has none."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO names (path) VALUES (?)", [(path,) for path in paths if path]
        )

    def number(self, path: str) -> int:
        """The number of a path that was noted; NO_NAME for an empty one."""
        row = self._connection.execute("SELECT id FROM names WHERE path = ?", (path,)).fetchone()
        return int(row[0]) if row else NO_NAME

    def shown(self, number: int) -> str:
        """The name, or what stands for one that was forgotten."""
        row = self._connection.execute("SELECT path FROM names WHERE id = ?", (number,)).fetchone()
        if row is None:
            return erased(number) if number != NO_NAME else ""
        return str(row[0])

    def at_or_below(self, paths: Iterable[str]) -> dict[int, str]:
        """number -> name of those of `paths` that have one, and of the attachments below them."""
        found: dict[int, str] = {}
        for path in paths:
            below = f"{path}::"
            rows = self._connection.execute(
                "SELECT id, path FROM names WHERE path = ? OR (path >= ? AND path < ?)",
                (path, below, below + "\U0010ffff"),
            )
            found.update(rows.fetchall())
        return found

    def meaning(self, paths: Collection[str]) -> set[int]:
        """Numbers of names by which a gate's question may mean one of `paths`.

        These are patterns that fit it, and the path with folders above the corpus before it.
        """
        rows = self._connection.execute("SELECT id, path FROM names").fetchall()
        below = tuple(f"/{path}" for path in paths)
        return {
            number
            for number, name in rows
            if name.endswith(below)
            or (set("*?[") & set(name) and any(fnmatchcase(path, name) for path in paths))
        }

    def forget(self, numbers: Iterable[int]) -> None:
        self._connection.executemany("DELETE FROM names WHERE id = ?", [(n,) for n in numbers])

    def drop_unused(self) -> None:
        """Remove the names that nothing refers to any more."""
        self._connection.execute(
            "DELETE FROM names WHERE id NOT IN (SELECT name_id FROM report_names)"
            " AND id NOT IN (SELECT name_id FROM run_documents)"
            " AND id NOT IN (SELECT name_id FROM failures)"
            " AND id NOT IN (SELECT name_id FROM run_metadata)"
        )


def erased(number: int) -> str:
    """What is shown for a document whose name was forgotten."""
    return f"(erased document {number})"


def with_documents(report: Mapping[str, Any], put: Callable[[Any], Any]) -> dict[str, Any]:
    """A nightly report with put(document) in every place where it says which document is meant."""
    done = dict(report)
    for key in LISTS:
        if key in report:
            done[key] = [put(document) for document in report[key]]
    if "renamed" in report:
        done["renamed"] = [[put(old), put(new)] for old, new in report["renamed"]]
    for key in RECORDS:
        if key in report:
            done[key] = _records(report[key], put)
    if report.get("gate"):
        gate = report["gate"]
        done["gate"] = {**gate, "failures": _records(gate["failures"], put)}
    return done


def _records(records: Iterable[dict[str, Any]], put: Callable[[Any], Any]) -> list[dict[str, Any]]:
    return [{**record, "document": put(record["document"])} for record in records]


def without_erased(
    report: Mapping[str, Any], gone: Mapping[int, str], asked_about: set[int]
) -> dict[str, Any]:
    """A report with numbers, in which no words of the forgotten documents `gone` are left.

    Their names are taken out of messages and notes, and what a file said about itself out of the
    reasons. asked_about: numbers of the names by which questions may mean them: these go as a whole.
    """
    words = {name: erased(number) for number, name in gone.items()}
    done: dict[str, Any] = _replaced(report, words)
    for failure in done.get("failures", ()):
        if failure["document"] in gone:
            failure["reason"] = ""
    for failure in (done.get("gate") or {}).get("failures", ()):
        if failure["document"] in asked_about:
            failure.update(id="", question="", reason="")
            if failure["document"] not in gone:
                failure["document"] = NO_NAME
    return done


def _replaced(value: Any, words: Mapping[str, str], *, is_told: bool = False) -> Any:
    """The same with words replaced where something is told; a date is no name, though one may be so."""
    if isinstance(value, str) and is_told:
        for word in sorted(words, key=len, reverse=True):
            value = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", words[word], value)
        return value
    if isinstance(value, list):
        return [_replaced(each, words, is_told=is_told) for each in value]
    if isinstance(value, Mapping):
        return {key: _replaced(each, words, is_told=key in TOLD) for key, each in value.items()}
    return value
