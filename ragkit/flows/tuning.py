"""Tuning: learn from the user's own questions, judge that on other documents, use it if it helps.

What is learned is judged before it is used: fold by fold it is learned from the other groups of
documents and measured, through the whole ranking, on those left out. Only if the gain is beyond its
interval the adapter, learned from all, is put into use.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ragkit.catalog import Catalog, Reader, WriterLock
from ragkit.catalog.adapters import Adapters
from ragkit.catalog.erasing import TO_ERASE
from ragkit.catalog.feedback import Feedback
from ragkit.catalog.state import note_state
from ragkit.catalog.store import storage_faults
from ragkit.config import Pipeline
from ragkit.errors import Busy, Interrupted
from ragkit.evaluation.bootstrap import FEW_CLUSTERS, clustered_means
from ragkit.flows.owning import require_owner
from ragkit.flows.searching import Searching
from ragkit.flows.stating import published
from ragkit.flows.tuning_cases import Case, Cases, collect
from ragkit.gold import GoldQuestion
from ragkit.tuning.adapter import Floats, LinearAdapter, adapted
from ragkit.tuning.grouping import folds_of, groups_of
from ragkit.tuning.learning import Schedule, learn
from ragkit.types import Step
from ragkit.types.tuning import Gained, TuningReport

FOLDS, FOLDS_OF_FEW = 3, 5
FEW_QUESTIONS = 200
"""With fewer each fold is learned from nearly all of them, as what is used then is."""
FEWEST_QUESTIONS = 40
FEWEST_GROUPS = FEW_CLUSTERS
"""Of documents: with fewer an interval is too narrow to be believed."""
WANTED = ("recall@8", "span_hit@1")
"""One of them must be better beyond its interval: what an answer reads, and what a person sees first."""
MEASURES = (*WANTED, "ndcg@10", "wrong_doc@8")
"""None of them may be worse beyond its interval."""
TOLERATED = 0.01
"""Of wrong documents among eight passages: one more in a hundred is worth what else is gained."""
SEED = 0
"""Of the order of examples and of the resampling: the same examples give the same adapter."""
SCHEDULE = Schedule()

OnStep = Callable[[Step], None]
Note = Callable[[TuningReport], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of the cases. embedder: fingerprint of the one whose vectors the adapter takes.
    documents: (path, SHA-256) of those that it was learned from."""

    report: TuningReport
    adapter: LinearAdapter | None = None
    embedder: str = ""
    documents: tuple[tuple[str, str], ...] = ()


def tune(
    pipeline: Pipeline,
    searching: Searching,
    gold: Sequence[GoldQuestion],
    on_step: OnStep,
    note: Note = lambda report: None,
) -> TuningReport:
    """Learn from `gold` and from everything that is marked, and use it if it helps.

    note: called with the report before what was learned is kept; if it raises, it is not kept.
    Interrupted at any time, what was in use stays in use. Raises IndexMissing, ModelMissing, NotReady,
    ConfigFault for gold that counts characters otherwise, Busy if somebody writes when the adapter is
    to be kept, or if its documents were changed meanwhile, Interrupted.
    """
    started = time.perf_counter()
    try:
        learned = _learned(pipeline, searching, gold, on_step)
        report = _kept(pipeline, learned, note)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; what was learned of {pipeline.name} before, if anything, is still in use."
        ) from None
    return replace(report, seconds=time.perf_counter() - started)


def undo(pipeline: Pipeline, note: Note = lambda report: None) -> TuningReport:
    """Go back to the adapter before, or to none. note: as for `tune`. Raises Busy, StorageFault."""
    store = pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        reader = Reader(catalog)
        require_owner(pipeline, reader)
        with catalog.transaction() as connection:
            adapters = Adapters(connection)
            gone = adapters.undo()
            note_state(connection, {TO_ERASE: "yes"} if gone else {})
            newest = adapters.newest()
            was = "" if gone else "There is nothing to undo."
            adapter = newest.fingerprint if newest else ""
            generation = reader.generation()
            report = TuningReport(
                pipeline.name, False, was, adapter, undone=gone, generation=generation
            )
            note(report)
        return report


def _learned(
    pipeline: Pipeline, searching: Searching, gold: Sequence[GoldQuestion], on_step: OnStep
) -> Learned:
    with published(pipeline) as catalog:
        marked = Feedback(catalog.connection).entries()

    def looked_at(done: int, total: int) -> None:
        on_step(Step("searching for what is marked", done, total))

    with searching.view(is_adapted=False, is_reranked=False) as view:
        cases = collect(view, gold, marked, looked_at)
        groups = _groups(view.reader, cases)
        documents = view.reader.documents_by_id(_documents(cases.cases))
        generation, embedder = view.reader.generation(), view.reader.state("embedder")
    report = TuningReport(
        pipeline=pipeline.name,
        adopted=False,
        reason="",
        adapter="",
        questions=len(cases.cases),
        documents=len(documents),
        groups=len(set(groups)),
        folds=FOLDS_OF_FEW if len(cases.cases) < FEW_QUESTIONS else FOLDS,
        unused=tuple(sorted(cases.unused.items())),
        generation=generation,
    )
    if reason := _too_few(report):
        return Learned(replace(report, reason=reason, folds=0))
    report = replace(report, measures=_crossed(cases, groups, report.folds, on_step))
    if reason := _no_help(report.measures):
        return Learned(replace(report, reason=reason))
    matrix = _matrix(cases, cases.cases, on_step, "learning from all")
    adapter = LinearAdapter.of(matrix, SCHEDULE.weight, embedder)
    shown = tuple((entry.path, entry.sha256) for entry in documents.values())
    return Learned(replace(report, adopted=True), adapter, embedder, shown)


def _groups(reader: Reader, cases: Cases) -> list[int]:
    """The group of each case's documents."""
    entries = reader.documents_by_id(_documents(cases.cases))
    names = {number: entry.names for number, entry in entries.items()}
    chunks: dict[int, Floats] = {}
    for case in cases.cases:
        for number in case.asked.documents - chunks.keys():
            inside = case.found.rows[case.found.documents == number]
            if len(inside):
                chunks[number] = cases.vectors[inside]
    together = [sorted(case.asked.documents) for case in cases.cases]
    group = groups_of(names, chunks, together)
    return [group[documents[0]] for documents in together]


def _documents(cases: Sequence[Case]) -> set[int]:
    return {number for case in cases for number in case.asked.documents}


def _too_few(report: TuningReport) -> str:
    """Why nothing is learned, "" if there is enough."""
    missing = []
    if (questions := FEWEST_QUESTIONS - report.questions) > 0:
        missing.append(f"{questions} more question{'s' if questions > 1 else ''}")
    if (groups := FEWEST_GROUPS - report.groups) > 0:
        missing.append(f"{groups} more document{'s' if groups > 1 else ''} of other parties")
    if not missing:
        return ""
    return (
        f"There are {report.questions} usable questions on {report.groups} groups of documents; "
        f"{FEWEST_QUESTIONS} on {FEWEST_GROUPS} are needed: {' and '.join(missing)}."
    )


def _no_help(measures: Sequence[Gained]) -> str:
    """Why the adapter is not used, "" if it helps."""
    worse = [m.name for m in measures if _is_worse(m)]
    if worse:
        return f"It would make {' and '.join(worse)} worse on documents that it was not trained on."
    if not any(m.name in WANTED and m.low > 0 for m in measures):
        return (
            f"On documents that it was not trained on it does not help beyond chance, neither in "
            f"{' nor in '.join(WANTED)}."
        )
    return ""


def _is_worse(measure: Gained) -> bool:
    return measure.low > TOLERATED if measure.name.startswith("wrong_doc") else measure.high < 0


def _crossed(
    cases: Cases, groups: Sequence[int], folds: int, on_step: OnStep
) -> tuple[Gained, ...]:
    """The measures without and with what was learned on the other folds' documents."""
    fold = folds_of(groups, folds)
    before = [case.measured() for case in cases.cases]
    after: list[dict[str, float]] = [{} for _ in cases.cases]
    for held_out in range(folds):
        others = [case for case, one in zip(cases.cases, fold, strict=True) if one != held_out]
        matrix = _matrix(cases, others, on_step, f"learning, {held_out + 1} of {folds} to judge by")
        for number, case in enumerate(cases.cases):
            if fold[number] == held_out:
                after[number] = case.measured(_added(cases, case, matrix))
    return _gains(before, after, [str(group) for group in groups])


def _matrix(cases: Cases, chosen: Sequence[Case], on_step: OnStep, stage: str) -> Floats:
    examples = [example for case in chosen for example in cases.examples(case)]
    return learn(
        examples,
        SCHEDULE,
        seed=SEED,
        on_pass=lambda done, total: on_step(Step(stage, done, total)),
    )


def _added(cases: Cases, case: Case, matrix: Floats) -> Floats:
    """What the map adds to the scores of a case's candidates."""
    turned = adapted(matrix, case.content[np.newaxis])[0] - case.content
    return np.asarray(SCHEDULE.weight * (cases.vectors[case.found.rows] @ turned))


def _gains(
    before: Sequence[dict[str, float]], after: Sequence[dict[str, float]], clusters: Sequence[str]
) -> tuple[Gained, ...]:
    nothing = float("nan")
    old, new = (
        np.array([[row.get(name, nothing) for name in MEASURES] for row in rows], dtype=np.float64)
        for rows in (before, after)
    )
    means = clustered_means(new - old, clusters, SEED)
    return tuple(
        Gained(
            name,
            float(np.nanmean(old[:, at])),
            float(np.nanmean(new[:, at])),
            float(means.low[at]),
            float(means.high[at]),
        )
        for at, name in enumerate(MEASURES)
    )


def _kept(pipeline: Pipeline, learned: Learned, note: Note) -> TuningReport:
    """Put the adapter into use, if there is one, and say which is in use now."""
    store = pipeline.store
    if learned.adapter is None:
        with published(pipeline) as catalog:
            newest = Adapters(catalog.connection).newest()
        report = replace(learned.report, adapter=newest.fingerprint if newest else "")
        note(report)
        return report
    report = replace(learned.report, adapter=learned.adapter.fingerprint)
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        reader = Reader(catalog)
        require_owner(pipeline, reader)
        with catalog.transaction() as connection:
            _require_unchanged(pipeline, reader, learned)
            figures = {
                "questions": learned.report.questions,
                "documents": learned.report.documents,
                "measures": [
                    {name: getattr(measure, name) for name in measure.__slots__}
                    for measure in learned.report.measures
                ],
            }
            Adapters(connection).keep(
                learned.adapter.matrix,
                embedder=learned.embedder,
                fingerprint=learned.adapter.fingerprint,
                weight=learned.adapter.weight,
                figures=json.dumps(figures),
                documents=learned.documents,
            )
            note(report)
    return report


def _require_unchanged(pipeline: Pipeline, reader: Reader, learned: Learned) -> None:
    """What was purged meanwhile must not come back in what was learned of it. Raises Busy."""
    now = {path: reader.document(path) for path, _ in learned.documents}
    same = all(
        entry is not None and entry.sha256 == sha256
        for (_, sha256), entry in zip(learned.documents, now.values(), strict=True)
    )
    if not same or reader.state("embedder") != learned.embedder:
        raise Busy(
            f"Documents of {pipeline.name} were changed while it learned from them; nothing was kept.",
            hint=f"ragkit tune {pipeline.name}",
        )
