"""What a night is told: changes since the last report, and what cannot be read since when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Runs
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
