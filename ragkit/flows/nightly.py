"""A night: ingest, then leave a report of everything since the report before.

A kill at any point is harmless. An ingest notes its changes in the transactions that publish them,
and they count as told only when a report is kept, which is one transaction: killed before it, the
next night tells them. The files come last; killed before them, the next night writes them from the
report that was kept. Two nights of a pipeline never overlap: the second ends at once, with no report.

The steps after the ingest come when the report is kept: they may take hours, in which documents may be
erased, and a report from before that must not be kept after it. It says which steps are not finished,
and is brought up to date with each one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.catalog import Catalog, NightLock, Reader, Runs, WriterLock
from ragkit.catalog.store import now, storage_faults
from ragkit.config import Pipeline
from ragkit.errors import (
    IndexMissing,
    Interrupted,
    RagkitError,
    StorageFault,
    UsageFault,
    explained,
)
from ragkit.flows.owning import require_owner
from ragkit.flows.report_files import leave_kept_reports, leave_unkept_report
from ragkit.types import DocumentChanges, IngestReport, NightlyReport, StepReport, rates_of

if TYPE_CHECKING:  # most nights have no steps, and need not load what these take
    from ragkit.flows.after_ingest import NightSteps

OTHERS_NAMED = 10
"""Runs since the report before that are named one by one."""
SECONDS_WAITED = 60
"""For an ingest or a purge by hand, before what came of a step is kept."""


def nightly(
    pipeline: Pipeline,
    ingest: Callable[[], IngestReport],
    steps: NightSteps | None = None,
    note: Callable[[NightlyReport], None] = lambda report: None,
) -> NightlyReport:
    """Ingest, and whatever comes of it leave a report, in the catalog and as files; then the steps.

    note: given the report of the ingest before the steps, and also when there are none. A fault of the
    ingest, or of keeping the report, is the report's `error`, and no step is done then; that of a step
    is the step's. Only these are raised: Busy if another night of the pipeline goes on, being
    interrupted (Interrupted, KeyboardInterrupt), and what `note` raises.
    """
    with ExitStack() as held:
        started = now()
        try:
            held.enter_context(NightLock(pipeline.store))
        except StorageFault as fault:
            report = _Night(pipeline, started, run_before=0, steps=steps).leave_unkept(fault)
        else:
            report = _Night(pipeline, started, _latest_run(pipeline), steps).carry_out(ingest)
        note(report)
        if steps is None or report.error is not None:
            return report
        return _with_steps(pipeline, report, steps)


def _with_steps(pipeline: Pipeline, report: NightlyReport, steps: NightSteps) -> NightlyReport:
    """The steps, one after the other; the report as it is kept then, and its files."""
    for done in steps.carried_out():
        try:
            report = _keep_steps(pipeline, report.run, done)
        except Exception as error:  # noqa: BLE001  # the other steps are done all the same
            failed = explained(error).as_dict()
            report = replace(
                report, after_ingest=done, finished=now(), outcome="failed", error=failed
            )
    return report


def _keep_steps(pipeline: Pipeline, run: int, steps: Sequence[StepReport]) -> NightlyReport:
    """Raises Busy if an ingest by hand goes on for long, StorageFault."""
    store = pipeline.store
    with storage_faults(store), _lock_when_free(store), Catalog.open_for_writing(store) as catalog:
        runs = Runs(catalog)
        runs.note_steps(run, [step.as_dict() for step in steps], now())
        leave_kept_reports(store, runs)
        kept = runs.report(run)
    assert kept is not None  # it was before the steps, and this night's is the newest
    return NightlyReport.from_dict(kept)


def _lock_when_free(store: Path) -> WriterLock:
    """Not taken yet. A short ingest or purge by hand is waited for."""
    for _ in range(SECONDS_WAITED):
        if not WriterLock.is_held(store):
            break
        time.sleep(1)
    return WriterLock(store)


@dataclass(slots=True)
class _Night:
    """What is known of one night of one pipeline. Either `done` or `fault` is set."""

    pipeline: Pipeline
    started: str
    run_before: int
    steps: NightSteps | None = None
    done: IngestReport | None = None
    fault: RagkitError | None = None

    def carry_out(self, ingest: Callable[[], IngestReport]) -> NightlyReport:
        try:
            self.done = ingest()
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001  # a bug must not take the other pipelines' night
            self.fault = explained(error)
        try:
            return self.keep_report()
        except Exception as error:  # noqa: BLE001  # nor a bug in keeping the report
            return self.leave_unkept(explained(error))

    def keep_report(self) -> NightlyReport:
        """Raises Busy, StorageFault, UsageFault if the index is another settings file's."""
        store = self.pipeline.store
        with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
            reader, runs = Reader(catalog), Runs(catalog)
            require_owner(self.pipeline, reader)
            # An ingest that failed after it had published left this list as it was.
            runs.note_failures(reader.unreadable())
            report = self._report(runs, reader)
            runs.keep_report(report.run, report.as_dict())
            try:
                leave_kept_reports(store, runs)
            except StorageFault as fault:
                return replace(report, outcome="failed", error=fault.as_dict())
        return report

    def leave_unkept(self, unkept: RagkitError) -> NightlyReport:
        """A report that the catalog cannot hold: a file if possible, and told to the caller.

        It names no document: a file that is not made from the catalog could not forget one.
        """
        fault = self.fault or unkept
        report = replace(
            self._outline(),
            outcome="failed",
            error=fault.as_dict(),
            after_ingest=self.steps.left_out() if self.steps else (),
            doubtful=(),
            hidden=(),
            fenced=(),
            gate=None,
        )
        if self.done is not None:
            note = "The ingest is done, but what it did will be told by the next report."
            report = replace(report, notes=(*report.notes, note))
        if not _belongs_elsewhere(self.pipeline):
            try:
                leave_unkept_report(self.pipeline.store, report)
            except StorageFault as also:
                return replace(report, notes=(*report.notes, also.message))
        return report

    def _outline(self) -> NightlyReport:
        """What the night itself knows, without the catalog."""
        figures = self.done.figures() if self.done else {}
        return NightlyReport(
            pipeline=self.pipeline.name,
            run=0,
            started=self.started,
            finished=now(),
            outcome=self._outcome(),
            generation=self.done.generation if self.done else 0,
            changes=DocumentChanges(),
            failures=(),
            doubtful=self.done.doubtful if self.done else (),
            hidden=self.done.hidden if self.done else (),
            fenced=self.done.fenced if self.done else (),
            held=self.done.held if self.done else (),
            after_ingest=self._steps(),
            gate=self.done.gate if self.done else None,
            figures=figures,
            rates=rates_of(figures),
            notes=self.done.notes if self.done else (),
            error=self.fault.as_dict() if self.fault else None,
        )

    def _steps(self) -> tuple[StepReport, ...]:
        if self.steps is None:
            return ()
        return self.steps.planned() if self.done else self.steps.left_out()

    def _outcome(self) -> str:
        if self.done is None:
            return "failed"
        return "held back" if self.done.gate and not self.done.gate.passed else "done"

    def _report(self, runs: Runs, reader: Reader) -> NightlyReport:
        run = self._run(runs)
        outline = self._outline()
        return replace(
            outline,
            run=run,
            generation=reader.generation(),
            changes=runs.unreported_changes(),
            failures=runs.failures(),
            notes=(*outline.notes, *_others(runs, run)),
        )

    def _run(self, runs: Runs) -> int:
        """The newest run that the report covers; one is noted for an ingest that could not begin."""
        latest = next(iter(runs.latest(1)), None)
        if latest is not None and latest.id > self.run_before:
            return latest.id
        run = runs.begin(os.getpid())
        runs.end(run, "failed", {})
        return run


def _latest_run(pipeline: Pipeline) -> int:
    """The number of the run before; 0 if there is none or it cannot be known."""
    try:
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            return next((run.id for run in Runs(catalog).latest(1)), 0)
    except RagkitError:
        return 0  # what is wrong with the store, the ingest itself will say


def _others(runs: Runs, run: int) -> tuple[str, ...]:
    """Says which other runs the report covers: ingests by hand, and those that did not end well."""
    reported = next(iter(runs.reported(1)), 0)
    others = [each for each in runs.latest(OTHERS_NAMED + 1) if reported < each.id < run]
    if not others:
        return ()
    named = ", ".join(f"{each.id} ({each.outcome})" for each in reversed(others))
    return (f"Runs since the report before, told here too: {named}.",)


def _belongs_elsewhere(pipeline: Pipeline) -> bool:
    """Whether the store is another settings file's: then nothing of ours is left in it."""
    try:
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            require_owner(pipeline, Reader(catalog))
    except (IndexMissing, StorageFault):
        return False
    except UsageFault:
        return True
    return False
