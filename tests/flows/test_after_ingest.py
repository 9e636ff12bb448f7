"""The steps after the ingest of a night: each for itself, told with the night, gone on with after a kill."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Runs, WriterLock
from ragkit.config import Pipeline
from ragkit.errors import Interrupted, ModelMissing, StorageFault
from ragkit.flows import nightly as nights
from ragkit.flows.after_ingest import NightSteps, NightWork, OnRow
from ragkit.flows.nightly import nightly
from ragkit.flows.report_files import leave_kept_reports, read_latest_report
from ragkit.flows.summarizing import SummaryRequest, summarize
from ragkit.flows.sweeping import SweepRequest, sweep
from ragkit.nightsteps import NightStep, SummarizeStep, SweepStep
from ragkit.parsers.fake import REFUSE
from ragkit.places import make_outputs
from ragkit.retrieval.wording import Wording
from ragkit.types import IngestReport, NightlyReport, Summary
from ragkit.types.nights import LEFT_OUT, NOT_FINISHED, StepReport
from ragkit.types.sweeps import Sweep, SweepQuestion
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE, parts_of

QUESTIONS = """\
questions:
  - {id: rent, question: "How much is the rent?", look_for: [monthly rent]}
  - {id: pets, question: "May the tenant keep pets?", look_for: [pets]}
"""
STEPS: tuple[NightStep, ...] = (
    SummarizeStep("out/{pipeline}/summaries"),
    SweepStep("asked.yaml", "out/rows.csv"),
)


@dataclass
class Scene:
    """A small corpus with steps; `before` is called with each step's name, and may raise."""

    corpus: Corpus
    steps: tuple[NightStep, ...] = STEPS
    before: Callable[[str], None] = lambda name: None
    noted: list[NightlyReport] = field(default_factory=list)

    @property
    def pipeline(self) -> Pipeline:
        plain = self.corpus.pipeline
        return replace(plain, settings=replace(plain.settings, after_ingest=self.steps))

    @property
    def out(self) -> Path:
        return self.corpus.root / "out"

    @property
    def runs(self) -> Path:
        return self.corpus.pipeline.store / "runs"

    def night(self, ingest: Callable[[], IngestReport] | None = None) -> NightlyReport:
        make_outputs([self.pipeline])
        work = NightWork(self._summarize, self._sweep)
        steps = NightSteps(self.pipeline, (), work)
        return nightly(self.pipeline, ingest or self.corpus.ingest, steps, self.noted.append)

    def _summarize(self, step: SummarizeStep, output: Path) -> Summary:
        self.before("summarize")
        request = SummaryRequest((), None, step.words or None, step.focus)
        return summarize(parts_of(self.corpus), request, is_held=False)

    def _sweep(
        self, step: SweepStep, questions: Sequence[SweepQuestion], on_row: OnRow, output: Path
    ) -> Sweep:
        self.before("sweep")
        swept = sweep(
            parts_of(self.corpus), SweepRequest(tuple(questions), Wording()), on_row=on_row
        )
        self.before("end of sweep")
        return swept


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    corpus.write("pets.txt", "The tenant may keep pets. The monthly rent is 900 euros.")
    corpus.write("scan.txt", REFUSE)
    (tmp_path / "asked.yaml").write_text(QUESTIONS, encoding="utf-8")
    return Scene(corpus)


def outcomes(report: NightlyReport) -> list[str]:
    return [step.outcome for step in report.after_ingest]


def figures(step: StepReport) -> tuple[int, ...]:
    return (step.documents, step.made, step.reused, step.removed, step.unreadable)


def raising(name: str, error: BaseException) -> Callable[[str], None]:
    def before(step: str) -> None:
        if step == name:
            raise error

    return before


def latest(scene: Scene) -> NightlyReport:
    report = read_latest_report(scene.corpus.pipeline.store)
    assert report is not None
    return report


def test_three_nights(scene: Scene) -> None:
    """Made once, made again only where something changed, and gone with its document."""
    first = scene.night()
    summarized, swept = first.after_ingest
    assert outcomes(first) == ["done", "done"]
    assert figures(summarized) == (2, 2, 0, 0, 1)
    assert figures(swept) == (3, 4, 0, 0, 2)
    assert [(c.id, c.yes, c.no, c.unclear, c.unreadable) for c in swept.counts] == [
        ("rent", 2, 0, 0, 1),
        ("pets", 1, 1, 0, 1),
    ]
    summaries = scene.out / "test/summaries"
    assert {"lease.txt.md", "pets.txt.md", "summary.md"} <= {p.name for p in summaries.iterdir()}
    assert Path(summarized.entry).parent == summaries
    assert Path(summarized.entry).is_file()

    second = scene.night()
    assert [figures(step)[1:3] for step in second.after_ingest] == [(0, 2), (0, 4)]

    scene.corpus.write("new.txt", "The tenant keeps a dog in the flat, and pays for it.")
    (scene.corpus.root / "docs/pets.txt").unlink()
    third = scene.night()
    assert [figures(step) for step in third.after_ingest] == [(2, 1, 1, 1, 1), (3, 2, 2, 0, 2)]
    assert not list(summaries.glob("pets.txt*"))
    assert "pets.txt" not in (scene.out / "rows.csv").read_text(encoding="utf-8")
    assert "new.txt" in (scene.out / "rows.csv").read_text(encoding="utf-8")


def test_a_night_is_finished_when_its_last_step_is(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept so, and told so in every form; of a night that was ended in a step, when the step before was."""
    moments = iter(f"2026-11-22T0{hour}:00:00+00:00" for hour in range(1, 9))
    monkeypatch.setattr(nights, "now", lambda: next(moments))
    report = scene.night()  # begun, ingested, summarized, swept
    assert (report.started[12], report.finished[12]) == ("1", "4")
    assert latest(scene) == report
    for name in ("latest.md", "latest.html"):
        text = (scene.runs / name).read_text(encoding="utf-8")
        assert "3 h 0 min with the steps after the ingest" in text
    scene.before = raising("sweep", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        scene.night()
    assert (latest(scene).started[12], latest(scene).finished[12]) == ("5", "7")
    text = (scene.runs / "latest.md").read_text(encoding="utf-8")
    assert "2 h 0 min with the steps after the ingest that are done" in text


def test_unchanged_files_are_not_written_again(scene: Scene) -> None:
    scene.night()
    scene.night()  # now every summary says that it was made before
    folder = scene.out / "test/summaries"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    scene.night()
    written = {path.name for path in folder.iterdir() if path.stat().st_mtime_ns != before[path]}
    assert written <= {"summary.json"}  # which says how long it took


def test_the_report_is_kept_with_the_steps_and_names_no_document_in_them(scene: Scene) -> None:
    report = scene.night()
    assert latest(scene) == report
    with Catalog.open_for_reading(scene.corpus.pipeline.store) as catalog:
        assert NightlyReport.from_dict(Runs(catalog).report() or {}) == report
        (body,) = catalog.connection.execute("SELECT body FROM reports").fetchone()
    assert "lease.txt" not in json.dumps(json.loads(body)["after_ingest"])
    # The report of the ingest was noted before the first step showed anything.
    assert [outcomes(noted) for noted in scene.noted] == [[NOT_FINISHED, NOT_FINISHED]]


@pytest.mark.parametrize("name", ["latest.md", "latest.html"])
def test_the_report_leads_to_the_files(scene: Scene, name: str) -> None:
    report = scene.night()
    text = (scene.runs / name).read_text(encoding="utf-8")
    for step in report.after_ingest:
        address = os.path.relpath(step.entry, scene.runs)
        assert f'"{address}"' in text or f"({address})" in text
        assert (scene.runs / address).is_file()


def test_a_step_that_fails_takes_nothing_from_the_others(scene: Scene) -> None:
    scene.before = raising("summarize", ModelMissing("It is not here.", hint="ragkit models pull"))
    report = scene.night()
    assert (report.outcome, outcomes(report)) == ("done", ["failed", "done"])
    assert report.failed_steps[0].error == {
        "error": "ModelMissing",
        "message": "It is not here.",
        "hint": "ragkit models pull",
        "exit_code": 4,
    }
    assert (scene.out / "rows.csv").is_file()
    assert "It is not here" in (scene.runs / "latest.html").read_text(encoding="utf-8")


def test_a_bug_in_a_step_shows_no_words_of_documents(scene: Scene) -> None:
    scene.before = raising("sweep", ValueError("Anna Muster has the flu"))
    report = scene.night()
    assert report.after_ingest[1].error is not None
    assert report.after_ingest[1].error["exit_code"] == 1
    assert "Anna" not in (scene.runs / "latest.json").read_text(encoding="utf-8")
    assert not (scene.out / "rows.csv").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "has no questions|holds no questions"),
        ("questions: [{id: a, quest: b}]", "has 2 faults"),
        (None, "There is no file .*asked.yaml"),
    ],
)
def test_a_faulty_file_of_questions_is_the_steps_fault(
    scene: Scene, settings: str | None, words: str
) -> None:
    file = scene.corpus.root / "asked.yaml"
    file.unlink()
    if settings is not None:
        file.write_text(settings, encoding="utf-8")
    report = scene.night()
    assert outcomes(report) == ["done", "failed"]
    error = report.after_ingest[1].error or {}
    assert error["exit_code"] == 2
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(error["message"])


@pytest.mark.parametrize("blocked", ["out", "out/test/summaries"])
def test_an_output_that_cannot_be_is_told_before_the_work(scene: Scene, blocked: str) -> None:
    path = scene.corpus.root / blocked
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file of the user's", encoding="utf-8")
    scene.before = raising("summarize", AssertionError("it must not begin"))
    report = scene.night()
    error = report.after_ingest[0].error or {}
    assert (error["error"], error["exit_code"]) == ("UsageFault", 2)
    assert str(path) in str(error["message"])
    assert path.read_text(encoding="utf-8") == "a file of the user's"


def test_a_folder_in_place_of_the_rows(scene: Scene) -> None:
    (scene.out / "rows.csv").mkdir(parents=True)
    report = scene.night()
    assert outcomes(report) == ["done", "failed"]
    assert "is a folder" in str((report.after_ingest[1].error or {})["message"])


def test_no_step_after_an_ingest_that_failed(scene: Scene) -> None:
    scene.night()
    before = (scene.out / "rows.csv").read_bytes()
    scene.before = raising("summarize", AssertionError("it must not begin"))

    def ingest() -> IngestReport:
        raise StorageFault("The disk is full.")

    report = scene.night(ingest)
    assert (report.outcome, outcomes(report)) == ("failed", [LEFT_OUT, LEFT_OUT])
    assert (scene.out / "rows.csv").read_bytes() == before


def test_no_step_without_a_report(scene: Scene) -> None:
    """While an ingest by hand writes, the night can neither ingest nor keep its report."""
    scene.night()
    scene.before = raising("summarize", AssertionError("it must not begin"))
    with WriterLock(scene.corpus.pipeline.store):
        report = scene.night(lambda: IngestReport(*("test", *[0] * 11), (), (), 1.0))
    assert (report.run, outcomes(report)) == (0, [LEFT_OUT, LEFT_OUT])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Interrupted("Stopped.")])
@pytest.mark.parametrize("place", ["summarize", "sweep", "end of sweep"])
def test_ended_in_a_step_the_next_night_does_the_rest(
    scene: Scene, place: str, error: BaseException
) -> None:
    scene.before = raising(place, error)
    with pytest.raises(type(error)):
        scene.night()
    told = latest(scene)
    assert told.changes.added == ("lease.txt", "pets.txt")
    expected = NOT_FINISHED if place == "summarize" else "done"
    assert outcomes(told) == [expected, NOT_FINISHED]
    assert not (scene.out / "rows.csv").exists()
    scene.before = lambda name: None
    report = scene.night()
    assert outcomes(report) == ["done", "done"]
    assert report.changes.added == ()  # told once
    made = [step.made for step in report.after_ingest]
    judged = 0 if place == "end of sweep" else 4
    assert made == [2 if place == "summarize" else 0, judged]
    left = [path.name for path in scene.corpus.root.rglob(".*") if ".new" in path.name]
    assert left == []


def test_what_a_kill_left_half_written_is_removed(scene: Scene) -> None:
    """Of a process that is gone, and no more."""
    scene.night()
    ended = subprocess.Popen(["true"])
    ended.wait()
    (scene.out / f".rows.csv.{ended.pid}.new").write_text("half a row", encoding="utf-8")
    (scene.out / f".rows.csv.{os.getppid()}.new").write_text("another's", encoding="utf-8")
    scene.night()
    left = {path.name for path in scene.out.glob(".rows*")}
    assert left == {f".rows.csv.{os.getppid()}.new"}


def test_a_document_erased_during_a_step_does_not_come_back_in_the_report(scene: Scene) -> None:
    """A purge by hand, while summaries are made for hours."""
    scene.night()
    scene.corpus.write("secret name.txt", "The monthly rent is 700 euros.")
    store = scene.corpus.pipeline.store

    def purge(step: str) -> None:
        if step == "sweep":
            with WriterLock(store), Catalog.open_for_writing(store) as catalog:
                Runs(catalog).forget_names(["secret name.txt"])
                leave_kept_reports(store, Runs(catalog), ["secret name.txt"])

    scene.before = purge
    report = scene.night()
    assert report.changes.added[0].startswith("(erased document")
    for path in scene.runs.iterdir():
        assert "secret name" not in path.read_text(encoding="utf-8"), path


def test_what_came_of_a_step_cannot_be_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ingest by hand goes on for too long: the steps are done all the same, and that is told."""
    monkeypatch.setattr(nights, "SECONDS_WAITED", 0)
    held = WriterLock(scene.corpus.pipeline.store)
    scene.before = lambda name: held.__enter__() if name == "summarize" else None
    report = scene.night()
    held.__exit__(None, None, None)
    assert (report.outcome, outcomes(report)) == ("failed", ["done", "done"])
    assert (report.error or {})["exit_code"] == 5
    assert outcomes(latest(scene)) == [NOT_FINISHED, NOT_FINISHED]
    assert (scene.out / "rows.csv").is_file()
    scene.before = lambda name: None
    assert [step.made for step in scene.night().after_ingest] == [0, 0]


def test_outputs_are_made_for_the_owner_alone_and_nothing_else_is_opened(scene: Scene) -> None:
    folders = make_outputs([scene.pipeline])
    assert folders == (scene.out / "test/summaries", scene.out)
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
    (scene.corpus.root / "file").write_text("", encoding="utf-8")
    scene.steps = (SummarizeStep("file/in it"), SweepStep("asked.yaml", "file/rows.csv"))
    assert make_outputs([scene.pipeline]) == ()
