"""Sweeping: every question asked of every document in scope, a row each, nothing left out.

Only what is published is looked at. What was found is kept in the catalog with its content, document by
document (flows/keeping.py): a run that was killed goes on from there, the next night judges only what is
new, and an ingest that erases a document erases its findings with it. One document is held at a time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ragkit.catalog import Catalog, DocumentEntry
from ragkit.catalog.findings import Findings
from ragkit.catalog.searching import SearchReader
from ragkit.catalog.store import storage_faults
from ragkit.errors import Busy, Interrupted, UsageFault
from ragkit.flows.composing import choose_style
from ragkit.flows.covering import coverage_of
from ragkit.flows.keeping import BatchParts, can_keep, open_to_keep, patiently
from ragkit.flows.scoping import Resolved, resolve
from ragkit.flows.sweep_asking import VERSION as ASKING
from ragkit.flows.sweep_asking import Judge, ask_model
from ragkit.flows.sweep_denials import heeding_denials
from ragkit.flows.sweep_findings import Finding, unread_of, unreadable_row
from ragkit.flows.sweep_looking import Asking, SweptDocument, asker_of
from ragkit.retrieval.understanding import Asked, Understanding
from ragkit.retrieval.wording import Wording
from ragkit.sweeps.judging import judge
from ragkit.types import Step, Unreadable
from ragkit.types.scope import Scope
from ragkit.types.sweeps import Sweep, SweepCount, SweepPlan, SweepQuestion, SweepRow

VERSION = "6"
"""Changes when the same document would get another verdict or value; kept ones are then judged anew."""
VANISHED = "changed or removed while it was swept: sweep again"
TRIED = 3
"""Documents that are judged to tell how long all will take."""

OnRow = Callable[[SweepRow], None]
OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """wording: what documents may say instead. style: "quote" judges by rule alone, "compose" asks the
    model where rules leave doubt, "auto" or None as the settings say and the model can."""

    questions: tuple[SweepQuestion, ...]
    wording: Wording
    scope: Scope | None = None
    style: str | None = None

    @property
    def in_words(self) -> str:
        """All that is asked, for the ledger's keyed hash."""
        return "\n".join(question.question for question in self.questions)


def checked_questions(questions: Iterable[SweepQuestion]) -> tuple[SweepQuestion, ...]:
    """Raises UsageFault for none, for one without words, for two of one id."""
    asked = tuple(questions)
    if not asked or not all(question.question.strip() for question in asked):
        raise UsageFault("A sweep needs at least one question, and each needs words.")
    if len({question.id for question in asked}) < len(asked):
        raise UsageFault("Two questions of a sweep have the same id.")
    return asked


def sweep(
    parts: BatchParts,
    request: SweepRequest,
    on_row: OnRow,
    on_step: OnStep = lambda step: None,
) -> Sweep:
    """Rows by document, in order of path, then by question; `on_row` is given each as it is judged.

    Raises NothingInScope, UnknownPipeline, UsageFault for filters, ModelMissing, Busy, StorageFault,
    Interrupted, which says how far it came.
    """
    with storage_faults(parts.pipeline.store), open_to_keep(parts.pipeline) as catalog:
        run = _Run(parts, request, catalog, on_row, on_step)
        try:
            return run.carry_out()
        except KeyboardInterrupt:
            raise Interrupted(
                f"Interrupted; the {run.judged} rows judged now are kept, nothing was written.",
                hint="The same command goes on from there.",
            ) from None


def plan_sweep(parts: BatchParts, request: SweepRequest) -> SweepPlan:
    """What `sweep` would do, and how long it would take. Keeps and shows nothing."""
    with storage_faults(parts.pipeline.store), open_to_keep(parts.pipeline) as catalog:
        return _Run(parts, request, catalog, lambda row: None, lambda step: None).plan()


class _Run:
    """One sweep over the documents that were published when it began."""

    def __init__(
        self,
        parts: BatchParts,
        request: SweepRequest,
        catalog: Catalog,
        on_row: OnRow,
        on_step: OnStep,
    ) -> None:
        self.parts = parts
        self.request = request
        self.catalog = catalog
        self.on_row = on_row
        self.on_step = on_step
        self.kept = Findings(catalog)
        self.asks_model = choose_style(request.style or parts.style, parts.model_reads) == "compose"
        self.counts = {question.id: Counter[str]() for question in request.questions}
        self.shown: set[str] = set()
        self._in_part: dict[str, str] = {}
        self._asked: dict[str, Asked | None] = {}
        self.judged = self.reused = 0
        self.started = time.monotonic()

    def carry_out(self) -> Sweep:
        with self.catalog.snapshot():
            reader = SearchReader(self.catalog)
            entries, unreadable = self._in_scope(reader)
            generation = reader.generation()
            self._understand(reader)
        total = len(entries) + len(unreadable)
        for done, entry in enumerate(entries):
            self._tell(done, total)
            self._show(entry, self._of_document(entry))
        for item in unreadable:
            self._not_read(item)
        self._require_all_still_there()
        self._tell(total, total)
        return Sweep(
            pipeline=self.parts.pipeline.name,
            generation=generation,
            documents=total,
            counts=tuple(map(self._count, self.request.questions)),
            judged=self.judged,
            reused=self.reused,
            seconds=time.monotonic() - self.started,
            model=self.parts.model_name if self.asks_model else "",
            shown=tuple(sorted(self.shown)),
        )

    def plan(self) -> SweepPlan:
        with self.catalog.snapshot():
            reader = SearchReader(self.catalog)
            entries, unreadable = self._in_scope(reader)
            self._understand(reader)
            missing = [(entry, self._missing(self._found(entry))) for entry in entries]
            new = [(entry, names) for entry, names in missing if names]
            tried = [
                (SweptDocument(self.catalog, reader, entry), names) for entry, names in new[:TRIED]
            ]
        started = time.monotonic()
        rows = sum(len(self._judge_all(document, names)) for document, names in tried)
        spent = time.monotonic() - started
        documents, questions = len(entries) + len(unreadable), len(self.request.questions)
        to_judge = sum(len(names) for _, names in new)
        return SweepPlan(
            pipeline=self.parts.pipeline.name,
            documents=documents,
            questions=questions,
            rows=documents * questions,
            to_judge=to_judge,
            seconds=spent / rows * to_judge if rows else None,
        )

    # Which documents

    def _in_scope(self, reader: SearchReader) -> tuple[list[DocumentEntry], list[Unreadable]]:
        """Documents to judge, and those of which nothing could be read, in order of path."""
        resolved = resolve(self.parts.pipeline, reader, self.request.scope)
        known = list(reader.documents())
        entries = [each for each in known if resolved.ids is None or each.id in resolved.ids]
        return sorted(entries, key=lambda each: each.path), self._unread(reader, resolved)

    def _unread(self, reader: SearchReader, resolved: Resolved) -> list[Unreadable]:
        """Documents that could not be read at all; those read in part are noted in their rows."""
        failed = {entry.path for entry in reader.quarantine()}
        coverage = coverage_of(reader, resolved)
        whole = {item.document: item for item in coverage.unreadable if item.document in failed}
        self._in_part = {
            item.document: item.reason
            for item in coverage.unreadable
            if item.document not in failed
        }
        return [whole[path] for path in sorted(whole)]

    # Judging

    def _understand(self, reader: SearchReader) -> None:
        understanding = Understanding(reader, self.request.wording)
        self._asked = {
            question.id: None
            if question.look_for or question.may_mean
            else understanding.asked(question.question)
            for question in self.request.questions
        }

    @cached_property
    def _askings(self) -> dict[str, Asking]:
        """By id. The embedder is opened here."""
        questions = self.request.questions
        vectors = self.parts.open_embedder().embed_queries([one.question for one in questions])
        return {
            question.id: Asking(question, vector, self._asked[question.id])
            for question, vector in zip(questions, vectors, strict=True)
        }

    @cached_property
    def _askers(self) -> dict[str, str]:
        """By id of a question what its findings are kept under: another version judges anew."""
        model = ""
        if self.asks_model:
            model = f"{self.parts.model_digest()} {ASKING} {self.parts.model_reads()}"
        made_with = [VERSION, self.parts.embedder_fingerprint, model]
        return {
            question.id: asker_of(question, self._asked[question.id], made_with)
            for question in self.request.questions
        }

    def _of_document(self, entry: DocumentEntry) -> dict[str, tuple[Finding, bool]]:
        """By id of a question what was found, and whether that was known before; nothing if an ingest
        has changed the document meanwhile."""
        # Judged outside of the snapshot: a purge must not wait for a model.
        with self.catalog.snapshot():
            reader = SearchReader(self.catalog)
            if not _is_published(reader, entry):
                return {}
            known = self._found(entry)
            missing = self._missing(known)
            document = SweptDocument(self.catalog, reader, entry) if missing else None
        new = self._judge_all(document, missing) if document else {}
        if new and not self._keep(entry, new):
            return {}
        self.judged += len(new)
        self.reused += len(known)
        again = {name: (finding, True) for name, finding in known.items()}
        return again | {name: (finding, False) for name, finding in new.items()}

    def _keep(self, entry: DocumentEntry, new: Mapping[str, Finding]) -> bool:
        """False if the content is gone. On a read-only disk nothing is kept."""
        if not can_keep(self.parts.pipeline):
            return True
        bodies = {self._askers[name]: finding.to_json() for name, finding in new.items()}
        return patiently(
            lambda: self.kept.keep(entry.content_id, bodies),
            lambda: self.on_step(Step("waiting for an ingest that publishes", 0, 0)),
        )

    def _found(self, entry: DocumentEntry) -> dict[str, Finding]:
        bodies = self.kept.find(entry.content_id, self._askers.values())
        return {
            name: Finding.from_json(bodies[asker])
            for name, asker in self._askers.items()
            if asker in bodies
        }

    def _missing(self, known: Mapping[str, Finding]) -> list[str]:
        return [question.id for question in self.request.questions if question.id not in known]

    def _judge_all(self, document: SweptDocument, names: Sequence[str]) -> dict[str, Finding]:
        return {name: self._judge(document, self._askings[name]) for name in names}

    def _judge(self, document: SweptDocument, asking: Asking) -> Finding:
        looked = asking.look(document)
        judged = judge(looked)
        if judged.sentence is not None:
            judged = heeding_denials(
                judged, asking.question.question, document.texts[judged.sentence]
            )
        confidence = judged.confidence
        if judged.verdict == "unclear" and self.asks_model and document.texts:
            judged, confidence = ask_model(self._model, asking, document, looked, judged)
        return Finding.of(judged, confidence, document, asking.question)

    @cached_property
    def _model(self) -> Judge:
        return Judge(self.parts.open_generator(), self.parts.model_reads())

    # Showing

    def _show(self, entry: DocumentEntry, found: Mapping[str, tuple[Finding, bool]]) -> None:
        with self.catalog.snapshot():
            reader = SearchReader(self.catalog)
            if not found or not _is_published(reader, entry):
                self._not_read(Unreadable(entry.path, VANISHED, "changed"))
                return
            self.shown.add(entry.sha256)
            unread = unread_of(reader, entry, self._in_part.get(entry.path, ""))
            for question in self.request.questions:
                finding, reused = found[question.id]
                row = finding.as_row(reader, entry, question, reused=reused, unread=unread)
                self._row(row)

    def _require_all_still_there(self) -> None:
        """Raises Busy if a document whose words stand in the rows was erased or changed meanwhile."""
        with self.catalog.snapshot():
            there = {entry.sha256 for entry in SearchReader(self.catalog).documents()}
        if gone := len(self.shown - there):
            raise Busy(
                f"{gone} of the documents were changed or removed while they were swept; nothing was "
                "written.",
                hint="The same command again: what was judged is kept.",
            )

    def _not_read(self, item: Unreadable) -> None:
        for question in self.request.questions:
            self._row(unreadable_row(item, question))

    def _row(self, row: SweepRow) -> None:
        self.counts[row.id][row.verdict] += 1
        self.on_row(row)

    def _count(self, question: SweepQuestion) -> SweepCount:
        counts = self.counts[question.id]
        return SweepCount(
            question.id,
            question.question,
            yes=counts["yes"],
            no=counts["no"],
            unclear=counts["unclear"],
            unreadable=counts["unreadable"],
        )

    def _tell(self, done: int, total: int) -> None:
        seconds = time.monotonic() - self.started
        rate = f"{self.judged / seconds:.0f} rows a second" if self.judged and seconds else ""
        again = f"{self.reused} as they were judged" if self.reused else ""
        self.on_step(Step("sweeping", done, total, ", ".join(filter(None, (rate, again)))))


def _is_published(reader: SearchReader, entry: DocumentEntry) -> bool:
    """Whether the document still is what it was when the sweep began."""
    now = reader.documents_by_id([entry.id]).get(entry.id)
    return now is not None and now.content_id == entry.content_id
