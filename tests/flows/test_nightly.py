"""Nights: what a report tells, what it tells once, and that no kill or fault loses any of it."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, NightLock, Runs, WriterLock
from ragkit.errors import Busy, Interrupted, ModelMissing, StorageFault, UsageFault
from ragkit.flows import nightly as nights
from ragkit.flows import report_files
from ragkit.flows.nightly import nightly
from ragkit.flows.report_files import read_latest_report
from ragkit.parsers.fake import REFUSE
from ragkit.types import (
    DocumentChanges,
    DoubtfulPage,
    GateFailure,
    GateVerdict,
    IngestReport,
    NightlyReport,
)
from tests.flows.corpus import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", "The rent is 900 euros.")
    corpus.write("letter.txt", "The visit is on Monday.")
    corpus.write("scan.txt", REFUSE)
    return corpus


def night(corpus: Corpus, ingest: Callable[[], IngestReport] | None = None) -> NightlyReport:
    return nightly(corpus.pipeline, ingest or corpus.ingest)


def failing(error: Exception) -> Callable[[], IngestReport]:
    def ingest() -> IngestReport:
        raise error

    return ingest


def runs_folder(corpus: Corpus) -> Path:
    return corpus.pipeline.store / "runs"


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def failures(report: NightlyReport) -> dict[str, bool]:
    """path -> whether it is new."""
    return {failure.document: failure.new for failure in report.failures}


def test_four_nights(corpus: Corpus) -> None:
    """Exactly what happened, night by night; a failure is new once and listed until it is mended."""
    first = night(corpus)
    assert first.changes.added == ("lease.txt", "letter.txt")
    assert failures(first) == {"scan.txt": True}

    second = night(corpus)
    assert second.changes == type(second.changes)()
    assert failures(second) == {"scan.txt": False}
    assert second.failures[0].since == first.failures[0].since

    corpus.write("lease.txt", "The rent is 950 euros.")
    corpus.write("gone.txt", "Soon gone.")
    corpus.write("old name.txt", "It moves.")
    night(corpus)
    corpus.write("lease.txt", "The rent is 990 euros.")
    (corpus.root / "docs/gone.txt").unlink()
    (corpus.root / "docs/old name.txt").rename(corpus.root / "docs/new name.txt")
    corpus.write("fax.txt", REFUSE)
    third = night(corpus)
    assert third.changes.as_dict() == {
        "added": [],
        "changed": ["lease.txt"],
        "renamed": [["old name.txt", "new name.txt"]],
        "removed": ["gone.txt"],
        "metadata_changed": [],
    }
    assert failures(third) == {"fax.txt": True, "scan.txt": False}
    assert third.has_new_failures

    corpus.write("scan.txt", "Now it can be read.")
    fourth = night(corpus)
    assert failures(fourth) == {"fax.txt": False}
    assert not fourth.has_new_failures
    assert fourth.changes.changed == ("scan.txt",)


def test_ingests_by_hand_are_told_too(corpus: Corpus) -> None:
    night(corpus)
    corpus.write("by hand.txt", "Read in the afternoon.")
    corpus.write("fax.txt", REFUSE)
    corpus.ingest()
    report = night(corpus)
    assert report.changes.added == ("by hand.txt",)
    assert failures(report) == {"fax.txt": True, "scan.txt": False}
    assert report.notes == ("Runs since the report before, told here too: 2 (done).",)


def test_report_is_kept_and_left_as_files(corpus: Corpus) -> None:
    report = night(corpus)
    names = {f"{name}.{kind}" for name in ("1", "latest") for kind in ("html", "json", "md")}
    assert names_in(runs_folder(corpus)) == names
    for name in ("1.json", "latest.json"):
        data = json.loads((runs_folder(corpus) / name).read_text(encoding="utf-8"))
        assert data == report.as_dict()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        kept = Runs(catalog).report()
    assert kept is not None
    assert NightlyReport.from_dict(kept) == report


def test_files_are_for_their_owner_alone(corpus: Corpus) -> None:
    night(corpus)
    assert stat.S_IMODE(runs_folder(corpus).stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in runs_folder(corpus).iterdir()}
    assert modes == {0o600}


def test_killed_before_the_report_is_kept(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """KeyboardInterrupt passes every handler here, as a kill does."""
    with monkeypatch.context() as patch:
        patch.setattr(Runs, "keep_report", _kill)
        with pytest.raises(KeyboardInterrupt):
            night(corpus)
    assert not runs_folder(corpus).exists()
    report = night(corpus)
    assert report.changes.added == ("lease.txt", "letter.txt")
    assert failures(report) == {"scan.txt": True}


@pytest.mark.parametrize("written", range(6))
def test_killed_between_keeping_and_the_files(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """The next night tells nothing twice, and writes what the kill left out."""
    left = [report_files.write_atomically] * written
    with monkeypatch.context() as patch:
        patch.setattr(
            report_files, "write_atomically", lambda *given: left.pop()(*given) if left else _kill()
        )
        with pytest.raises(KeyboardInterrupt):
            night(corpus)
    report = night(corpus)
    assert report.changes.added == ()
    assert failures(report) == {"scan.txt": False}
    first = json.loads((runs_folder(corpus) / "1.json").read_text(encoding="utf-8"))
    assert first["added"] == ["lease.txt", "letter.txt"]
    assert (runs_folder(corpus) / "1.md").is_file()
    latest = read_latest_report(corpus.pipeline.store)
    assert latest == report


def _kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_leavings_of_a_kill_are_cleared(corpus: Corpus) -> None:
    night(corpus)
    (runs_folder(corpus) / ".2.json.4711.new").write_text("half a rep", encoding="utf-8")
    night(corpus)
    assert not [name for name in names_in(runs_folder(corpus)) if name.endswith(".new")]


def test_only_the_newest_files_stay(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_files, "KEPT_FILES", 2)
    for _ in range(4):
        night(corpus)
    assert {name for name in names_in(runs_folder(corpus)) if name.endswith(".md")} == {
        "3.md",
        "4.md",
        "latest.md",
    }
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        assert Runs(catalog).report(1) is not None


def test_an_empty_folder_fails_the_night_and_erases_nothing(corpus: Corpus) -> None:
    night(corpus)
    before = corpus.state()
    shutil.rmtree(corpus.root / "docs")
    (corpus.root / "docs").mkdir()
    report = night(corpus)
    assert report.outcome == "failed"
    assert report.error is not None
    assert (report.error["exit_code"], report.run) == (2, 2)
    assert "no documents" in str(report.error["message"])
    assert report.changes.removed == ()
    assert corpus.state() == before
    assert "2.md" in names_in(runs_folder(corpus))


def test_an_ingest_that_cannot_begin_gets_a_run_and_a_report(corpus: Corpus) -> None:
    night(corpus)
    report = night(corpus, failing(ModelMissing("It is not here.", hint="ragkit models pull it")))
    assert (report.run, report.outcome) == (2, "failed")
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        runs = Runs(catalog)
        assert [run.outcome for run in runs.latest(2)] == ["failed", "done"]
        first = runs.report(1)
    assert first is not None
    assert first["added"] == ["lease.txt", "letter.txt"]


def test_a_bug_is_a_failed_night_and_shows_no_words_of_documents(corpus: Corpus) -> None:
    report = night(corpus, failing(ValueError("Anna Muster has the flu")))
    assert report.error is not None
    assert report.error["exit_code"] == 1
    assert "Anna" not in (runs_folder(corpus) / "latest.json").read_text(encoding="utf-8")


def test_being_interrupted_is_no_report(corpus: Corpus) -> None:
    with pytest.raises(Interrupted):
        night(corpus, failing(Interrupted("Stopped.")))
    assert not runs_folder(corpus).exists()


def test_while_another_process_writes_a_file_is_left(corpus: Corpus) -> None:
    night(corpus)
    with WriterLock(corpus.pipeline.store):
        report = night(corpus)
    assert report.error is not None
    assert (report.error["exit_code"], report.run) == (Busy.exit_code, 0)
    left = {name for name in names_in(runs_folder(corpus)) if name.startswith("failed-")}
    assert {Path(name).suffix for name in left} == {".html", ".json", ".md"}
    assert read_latest_report(corpus.pipeline.store) == report
    # The next one is the newest again, and old files of this kind go as well.
    assert read_latest_report(corpus.pipeline.store) != night(corpus)


def test_a_second_night_ends_at_once_and_leaves_nothing(corpus: Corpus) -> None:
    night(corpus)
    before = {path: path.read_bytes() for path in runs_folder(corpus).iterdir()}
    with NightLock(corpus.pipeline.store), pytest.raises(Busy) as caught:
        night(corpus, lambda: pytest.fail("it must not begin"))
    assert f"process {os.getpid()}, since 20" in caught.value.message
    assert {path: path.read_bytes() for path in runs_folder(corpus).iterdir()} == before
    assert night(corpus).run == 2


def test_a_night_that_the_gate_holds_back(corpus: Corpus) -> None:
    night(corpus)
    failure = GateFailure("q-1", "What is the rent?", "its document could not be read", "lease.txt")
    verdict = GateVerdict(False, 0.5, 0.9, 2, (failure,))
    report = night(corpus, lambda: replace(corpus.ingest(), gate=verdict))
    assert (report.outcome, report.gate) == ("held back", verdict)
    for kind in ("md", "html", "json"):
        text = (runs_folder(corpus) / f"latest.{kind}").read_text(encoding="utf-8")
        assert "What is the rent?" in text


def test_a_renamed_file_that_cannot_be_read_is_no_new_failure(corpus: Corpus) -> None:
    first = night(corpus)
    (corpus.root / "docs/scan.txt").rename(corpus.root / "docs/renamed scan.txt")
    report = night(corpus)
    assert failures(report) == {"renamed scan.txt": False}
    assert report.failures[0].since == first.failures[0].since
    assert report.changes == DocumentChanges(renamed=(("scan.txt", "renamed scan.txt"),))


def test_files_show_no_name_that_was_forgotten(corpus: Corpus) -> None:
    """Nor do those beside the catalog, and a kill in between is made up for by the next night."""
    night(corpus)
    corpus.write("lease.txt", "The rent is 990 euros.")
    second = night(corpus)
    with WriterLock(corpus.pipeline.store):
        night(corpus, failing(StorageFault("docs/lease.txt cannot be used.")))
    with WriterLock(corpus.pipeline.store), opened(corpus) as catalog:
        Runs(catalog).forget_names(["lease.txt"])
        report_files.leave_kept_reports(corpus.pipeline.store, Runs(catalog), ["lease.txt"])
    for path in runs_folder(corpus).iterdir():
        assert "lease" not in path.read_text(encoding="utf-8"), path
    assert "(erased document 1)" in (runs_folder(corpus) / "1.md").read_text(encoding="utf-8")
    assert (read_latest_report(corpus.pipeline.store) or second).run == second.run
    with opened(corpus) as catalog:
        Runs(catalog).forget_names(["letter.txt"])  # killed before the files are written
    night(corpus)
    assert "letter" not in (runs_folder(corpus) / "1.html").read_text(encoding="utf-8")


def opened(corpus: Corpus) -> Catalog:
    return Catalog.open_for_writing(corpus.pipeline.store)


def test_a_report_beside_the_catalog_names_no_document(corpus: Corpus) -> None:
    page = DoubtfulPage("lease.txt", 1, 0.3)
    with WriterLock(corpus.pipeline.store):
        done = IngestReport(*("test", *[0] * 11), (), (), 1.0, doubtful=(page,))
        night(corpus, lambda: done)
    for path in runs_folder(corpus).iterdir():
        assert "lease" not in path.read_text(encoding="utf-8")


def test_done_but_not_kept_is_told_by_the_next(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Runs, "keep_report", lambda *_: _raise(StorageFault("The disk is full.")))
        report = night(corpus)
    assert (report.outcome, report.run) == ("failed", 0)
    assert "next report" in report.notes[-1]
    assert night(corpus).changes.added == ("lease.txt", "letter.txt")


def test_files_that_cannot_be_written_are_a_fault_and_made_up_for(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            report_files, "write_atomically", lambda *_: _raise(OSError(28, "No space left"))
        )
        report = night(corpus)
    assert report.outcome == "failed"
    assert report.changes.added == ("lease.txt", "letter.txt")
    assert night(corpus).changes.added == ()
    assert {"1.md", "2.md"} <= names_in(runs_folder(corpus))


def _raise(error: Exception) -> None:
    raise error


def test_the_store_of_another_settings_file_is_left_alone(corpus: Corpus) -> None:
    (corpus.root / "pipelines.yaml").write_text("", encoding="utf-8")
    night(corpus)
    before = names_in(runs_folder(corpus))
    corpus.settings_name = "other.yaml"
    report = night(corpus)
    assert report.error is not None
    assert "belongs to" in str(report.error["message"])
    assert report.failures == ()
    assert names_in(runs_folder(corpus)) == before


def test_failures_of_an_ingest_that_failed_late_are_told(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has published, but not come to note what could not be read."""

    def ingest() -> IngestReport:
        with monkeypatch.context() as patch:
            patch.setattr(Runs, "note_failures", lambda *_: _raise(StorageFault("Full.")))
            return corpus.ingest()

    report = night(corpus, ingest)
    assert report.outcome == "failed"
    assert failures(report) == {"scan.txt": True}
    assert not night(corpus).has_new_failures


def test_unknown_store_faults_do_not_hide_the_first(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        nights, "leave_unkept_report", lambda *_: _raise(StorageFault("Cannot be written."))
    )
    with WriterLock(corpus.pipeline.store):
        report = night(corpus, failing(UsageFault("The folder is missing.")))
    assert report.error is not None
    assert report.error["message"] == "The folder is missing."
    assert report.notes == ("Cannot be written.",)
