"""Runs: what each ingest did, what cannot be read since when, and the nightly reports about it.

An ingest notes its changes in the transaction that publishes them, so that a run that was killed
is told of too: a nightly report covers everything since the report before it. What is kept holds
numbers for documents, see names.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ragkit.catalog.names import NO_NAME, Names, erased, with_documents, without_erased
from ragkit.catalog.store import Catalog, now
from ragkit.types import DocumentChanges, Failure, RunRecord, Unreadable

KEPT_RUNS = 400
"""Runs that are remembered; of older ones those that a report, or the next one, tells of."""
KEPT_REPORTS = 400
"""Nightly reports that are kept: those of a good year."""

UNREAD = "?"
"""Before the digest of a file that could not be read, in the journal of changes."""


class Runs:
    """Reads and writes the tables of runs; writing needs the WriterLock."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._connection = catalog.connection
        self._names = Names(catalog.connection)

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
                " AND id NOT IN (SELECT run_id FROM run_documents)"
                " AND id NOT IN (SELECT run_id FROM run_metadata)",
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
            (run, before.get(path, ""), after.get(path, ""), path)
            for path in sorted({*before, *after})
            if before.get(path) != after.get(path)
        ]
        self._names.note(path for *_, path in rows)
        self._connection.executemany(
            "INSERT INTO run_documents (run_id, name_id, before, after)"
            " SELECT ?, id, ?, ? FROM names WHERE path = ?",
            rows,
        )

    def note_failures(self, unreadable: Iterable[Unreadable]) -> tuple[str, ...]:
        """Bring the list of failures up to date. Returns the paths that were not on it.

        A file that was on it under another name, with the same bytes, is known.
        """
        current = {item.document: item.reason for item in unreadable}
        with self._catalog.transaction() as connection:
            self._names.note(current)
            digests = self._digests()
            moved = self._follow_renamed(current, digests)
            known = {path: (reason, sha256) for path, reason, sha256 in self._known_failures()}
            connection.executemany(
                "DELETE FROM failures WHERE name_id = (SELECT id FROM names WHERE path = ?)",
                [(path,) for path in known if path not in current],
            )
            connection.executemany(
                "INSERT INTO failures SELECT id, ?, ?, ?, 0 FROM names WHERE path = ?"
                " ON CONFLICT (name_id) DO UPDATE"
                " SET reason = excluded.reason, sha256 = excluded.sha256",
                [
                    (digests.get(path, ""), why, now(), path)
                    for path, why in current.items()
                    if known.get(path) != (why, digests.get(path, ""))
                ],
            )
        return tuple(sorted(current.keys() - known.keys() - moved))

    def _known_failures(self) -> list[tuple[str, str, str]]:
        rows = self._connection.execute(
            "SELECT path, reason, sha256 FROM failures JOIN names ON names.id = name_id"
        )
        return rows.fetchall()

    def _digests(self) -> dict[str, str]:
        """path -> SHA-256 of what cannot be read, wholly or in part."""
        rows = self._connection.execute(
            "SELECT path, sha256 FROM quarantine UNION ALL SELECT documents.path, documents.sha256"
            " FROM contents CROSS JOIN documents ON documents.content_id = contents.id"
            " WHERE contents.unread_pages <> '[]'"
        )
        return dict(rows.fetchall())

    def _follow_renamed(self, current: Collection[str], digests: Mapping[str, str]) -> set[str]:
        """Give failures whose file stands elsewhere now their new name. Returns the new names."""
        known = {path: sha256 for path, _, sha256 in self._known_failures()}
        gone = {path: sha256 for path, sha256 in known.items() if path not in current and sha256}
        new = {path: digests[path] for path in current if path not in known and path in digests}
        moved = _renamed(gone, new)
        self._connection.executemany(
            "UPDATE failures SET name_id = ? WHERE name_id = ?",
            [(self._names.number(after), self._names.number(before)) for before, after in moved],
        )
        return {after for _, after in moved}

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
            "SELECT path, reason, since, reported = 0 FROM failures"
            " JOIN names ON names.id = name_id ORDER BY path"
        )
        return tuple(Failure(path, reason, since, bool(new)) for path, reason, since, new in rows)

    def unreported_changes(self) -> DocumentChanges:
        """What came, changed, moved or went since the last nightly report."""
        first: dict[str, str] = {}
        last: dict[str, str] = {}
        rows = self._connection.execute(
            "SELECT name_id, path, before, after FROM run_documents"
            " LEFT JOIN names ON names.id = name_id ORDER BY run_documents.rowid"
        )
        for number, name, before, after in rows:
            path = erased(number) if name is None else name
            first.setdefault(path, before)
            last[path] = after
        read = {path for path, digest in last.items() if digest and not digest.startswith(UNREAD)}
        changed = {path for path in read if first[path] not in ("", last[path])}
        added = {path: last[path] for path in read if not first[path]}
        removed = {path: first[path] for path in first if first[path] and not last[path]}
        # What cannot be read here either has come too, though it is told among the failures.
        came = {path: last[path] for path in first if last[path] and not first[path]}
        renamed = _renamed(_bare(removed), _bare(came))
        return DocumentChanges(
            added=tuple(sorted(set(added) - {new for _, new in renamed})),
            changed=tuple(sorted(changed)),
            renamed=renamed,
            removed=tuple(sorted(set(removed) - {old for old, _ in renamed})),
            metadata_changed=tuple(sorted(self._unreported_metadata() - {*came, *removed})),
        )

    def _unreported_metadata(self) -> set[str]:
        """Files whose metadata changed since the last nightly report."""
        rows = self._connection.execute(
            "SELECT DISTINCT name_id, path FROM run_metadata LEFT JOIN names ON names.id = name_id"
        )
        return {erased(number) if name is None else name for number, name in rows}

    # Nightly reports

    def keep_report(self, run: int, report: Mapping[str, object]) -> None:
        """Keep the report about everything up to `run`; what it tells is not told again."""
        with self._catalog.transaction() as connection:
            documents = _documents_in(report)
            self._names.note(documents)
            numbers = {path: self._names.number(path) for path in documents}
            self._write_report(run, with_documents(report, numbers.__getitem__))
            connection.execute("DELETE FROM run_documents WHERE run_id <= ?", (run,))
            connection.execute("DELETE FROM run_metadata WHERE run_id <= ?", (run,))
            connection.execute("UPDATE failures SET reported = 1")
            connection.execute(
                "DELETE FROM reports WHERE run_id NOT IN"
                " (SELECT run_id FROM reports ORDER BY run_id DESC LIMIT ?)",
                (KEPT_REPORTS,),
            )
            self._names.drop_unused()

    def _write_report(self, run: int, body: Mapping[str, Any]) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO reports VALUES (?, ?)",
            (run, json.dumps(body, ensure_ascii=False)),
        )
        self._connection.executemany(
            "INSERT INTO report_names VALUES (?, ?)",
            [(run, number) for number in _documents_in(body) if number != NO_NAME],
        )

    def note_steps(self, run: int, steps: Iterable[Mapping[str, object]], finished: str) -> None:
        """Bring up to date what came of the steps after the ingest in a report that is kept.

        finished: when the last of them was done so far. Nothing else of it is written, since its
        documents may have been erased meanwhile.
        """
        with self._catalog.transaction() as connection:
            connection.execute(
                "UPDATE reports SET body ="
                " json_set(body, '$.after_ingest', json(?), '$.finished', ?) WHERE run_id = ?",
                (json.dumps(list(steps), ensure_ascii=False), finished, run),
            )

    def report(self, run: int = 0) -> dict[str, Any] | None:
        """The report of a run, or the latest one; None if there is none."""
        row = self._connection.execute(
            "SELECT body FROM reports WHERE ? IN (0, run_id) ORDER BY run_id DESC LIMIT 1", (run,)
        ).fetchone()
        return None if row is None else with_documents(json.loads(row[0]), self._names.shown)

    def reported(self, limit: int) -> list[int]:
        """The latest runs that have a nightly report, newest first."""
        rows = self._connection.execute(
            "SELECT run_id FROM reports ORDER BY run_id DESC LIMIT ?", (limit,)
        )
        return [number for (number,) in rows]

    # Erasing

    def forget_names(self, paths: Iterable[str]) -> tuple[int, ...]:
        """Forget what documents, and the attachments below them, are called and what is told of them.

        Reports show "(erased document 17)" from now on; their files are written anew by
        report_files.leave_kept_reports. Returns the numbers of the names that were forgotten.
        """
        with self._catalog.transaction():
            return self.forget(paths)

    def forget(self, paths: Iterable[str]) -> tuple[int, ...]:
        """The same within a transaction of the caller's."""
        given = tuple(paths)
        known = self._names.at_or_below(given)
        self._names.note(
            given
        )  # what a step after the ingest said may name a document that no report told of
        gone = self._names.at_or_below(given)
        asked_about = gone.keys() | self._names.meaning(gone.values())
        for run, body in self._connection.execute("SELECT run_id, body FROM reports").fetchall():
            report = json.loads(body)
            clean = without_erased(report, gone, asked_about)
            if clean != report:
                self._write_report(run, clean)
        self._forget_state(gone)
        self._names.forget(gone)
        self._names.drop_unused()
        return tuple(sorted(known))

    def _forget_state(self, numbers: Iterable[int]) -> None:
        """Failures go; changes that no report has told yet stay, without the digest of any file."""
        for number in numbers:
            self._connection.execute("DELETE FROM failures WHERE name_id = ?", (number,))
            self._connection.execute(
                "UPDATE run_documents SET before = iif(before = '', '', ?),"
                " after = iif(after = '', '', ?) WHERE name_id = ?",
                (erased(number), erased(number), number),
            )


def _documents_in(report: Mapping[str, Any]) -> set[Any]:
    """Names, or numbers, of all documents that a report tells of."""
    found: set[Any] = set()
    with_documents(report, found.add)
    return found


def _bare(digests: Mapping[str, str]) -> dict[str, str]:
    """path -> digest of the bytes, whether they could be read or not; without those not known."""
    bare = {path: digest.removeprefix(UNREAD) for path, digest in digests.items()}
    return {path: digest for path, digest in bare.items() if digest}


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
