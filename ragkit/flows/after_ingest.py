"""The steps after the ingest of a night: summaries and sweeps, written where the settings say.

What they make is kept in the catalog, document by document, so that a night that was killed in a step is
gone on with by the next one; the files take their names when they are whole. A step that fails is told
and takes nothing from the others.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ragkit.config import Pipeline
from ragkit.errors import Interrupted, UsageFault, explained
from ragkit.flows.summary_files import SummaryFolder
from ragkit.flows.summary_names import OVERVIEW
from ragkit.flows.sweep_files import written_to
from ragkit.nightsteps import NightStep, SummarizeStep, SweepStep, name_of_step
from ragkit.shortfacts.values import KINDS as KINDS_OF_VALUE
from ragkit.sweeps.question_sets import read_set
from ragkit.types import StepReport, Summary
from ragkit.types.nights import LEFT_OUT, VerdictCount
from ragkit.types.sweeps import Sweep, SweepQuestion, SweepRow

OPENED_FIRST = (".html", ".md")
"""Of the summary of all documents, the file that a report leads to: the first that is there."""

OnRow = Callable[[SweepRow], None]


@dataclass(frozen=True, slots=True)
class NightWork:
    """What the steps are done with; both note in the ledger what is written, before it is.

    summarize: given its settings and the folder it is for. sweep: given its settings, the questions,
    who takes the rows, and the file they are for.
    """

    summarize: Callable[[SummarizeStep, Path], Summary]
    sweep: Callable[[SweepStep, Sequence[SweepQuestion], OnRow, Path], Sweep]


@dataclass(frozen=True, slots=True)
class NightSteps:
    """The steps of one pipeline. others: the pipelines beside it, whose places are no output."""

    pipeline: Pipeline
    others: tuple[Pipeline, ...]
    work: NightWork

    def planned(self) -> tuple[StepReport, ...]:
        """All of them, before any is done."""
        pairs = zip(self.pipeline.settings.after_ingest, self.pipeline.outputs, strict=True)
        return tuple(StepReport(name_of_step(step), str(output.path)) for step, output in pairs)

    def left_out(self) -> tuple[StepReport, ...]:
        """All of them, where nothing was ingested."""
        return tuple(replace(step, outcome=LEFT_OUT) for step in self.planned())

    def carried_out(self) -> Iterator[tuple[StepReport, ...]]:
        """All of them again each time that one is done. Raises Interrupted, KeyboardInterrupt."""
        reports = list(self.planned())
        for number, step in enumerate(self.pipeline.settings.after_ingest):
            reports[number] = self._carried_out(step, reports[number])
            yield tuple(reports)

    def _carried_out(self, step: NightStep, planned: StepReport) -> StepReport:
        started = time.monotonic()
        try:
            done = self._done(step, planned)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001  # a bug must not take the other steps' turn
            done = replace(planned, outcome="failed", error=explained(error).as_dict())
        return replace(done, seconds=round(time.monotonic() - started, 3))

    def _done(self, step: NightStep, planned: StepReport) -> StepReport:
        output = Path(planned.output)
        if isinstance(step, SummarizeStep):
            return self._summarized(step, output, planned)
        return self._swept(step, output, planned)

    def _summarized(self, step: SummarizeStep, output: Path, planned: StepReport) -> StepReport:
        _require_folder(output)
        folder = SummaryFolder(output, self.pipeline, self.others)
        summary = self.work.summarize(step, output)
        removed = folder.write(summary, whole=True)
        reused = sum(document.reused for document in summary.documents)
        return replace(
            planned,
            outcome="done",
            entry=_entry(output),
            documents=len(summary.documents),
            made=len(summary.documents) - reused,
            reused=reused,
            removed=len(removed),
            unreadable=len(summary.unreadable),
        )

    def _swept(self, step: SweepStep, output: Path, planned: StepReport) -> StepReport:
        _require_folder(output.resolve().parent)  # what a link leads to is written
        if output.is_dir():
            raise UsageFault(f"{output} is a folder, and the rows of a sweep go to a file.")
        beside = self.pipeline.settings_file.parent
        questions = read_set(step.questions, KINDS_OF_VALUE, beside)
        with written_to(output, self.pipeline, questions) as file:
            swept = self.work.sweep(step, questions, file.row, output)
            file.end(swept.counts)
        return replace(
            planned,
            outcome="done",
            entry=str(output),
            documents=swept.documents,
            made=swept.judged,
            reused=swept.reused,
            unreadable=sum(count.unreadable for count in swept.counts),
            counts=tuple(
                VerdictCount(each.id, each.yes, each.no, each.unclear, each.unreadable)
                for each in swept.counts
            ),
        )


def _require_folder(folder: Path) -> None:
    """Before work of hours that could not be written. Raises UsageFault."""
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "is not there and cannot be made"
        raise UsageFault(
            f"{folder} {what}, so nothing can be written to it.",
            hint="Give that step another `output` in pipelines.yaml.",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageFault(
            f"Nothing can be written to {folder}.",
            hint="Give that step an `output` that you may write to, in pipelines.yaml.",
        )


def _entry(folder: Path) -> str:
    """What to open first of a folder of summaries."""
    files = (folder / f"{OVERVIEW}{suffix}" for suffix in OPENED_FIRST)
    return str(next((file for file in files if file.is_file()), folder))
