"""Runs: what each ingest did, what cannot be read since when, and the nightly reports about it.

An ingest notes its changes in the transaction that publishes them, so that a run that was killed
is told of too: a nightly report covers everything since the report before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ragkit.catalog.store import Catalog, now
from ragkit.types import DocumentChanges, Failure, RunRecord, Unreadable

KEPT_RUNS = 500
"""Runs that are remembered; of older ones those that a report, or the next one, tells of."""


UNREAD = "?"
"""Before the digest of a file that could not be read, in the journal of changes."""


class Runs:
    """Reads and writes the tables of runs; writing needs the WriterLock."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._connection = catalog.connection

    # Of one ingest

    def begin(self, pid: int) -> int:
        """Note that an ingest has begun. Runs whose process died are marked as such."""
        with self._catalog.transaction() as connection:
            connection.execute("UPDATE runs SET outcome = 'killed' WHERE outcome = 'running'")
            cursor = connection.execute(
                "INSERT INTO runs (started, pid, outcome, figures) VALUES (?, ?, 'running', '{}')",
                (now(), pid),
            )
            number = int(cursor.lastrowid or 0)
            connection.execute(
                "DELETE FROM runs WHERE id <= ? AND id NOT IN (SELECT run_id FROM reports)"
                " AND id NOT IN (SELECT run_id FROM run_documents)",
                (number - KEPT_RUNS,),
            )
        return number

    def end(self, run: int, outcome: str, figures: dict[str, object]) -> None:
        """outcome: "done", "interrupted" or "failed"."""
        with self._catalog.transaction() as connection:
            connection.execute(
                "UPDATE runs SET finished = ?, outcome = ?, figures = ? WHERE id = ?",
                (now(), outcome, json.dumps(figures), run),
            )

    def note_changes(self, run: int, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Digests of files by path, before and after a publication; in the caller's transaction.

        The digest of a file that could not be read begins with UNREAD.
        """
        rows = [
            (run, path, before.get(path, ""), after.get(path, ""))
            for path in sorted({*before, *after})
            if before.get(path) != after.get(path)
        ]
        self._connection.executemany("INSERT INTO run_documents VALUES (?, ?, ?, ?)", rows)

    def note_failures(self, unreadable: Iterable[Unreadable]) -> tuple[str, ...]:
        """Bring the list of failures up to date. Returns the paths that were not on it."""
        current = {item.document: item.reason for item in unreadable}
        with self._catalog.transaction() as connection:
            known = dict(connection.execute("SELECT path, reason FROM failures"))
            gone = [(path,) for path in known if path not in current]
            connection.executemany("DELETE FROM failures WHERE path = ?", gone)
            connection.executemany(
                "INSERT INTO failures VALUES (?, ?, ?, 0)"
                " ON CONFLICT (path) DO UPDATE SET reason = excluded.reason",
                [(path, why, now()) for path, why in current.items() if known.get(path) != why],
            )
        return tuple(sorted(current.keys() - known.keys()))

    # For those who ask

    def latest(self, limit: int) -> list[RunRecord]:
        """The latest runs, newest first."""
        rows = self._connection.execute(
            "SELECT id, started, coalesce(finished, ''), outcome, figures FROM runs"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [
            RunRecord(number, started, finished, outcome, json.loads(figures))
            for number, started, finished, outcome, figures in rows
        ]

    def failures(self) -> tuple[Failure, ...]:
        """What cannot be read now, by path."""
        rows = self._connection.execute(
            "SELECT path, reason, since, reported = 0 FROM failures ORDER BY path"
        )
        return tuple(Failure(path, reason, since, bool(new)) for path, reason, since, new in rows)

    def unreported_changes(self) -> DocumentChanges:
        """What came, changed, moved or went since the last nightly report."""
        first: dict[str, str] = {}
        last: dict[str, str] = {}
        rows = self._connection.execute(
            "SELECT path, before, after FROM run_documents ORDER BY rowid"
        )
        for path, before, after in rows:
            first.setdefault(path, before)
            last[path] = after
        read = {path for path, digest in last.items() if digest and not digest.startswith(UNREAD)}
        changed = {path for path in read if first[path] not in ("", last[path])}
        added = {path: last[path] for path in read if not first[path]}
        removed = {path: first[path] for path in first if first[path] and not last[path]}
        renamed = _renamed(removed, added)
        return DocumentChanges(
            added=tuple(sorted(set(added) - {new for _, new in renamed})),
            changed=tuple(sorted(changed)),
            renamed=renamed,
            removed=tuple(sorted(set(removed) - {old for old, _ in renamed})),
        )

    # Nightly reports

    def keep_report(self, run: int, report: Mapping[str, object]) -> None:
        """Keep the report about everything up to `run`; what it tells is not told again."""
        with self._catalog.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO reports VALUES (?, ?)",
                (run, json.dumps(report, ensure_ascii=False)),
            )
            connection.execute("DELETE FROM run_documents WHERE run_id <= ?", (run,))
            connection.execute("UPDATE failures SET reported = 1")

    def report(self, run: int = 0) -> dict[str, Any] | None:
        """The report of a run, or the latest one; None if there is none."""
        row = self._connection.execute(
            "SELECT body FROM reports WHERE ? IN (0, run_id) ORDER BY run_id DESC LIMIT 1", (run,)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def reported(self, limit: int) -> list[int]:
        """The latest runs that have a nightly report, newest first."""
        rows = self._connection.execute(
            "SELECT run_id FROM reports ORDER BY run_id DESC LIMIT ?", (limit,)
        )
        return [number for (number,) in rows]


def _renamed(removed: Mapping[str, str], added: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(from, to) of files that went from one path and stand, with the same bytes, at another."""
    places: dict[str, list[str]] = {}
    for path in sorted(added, reverse=True):
        places.setdefault(added[path], []).append(path)
    pairs = [
        (path, places[digest].pop())
        for path, digest in sorted(removed.items())
        if places.get(digest)
    ]
    return tuple(pairs)
