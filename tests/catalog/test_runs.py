"""What a night is told: changes since the last report, and what cannot be read since when."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Runs
from ragkit.catalog.schema import MIGRATIONS
from ragkit.types import DocumentChanges, Unreadable


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with Catalog.open_for_writing(tmp_path) as catalog:
        yield Runs(catalog)


def change(runs: Runs, before: dict[str, str], after: dict[str, str]) -> int:
    number = runs.begin(1)
    runs.note_changes(number, before, after)
    runs.end(number, "done", {})
    return number


def test_changes_of_several_runs_are_told_as_one(runs: Runs) -> None:
    change(runs, {}, {"new.txt": "1", "brief.txt": "2"})
    change(runs, {"old.txt": "3", "brief.txt": "2"}, {"old.txt": "4"})
    change(runs, {"old.txt": "4", "gone.txt": "9"}, {"old.txt": "5"})
    assert runs.unreported_changes() == DocumentChanges(
        added=("new.txt",), changed=("old.txt",), removed=("gone.txt",)
    )


def test_a_file_that_is_again_as_it_was_has_not_changed(runs: Runs) -> None:
    change(runs, {"a.txt": "1"}, {"a.txt": "2"})
    change(runs, {"a.txt": "2"}, {"a.txt": "1"})
    assert runs.unreported_changes() == DocumentChanges()


def test_the_same_bytes_elsewhere_are_a_renaming(runs: Runs) -> None:
    change(runs, {"a.txt": "1", "b.txt": "1"}, {"c.txt": "1", "d.txt": "1", "e.txt": "1"})
    changes = runs.unreported_changes()
    assert changes.renamed == (("a.txt", "c.txt"), ("b.txt", "d.txt"))
    assert (changes.added, changes.removed) == (("e.txt",), ())


def test_a_file_that_can_no_longer_be_read_is_not_told_as_removed(runs: Runs) -> None:
    change(runs, {"a.txt": "1"}, {"a.txt": "?1"})
    assert runs.unreported_changes() == DocumentChanges()


def test_a_file_that_could_not_be_read_is_told_when_it_goes_or_is_mended(runs: Runs) -> None:
    change(runs, {"a.txt": "?1", "b.txt": "?2"}, {"b.txt": "2"})
    changes = runs.unreported_changes()
    assert (changes.added, changes.changed, changes.removed) == ((), ("b.txt",), ("a.txt",))


def test_what_a_report_has_told_is_not_told_again(runs: Runs) -> None:
    number = change(runs, {}, {"a.txt": "1"})
    runs.note_failures([Unreadable("b.txt", "it is damaged")])
    assert [failure.new for failure in runs.failures()] == [True]
    runs.keep_report(number, {"added": ["a.txt"]})
    assert runs.unreported_changes() == DocumentChanges()
    assert [failure.new for failure in runs.failures()] == [False]
    assert runs.report() == runs.report(number) == {"added": ["a.txt"]}
    assert runs.report(number + 1) is None


def test_a_failure_keeps_its_date_until_it_is_mended(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.runs.now", lambda: "first")
    assert runs.note_failures([Unreadable("b.txt", "damaged")]) == ("b.txt",)
    monkeypatch.setattr("ragkit.catalog.runs.now", lambda: "later")
    assert runs.note_failures([Unreadable("b.txt", "encrypted"), Unreadable("c.txt", "x")]) == (
        "c.txt",
    )
    told = {failure.document: (failure.reason, failure.since) for failure in runs.failures()}
    assert told == {"b.txt": ("encrypted", "first"), "c.txt": ("x", "later")}
    assert runs.note_failures([]) == ()
    assert runs.failures() == ()


def test_old_runs_are_forgotten_unless_a_report_tells_of_them(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.runs.KEPT_RUNS", 3)
    first = change(runs, {}, {"a.txt": "1"})
    runs.keep_report(first, {"added": ["a.txt"]})
    for _ in range(4):
        change(runs, {}, {})
    assert len(runs.latest(10)) == 4  # the three latest, and the one that a report tells of
    assert runs.report() == {"added": ["a.txt"]}


def test_what_no_report_has_told_outlives_any_number_of_runs(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.runs.KEPT_RUNS", 2)
    change(runs, {"a.txt": "1"}, {})
    for _ in range(5):
        change(runs, {}, {})
    assert runs.unreported_changes().removed == ("a.txt",)


REPORT = {
    "added": ["a.txt"],
    "changed": [],
    "renamed": [["old.txt", "mail.eml"]],
    "removed": ["gone.txt"],
    "failures": [
        {"document": "mail.eml::b.pdf", "reason": "Anna's file", "since": "s", "new": True},
        {"document": "c.pdf", "reason": "near mail.eml", "since": "s", "new": False},
    ],
    "doubtful": [{"document": "mail.eml", "page": 1, "confidence": 0.5, "read_as": "ocr"}],
    "hidden": [{"document": "a.txt", "page": None, "kind": "tiny", "characters": 7}],
    "gate": {
        "passed": False,
        "failures": [
            {"id": "1", "question": "What of Anna?", "reason": "r", "document": "mail.*"},
            {"id": "2", "question": "What of Ben?", "reason": "r", "document": "a.txt"},
            {"id": "3", "question": "And Anna?", "reason": "r", "document": "docs/mail.eml"},
        ],
    },
    "error": {"message": "A chunk of mail.eml has no vector."},
}


def kept_in(runs: Runs) -> str:
    """All that the catalog itself holds of reports, changes and failures, but names."""
    connection = runs._connection
    tables = ("reports", "run_documents", "failures")
    return str([connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables])


def test_what_is_kept_holds_numbers_for_documents(runs: Runs) -> None:
    number = change(runs, {}, {"a.txt": "1", "c.pdf": "2"})
    runs.note_failures([Unreadable("c.pdf", "it is damaged")])
    runs.keep_report(number, {key: value for key, value in REPORT.items() if key != "error"})
    change(runs, {"a.txt": "1"}, {"a.txt": "3"})
    for name in ("a.txt", "old.txt", "gone.txt", "b.pdf", "c.pdf"):
        assert name not in kept_in(runs)
    assert runs.report() == {key: value for key, value in REPORT.items() if key != "error"}


def test_a_forgotten_name_is_nowhere_and_shown_as_erased(runs: Runs) -> None:
    runs.keep_report(change(runs, {}, {}), REPORT)
    change(runs, {"mail.eml": "77", "new.txt": ""}, {"new.txt": "77"})
    runs.note_failures(
        [Unreadable("mail.eml::b.pdf", "its title is Anna"), Unreadable("c.pdf", "")]
    )
    numbers = runs.forget_names(["mail.eml"])
    assert len(numbers) == 2
    everything = str(list(runs._connection.iterdump()))
    for words in ("mail.eml", "Anna"):
        assert words not in everything
    report = runs.report()
    assert report is not None
    first, second = (f"(erased document {number})" for number in numbers)
    assert {report["renamed"][0][1], report["failures"][0]["document"]} == {first, second}
    assert report["failures"][0]["reason"] == ""
    assert [question["question"] for question in report["gate"]["failures"]] == [
        "",
        "What of Ben?",
        "",
    ]
    assert report["error"]["message"].startswith("A chunk of (erased document ")
    assert report["added"] == ["a.txt"]
    assert [failure.document for failure in runs.failures()] == ["c.pdf"]
    changes = runs.unreported_changes()
    assert len(changes.removed) == 1
    assert changes.removed[0].startswith("(erased document ")
    assert (changes.added, changes.renamed) == (("new.txt",), ())


def test_the_number_of_a_forgotten_name_is_never_used_again(runs: Runs) -> None:
    runs.keep_report(change(runs, {}, {}), {"added": ["a.txt"]})
    (number,) = runs.forget_names(["a.txt"])
    runs.keep_report(change(runs, {}, {}), {"added": ["b.txt"]})
    assert runs.report(1) == {"added": [f"(erased document {number})"]}
    assert runs.forget_names(["a.txt", "never.txt"]) == ()


def test_a_name_that_only_a_message_holds_is_forgotten_too(runs: Runs) -> None:
    error = {"message": "out/secret.txt is there, and ragkit did not write it."}
    runs.keep_report(change(runs, {}, {}), {"added": [], "error": error})
    runs.forget_names(["secret.txt"])
    assert "secret" not in str(list(runs._connection.iterdump()))


def test_old_reports_go_with_the_names_that_only_they_knew(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.runs.KEPT_REPORTS", 2)
    for name in ("a.txt", "b.txt", "c.txt"):
        runs.keep_report(change(runs, {}, {name: "1"}), {"added": [name]})
    assert runs.reported(10) == [3, 2]
    names = runs._connection.execute("SELECT path FROM names ORDER BY path").fetchall()
    assert names == [("b.txt",), ("c.txt",)]


def quarantine(runs: Runs, *files: tuple[str, str]) -> None:
    """Files that cannot be read, with their digests."""
    runs._connection.execute("DELETE FROM quarantine")
    runs._connection.executemany(
        "INSERT INTO quarantine VALUES (?, NULL, ?, 1, 1, 'r', 'damaged', 'it is damaged', 's')",
        files,
    )
    runs.told = runs.note_failures(  # type: ignore[attr-defined]
        [Unreadable(path, "it is damaged") for path, _ in files]
    )


def test_a_renamed_file_that_could_not_be_read_is_known(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.runs.now", lambda: "first")
    quarantine(runs, ("scan.pdf", "d1"), ("locked.pdf", ""))
    runs.keep_report(change(runs, {}, {"scan.pdf": "?d1"}), {})
    monkeypatch.setattr("ragkit.catalog.runs.now", lambda: "later")
    quarantine(runs, ("2024/scan.pdf", "d1"), ("unlocked.pdf", ""), ("copy.pdf", "d2"))
    told = {item.document: (item.since, item.new) for item in runs.failures()}
    assert told["2024/scan.pdf"] == ("first", False)
    assert told["unlocked.pdf"] == ("later", True)  # of unknown bytes nothing is known
    assert runs.told == ("copy.pdf", "unlocked.pdf")  # type: ignore[attr-defined]
    quarantine(runs, ("2024/scan.pdf", "d1"), ("second.pdf", "d1"))
    assert runs.told == ("second.pdf",)  # type: ignore[attr-defined]


def test_a_renamed_file_that_cannot_be_read_is_told_as_renamed(runs: Runs) -> None:
    change(runs, {"scan.pdf": "?d1", "x.pdf": "?"}, {"2024/scan.pdf": "?d1", "y.pdf": "?"})
    changes = runs.unreported_changes()
    assert changes.renamed == (("scan.pdf", "2024/scan.pdf"),)
    assert (changes.added, changes.removed) == ((), ("x.pdf",))


def test_what_an_older_ragkit_kept_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its reports, changes and failures held names."""
    (tmp_path / "catalog.db").touch()
    with sqlite3.connect(tmp_path / "catalog.db") as connection:
        for statements in MIGRATIONS[:3]:
            connection.executescript(statements)
        connection.execute("PRAGMA user_version = 3")
        connection.executescript(
            "INSERT INTO runs VALUES (1, 's', 'f', 1, 'done', '{}'), (2, 's', 'f', 1, 'done', '{}');"
            "INSERT INTO run_documents VALUES (2, 'b.txt', '1', '2'), (2, 'a.txt', '', '3');"
            "INSERT INTO failures VALUES ('c.pdf', 'it is damaged', 'since', 1);"
            "INSERT INTO quarantine VALUES ('c.pdf', NULL, 'd1', 1, 1, 'r', 'damaged', 'x', 's')"
        )
        old = {
            key: value for key, value in REPORT.items() if key not in ("gate", "hidden", "error")
        }
        old["added"] = ["z.txt", 'ñ "q".txt', "a.txt"]
        connection.execute("INSERT INTO reports VALUES (1, ?)", (json.dumps(old),))
    connection.close()
    with Catalog.open_for_writing(tmp_path) as catalog:
        runs = Runs(catalog)
        assert runs.report() == {**old, "hidden": []}
        assert runs.unreported_changes() == DocumentChanges(added=("a.txt",), changed=("b.txt",))
        (failure,) = runs.failures()
        assert (failure.document, failure.reason, failure.new) == ("c.pdf", "it is damaged", False)
        assert "c.pdf" not in kept_in(runs)
        quarantine(runs, ("moved.pdf", "d1"))
        assert runs.told == ()  # type: ignore[attr-defined]
        runs.forget_names(["mail.eml"])
        assert "mail.eml" not in str(list(catalog.connection.iterdump()))
