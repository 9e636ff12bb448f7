"""Calibrating: the thresholds of the decision, fitted to the user's own gold questions.

They are judged on other documents than they were fitted to, and kept only where that is a gain beyond
its interval. What is kept are numbers: two thresholds in the catalog's state, for one embedder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ragkit.catalog import Catalog, Reader, WriterLock
from ragkit.catalog.state import note_state
from ragkit.catalog.store import storage_faults
from ragkit.config import Pipeline
from ragkit.errors import Busy, Interrupted
from ragkit.evaluation.bootstrap import FEW_CLUSTERS, clustered_means
from ragkit.flows.calibrated import STATE, Kept, calibration_of
from ragkit.flows.evidence import gather_from
from ragkit.flows.fitting_thresholds import Case, CaseFigures, Flags
from ragkit.flows.owning import require_owner
from ragkit.flows.searching import Searching
from ragkit.gold import GoldQuestion
from ragkit.retrieval.answerability import Calibration
from ragkit.tuning.grouping import folds_of
from ragkit.types import Step
from ragkit.types.calibration import CalibrationReport

FOLDS = 5
FEWEST_ANSWERED, FEWEST_UNANSWERED = 20, 10
"""Gold questions of either kind: with fewer a threshold follows single questions."""
SEED = 0

OnStep = Callable[[Step], None]
Note = Callable[[CalibrationReport], None]


def calibrate(
    pipeline: Pipeline,
    searching: Searching,
    gold: Sequence[GoldQuestion],
    on_step: OnStep = lambda step: None,
    note: Note = lambda report: None,
) -> CalibrationReport:
    """Fit the thresholds to `gold`, and use them if they decide better on other documents.

    note: called with the report before anything is kept; if it raises, nothing is. Raises
    IndexMissing, ModelMissing, NotReady, Busy if another state is published meanwhile, Interrupted.
    """
    try:
        with searching.view() as view:
            before, embedder = calibration_of(view.reader), view.reader.state("embedder")
            generation = view.reader.generation()
        cases = _cases(pipeline, searching, gold, generation, on_step)
        report = _judged(pipeline, cases, before, generation)
        if not report.adopted:
            note(report)
            return report
        return _kept(pipeline, report, embedder, note)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; the thresholds of {pipeline.name} are what they were."
        ) from None


def undo(pipeline: Pipeline, note: Note = lambda report: None) -> CalibrationReport:
    """Go back to the thresholds that ragkit comes with. Raises Busy, StorageFault."""
    store = pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        reader = Reader(catalog)
        require_owner(pipeline, reader)
        with catalog.transaction() as connection:
            had = bool(reader.state(STATE))
            note_state(connection, {STATE: ""} if had else {})
            shipped = Calibration()
            report = CalibrationReport(
                pipeline.name,
                False,
                "" if had else "There is nothing to undo.",
                topic=shipped.topic.least,
                clause=shipped.clause.least,
                undone=had,
                generation=reader.generation(),
            )
            note(report)
    return report


def _cases(
    pipeline: Pipeline,
    searching: Searching,
    gold: Sequence[GoldQuestion],
    generation: int,
    on_step: OnStep,
) -> list[Case]:
    """Every question asked of the same state. Raises Busy."""
    found = []
    for done, question in enumerate(gold, start=1):
        # A state that is held for minutes would keep an ingest from emptying its log.
        with searching.view() as view:
            if view.reader.generation() != generation:
                raise Busy(
                    f"{pipeline.name} was changed while its questions were asked; nothing was kept.",
                    hint=f"ragkit eval {pipeline.name} --calibrate",
                )
            passages = pipeline.settings.answers.passages
            gathered = gather_from(view, searching.embedder, question.question, passages)
        document = question.document or f"question {question.id}"
        found.append(Case(gathered.signals, question.answerable, document))
        on_step(Step("asking", done, len(gold)))
    return found


def _judged(
    pipeline: Pipeline, cases: Sequence[Case], before: Calibration, generation: int
) -> CalibrationReport:
    """Fold by fold fitted to the others' documents and judged; then fitted to all."""
    report = CalibrationReport(
        pipeline.name,
        False,
        "",
        answered=sum(case.is_answerable for case in cases),
        unanswered=sum(not case.is_answerable for case in cases),
        documents=len({case.document for case in cases}),
        topic=before.topic.least,
        clause=before.clause.least,
        is_fitted=before.is_fitted,
        generation=generation,
    )
    if reason := _too_few(report):
        return replace(report, reason=reason)
    figures = CaseFigures.of(cases, before)
    old = figures.right(figures.now)
    new = _crossed(figures, [case.document for case in cases])
    gain, low, high = _gain(old, new, figures, [case.document for case in cases])
    judged = replace(
        report, before=figures.rates(old), after=figures.rates(new), low=low, high=high
    )
    if low <= 0:
        said = f"({gain:+.3f}, {low:+.3f} to {high:+.3f})"
        return replace(
            judged,
            reason="On documents that they were not fitted to the thresholds do not decide better "
            f"beyond chance {said}.",
        )
    best = figures.best(np.ones(len(cases), dtype=np.bool_))
    return replace(judged, adopted=True, is_fitted=True, topic=best.topic, clause=best.clause)


def _too_few(report: CalibrationReport) -> str:
    """Why nothing is fitted, "" if there is enough."""
    wanted = (
        (FEWEST_ANSWERED - report.answered, "with an answer"),
        (FEWEST_UNANSWERED - report.unanswered, "without one (`answerable: false`)"),
    )
    missing = [f"{count} more {kind}" for count, kind in wanted if count > 0]
    if report.documents < FEW_CLUSTERS:
        missing.append(f"questions on {FEW_CLUSTERS - report.documents} more documents")
    said = (
        f"There are {report.answered} questions with an answer and {report.unanswered} without one"
    )
    return f"{said}; it takes {' and '.join(missing)}." if missing else ""


def _crossed(figures: CaseFigures, documents: Sequence[str]) -> Flags:
    """Whether each case is decided rightly by thresholds fitted to the other folds' documents."""
    numbers = {document: at for at, document in enumerate(dict.fromkeys(documents))}
    fold = np.array(folds_of([numbers[document] for document in documents], FOLDS))
    right = np.zeros(len(fold), dtype=np.bool_)
    for held_out in range(FOLDS):
        inside = fold == held_out
        right[inside] = figures.right(figures.best(~inside))[inside]
    return right


def _gain(
    old: Flags, new: Flags, figures: CaseFigures, documents: Sequence[str]
) -> tuple[float, float, float]:
    """Of balanced accuracy: the gain and the ends of its interval, documents resampled.

    Each case's change counts by how rare its kind is, so that their mean is the gain.
    """
    share = np.where(
        figures.is_answerable, figures.is_answerable.mean(), (~figures.is_answerable).mean()
    )
    changes = (new.astype(np.float64) - old) / (2 * share)
    means = clustered_means(changes[:, np.newaxis], documents, SEED)
    return float(means.mean[0]), float(means.low[0]), float(means.high[0])


def _kept(
    pipeline: Pipeline, report: CalibrationReport, embedder: str, note: Note
) -> CalibrationReport:
    """Put the thresholds into use."""
    assert report.before is not None
    assert report.after is not None
    kept = Kept(
        topic=report.topic,
        clause=report.clause,
        embedder=embedder,
        answered=report.answered,
        unanswered=report.unanswered,
        before=report.before.balanced,
        after=report.after.balanced,
    )
    store = pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        require_owner(pipeline, Reader(catalog))
        with catalog.transaction() as connection:
            note_state(connection, {STATE: kept.as_text()})
            note(report)
    return report
