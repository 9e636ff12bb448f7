"""Nights: an ingest, the report of it, and the steps after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.config import Pipeline
from ragkit.flows.shown import gone_since_the_report
from ragkit.flows.stating import nightly_report
from ragkit.types import IngestReport, NightlyReport, Step, Summary
from ragkit.types.sweeps import Sweep, SweepQuestion, SweepRow
from ragkit.workspace.asking import Asking
from ragkit.workspace.indexing import Indexing
from ragkit.workspace.sweeping import Sweeping

if TYPE_CHECKING:
    from ragkit.flows.after_ingest import NightSteps
    from ragkit.nightsteps import SummarizeStep, SweepStep

OnStep = Callable[[Step], None] | None


class Nights(Indexing, Asking, Sweeping):
    """What is done every night, and what is told of it in the morning."""

    def nightly(
        self, pipeline: str, *, on_step: Callable[[Step], None] | None = None
    ) -> NightlyReport:
        """Ingest, leave a report of everything since the report before, and do the steps of
        `after_ingest` in the settings, what came of which is in the report too.

        It is kept in the catalog and left in `<store>/runs/`. What goes wrong is the report's
        `error`, or that of a step, and not raised. Raises UnknownPipeline, Interrupted, Busy if another
        night goes on, StorageFault if a report that names documents cannot be noted in the ledger.
        """
        from ragkit.flows.nightly import nightly

        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen)
        gone: dict[str, set[str]] = {}

        def ingested() -> IngestReport:
            noting.require_possible_and_own()
            try:
                return self._ingest(chosen, on_step=on_step)
            finally:
                gone.update(gone_since_the_report(chosen))

        def note(report: NightlyReport) -> None:
            noting.nightly(report, gone)
            noting.remember()

        return nightly(chosen, ingested, self._steps(chosen, on_step), note)

    def nightly_report(self, pipeline: str, run: int = 0, *, exported: str = "") -> NightlyReport:
        """The nightly report of a run, or the latest one, be it that of a night that failed.

        exported: for the ledger, the absolute path of the file that it is written to.
        Raises UnknownPipeline, UsageFault if there is none, StorageFault and CheckFailed if it cannot
        be noted in the ledger.
        """
        chosen = self._pipeline(pipeline)
        report, noting = nightly_report(chosen, run), self._noting(chosen)
        noting.require_possible()
        noting.report(report, exported=exported)
        return report

    def _steps(self, chosen: Pipeline, on_step: OnStep) -> NightSteps | None:
        """None where the settings have none."""
        if not chosen.settings.after_ingest:
            return None
        from ragkit.flows.after_ingest import NightSteps, NightWork

        work = NightWork(
            summarize=partial(self._summarized, chosen.name, on_step),
            sweep=partial(self._swept, chosen.name, on_step),
        )
        others = tuple(each for each in self.config.pipelines.values() if each is not chosen)
        return NightSteps(chosen, others, work)

    def _summarized(
        self, pipeline: str, on_step: OnStep, step: SummarizeStep, output: Path
    ) -> Summary:
        return self.summarize(
            pipeline,
            style=_given(step.style) or None,
            words=step.words or None,
            focus=step.focus,
            language=_given(step.language),
            on_step=on_step,
            exported=str(output),
        )

    def _swept(
        self,
        pipeline: str,
        on_step: OnStep,
        step: SweepStep,
        questions: Sequence[SweepQuestion],
        on_row: Callable[[SweepRow], None],
        output: Path,
    ) -> Sweep:
        return self.sweep(
            pipeline,
            questions,
            style=_given(step.style) or None,
            on_row=on_row,
            on_step=on_step,
            exported=str(output),
        )


def _given(of_step: str) -> str:
    """What a step asks for; "" where it leaves that to the settings or the documents."""
    return "" if of_step == "auto" else of_step
