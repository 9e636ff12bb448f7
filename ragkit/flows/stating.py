"""What a pipeline is now: its published state, which generation, its runs and reports, its status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ragkit.catalog import Catalog, Reader, Runs, WriterLock
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing, UsageFault
from ragkit.flows.adapting import adapter_status
from ragkit.flows.before import HELD
from ragkit.flows.calibrated import calibration_notes
from ragkit.flows.languages import Trained, language_notes
from ragkit.flows.owning import require_owner
from ragkit.isolation import current
from ragkit.types import NightlyReport, PipelineStatus, RunRecord


def require_index(pipeline: Pipeline) -> None:
    """Said before a model is loaded: a missing index is the likelier reason, and the cheaper one."""
    if not generation_of(pipeline):
        raise IndexMissing(
            f"Nothing is indexed yet for {pipeline.name}.", hint=f"ragkit ingest {pipeline.name}"
        )


@contextmanager
def published(pipeline: Pipeline) -> Iterator[Catalog]:
    """The published state of a pipeline. Raises IndexMissing, UsageFault if it is another's."""
    with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
        require_owner(pipeline, Reader(catalog))
        yield catalog


def nightly_report(pipeline: Pipeline, run: int) -> NightlyReport:
    """The report of a run; 0 for the latest, be it one that was left beside the catalog.

    Raises UsageFault if there is none.
    """
    # Renders reports too, which a question must not wait for.
    from ragkit.flows.report_files import read_latest_report

    left = None if run else read_latest_report(pipeline.store)
    found = [report for report in (_kept_report(pipeline, run), left) if report is not None]
    if not found:
        which = f"of run {run}" if run else "yet"
        raise UsageFault(
            f"There is no nightly report {which} for {pipeline.name}.",
            hint=f"ragkit nightly {pipeline.name} writes one.",
        )
    return max(found, key=lambda report: report.finished)


def _kept_report(pipeline: Pipeline, run: int) -> NightlyReport | None:
    try:
        with published(pipeline) as catalog:
            data = Runs(catalog).report(run)
    except IndexMissing:
        return None
    return NightlyReport.from_dict(data) if data is not None else None


def runs_of(pipeline: Pipeline, limit: int) -> list[RunRecord]:
    """The latest ingests, newest first; none before the first. One whose process died is "killed"."""
    try:
        with published(pipeline) as catalog:
            runs = Runs(catalog).latest(limit)
    except IndexMissing:
        return []
    if WriterLock.is_held(pipeline.store):
        return runs
    return [replace(run, outcome="killed") if run.outcome == "running" else run for run in runs]


def generation_of(pipeline: Pipeline) -> int:
    """0 if nothing is published."""
    try:
        with published(pipeline) as catalog:
            return Reader(catalog).generation()
    except IndexMissing:
        return 0


def status_of(pipeline: Pipeline, trained: Iterable[Trained] = ()) -> PipelineStatus:
    """What is indexed and how; zeros before the first ingest. Raises UsageFault if it is another's.

    trained: the models that questions are answered with.
    """
    settings = pipeline.settings
    nothing = PipelineStatus(
        pipeline=pipeline.name,
        description=settings.description,
        folders=tuple(str(folder) for folder in pipeline.folders),
        documents=0,
        chunks=0,
        generation=0,
        published="",
        quarantined=0,
        embedder=settings.embedder.model,
        generator=settings.generator.model,
        reranker=settings.reranker.model,
        isolation=current().description,
    )
    try:
        with published(pipeline) as catalog:
            reader = Reader(catalog)
            counts = reader.counts()
            return replace(
                nothing,
                documents=counts["documents"],
                chunks=counts["chunks"],
                quarantined=counts["quarantined"],
                generation=reader.generation(),
                published=reader.state("published"),
                unreadable=reader.unreadable(),
                fenced=reader.fenced(),
                held_back=reader.state(HELD) == "yes",
                notes=(*language_notes(reader, trained), *calibration_notes(reader)),
                adapter=adapter_status(catalog.connection, reader.state("embedder")),
            )
    except IndexMissing:
        return nothing
