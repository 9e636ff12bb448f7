"""Noting in a pipeline's ledger what is shown of it, before it is shown.

With `ledger: on` what cannot be noted is not done: the disk's fault is raised and the caller shows
nothing. With `ledger: off` nothing is noted and no file is made; but in a ledger that there is, the
first command after switching it off notes that, where it can, and the first after switching it on again.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ragkit.config import Pipeline
from ragkit.errors import Interrupted, NotReady, RagkitError, UsageFault
from ragkit.flows.answering import Evidences
from ragkit.flows.remembering import Memory, remember, remembered, require_whole
from ragkit.flows.shown import digests_of, named_in_ingest, named_in_night
from ragkit.flows.stating import generation_of
from ragkit.isolation import current
from ragkit.ledger import FILE_NAMES, Ledger
from ragkit.types import (
    Answer,
    IngestReport,
    NightlyReport,
    SearchResult,
    Summary,
)
from ragkit.types.calibration import CalibrationReport
from ragkit.types.erasure import Certificate
from ragkit.types.evaluation import Evaluation
from ragkit.types.ledger import LedgerEntry
from ragkit.types.scope import Scope
from ragkit.types.sweeps import Sweep
from ragkit.types.tuning import TuningReport

if TYPE_CHECKING:  # a question need not wait for what reads documents
    from ragkit.flows.rechecking import Rechecked

BEGUN = "begun"
"""Outcome of an entry for an answer whose sentences are shown while the rest is still written."""
LEDGER, OFF, ON_AGAIN = "ledger", "switched off", "switched on again"
"""Command and outcomes of entries that tell of the ledger itself."""


@dataclass(frozen=True, slots=True)
class Noting:
    """Notes for one pipeline. accepted_weak: the user goes on below level B, and that is noted."""

    pipeline: Pipeline
    accepted_weak: bool = False

    @property
    def is_on(self) -> bool:
        return self.pipeline.settings.ledger == "on"

    def require_possible(self) -> None:
        """Before long work. Raises StorageFault, CheckFailed, Busy where nothing could be noted."""
        ledger = Ledger(self.pipeline.store)
        if not self.is_on:
            self._note_off(ledger)
            return
        memory = remembered(self.pipeline)
        if not ledger.exists():
            require_whole(self.pipeline, memory)  # before a new one is made
        ledger.prepare()
        require_whole(self.pipeline, memory)
        if _was_off(ledger, memory):
            self.note(LEDGER, ON_AGAIN, generation=generation_of(self.pipeline))

    def _note_off(self, ledger: Ledger) -> None:
        """The last thing that is noted; where it cannot be, as on a full disk, the next ingest tells."""
        with suppress(RagkitError):
            if ledger.exists() and not _says(ledger.last(), OFF):
                self.note(LEDGER, OFF, generation=generation_of(self.pipeline), although_off=True)

    def remember(self) -> None:
        """After an ingest or a purge, in the catalog: how the ledger stands.

        Where somebody else writes, or the disk is full, what is remembered is older, and still true.
        """
        with suppress(RagkitError):
            remember(self.pipeline)

    def begin_anew(self) -> None:
        """A new ledger where the old one is gone, which its first entry says.

        Raises UsageFault if one is there or none was lost; StorageFault, Busy.
        """
        ledger, memory = Ledger(self.pipeline.store), remembered(self.pipeline)
        if not self.is_on or not memory.head.n:
            raise UsageFault(
                f"{self.pipeline.name} has lost no ledger: with `ledger: on` the next command begins one."
            )
        there = [name for name in FILE_NAMES[:3] if (self.pipeline.store / name).exists()]
        if there:
            raise UsageFault(
                f"{', '.join(there)} is still in {self.pipeline.store}: nothing was begun.",
                hint="Move ledger.jsonl, ledger.head and ledger.key out of it, and keep them.",
            )
        ledger.prepare()
        outcome = f"begun anew after entry {memory.head.n} ({memory.head.hash})"
        self.note(LEDGER, outcome, generation=generation_of(self.pipeline))
        remember(self.pipeline, anew=True)

    def require_possible_and_own(self) -> None:
        """The same where nothing may be indexed yet. Raises UsageFault before a stranger's ledger."""
        with suppress(NotReady):  # nothing yet, or another version: the work itself will say
            generation_of(self.pipeline)
        self.require_possible()

    @contextmanager
    def if_it_fails(
        self, command: str, *, question: str = "", with_pipelines: Collection[str] = ()
    ) -> Iterator[None]:
        """Work that may have published or shown something is noted also when it ends with a fault."""
        try:
            yield
        except (Exception, KeyboardInterrupt) as error:
            is_stopped = isinstance(error, (Interrupted, KeyboardInterrupt))
            outcome = "interrupted" if is_stopped else "failed"
            with suppress(RagkitError):  # the fault itself is told
                self.note(
                    command,
                    outcome,
                    generation=generation_of(self.pipeline),
                    question=question,
                    with_pipelines=with_pipelines,
                )
            raise

    def ingest(self, report: IngestReport) -> None:
        self.note(
            "ingest",
            "done",
            generation=report.generation,
            documents=digests_of(self.pipeline, named_in_ingest(report)),
        )

    def nightly(self, report: NightlyReport, gone: Mapping[str, Collection[str]]) -> None:
        """A night that failed and names nothing shows nothing either.

        gone: by path the digests of what lay there before, which the catalog forgets with the report.
        """
        named = named_in_night(report)
        went = {*report.changes.removed, *report.changes.changed}
        went |= {old for old, _ in report.changes.renamed}
        if named or went or report.error is None:
            digests = {digest for path in went for digest in gone.get(path, ())}
            self._report("nightly", report, digests)

    def report(self, report: NightlyReport, *, exported: str) -> None:
        """A report that is looked at again: it shows what the night that made it has shown."""
        entries = Ledger(self.pipeline.store).read() if self.is_on else iter(())
        told = (
            entry.documents
            for entry in entries
            if (entry.command, entry.generation) == ("nightly", report.generation)
        )
        self._report("report", report, {digest for digests in told for digest in digests}, exported)

    def _report(
        self, command: str, report: NightlyReport, gone: Collection[str], exported: str = ""
    ) -> None:
        """gone: digests of documents that it names and that are not there any more."""
        self.note(
            command,
            report.outcome,
            generation=report.generation,
            documents={*digests_of(self.pipeline, named_in_night(report)), *gone},
            exported=exported,
        )

    def search(
        self, result: SearchResult, *, asked: str, with_pipelines: Collection[str], exported: str
    ) -> None:
        shown = [passage.sha256 for passage in result.passages]
        if result.explanation is not None:
            shown += [each.sha256 for each in result.explanation.asked.preferred]
        self.note(
            "search",
            "found" if result.passages else "not_found",
            generation=result.generation,
            documents=shown,
            question=asked,
            scope=result.scope.scope if result.scope else None,
            with_pipelines=with_pipelines,
            exported=exported,
        )

    def answer(
        self,
        answer: Answer,
        *,
        asked: str,
        model: str,
        with_pipelines: Collection[str],
        exported: str,
    ) -> None:
        """model: digest of the one that wrote it, "" for none."""
        shown = [*answer.named, *(cited.sha256 for cited in answer.citations)]
        shown += [passage.sha256 for passage in answer.nearest]
        self.note(
            "ask",
            answer.outcome,
            generation=answer.generation,
            documents=shown,
            model=model,
            question=asked,
            scope=answer.coverage.scope.scope if answer.coverage.scope else None,
            with_pipelines=with_pipelines,
            exported=exported,
        )

    def begun(
        self,
        evidence: Evidences,
        *,
        asked: str,
        with_pipelines: Collection[str],
        scope: Scope | None = None,
    ) -> None:
        """Before the first sentence of an answer is written, of which each is shown at once.

        Of an answer that is never finished, this entry tells which documents it may have shown.
        """
        self.note(
            "ask",
            BEGUN,
            generation=evidence.generation,
            documents=evidence.digests,
            question=asked,
            scope=scope,
            with_pipelines=with_pipelines,
        )

    def summary(self, summary: Summary, *, focus: str, model: str, exported: str) -> None:
        """model: digest of the one that wrote it, "" for none."""
        self.note(
            "summarize",
            "found" if summary.documents else "not_found",
            generation=summary.generation,
            documents=[document.sha256 for document in summary.documents],
            model=model,
            question=focus,
            exported=exported,
        )

    def sweep(
        self, swept: Sweep, *, question: str, scope: Scope | None, model: str, exported: str
    ) -> None:
        """One entry for all its rows. question: all of its questions; model: as for `summary`."""
        self.note(
            "sweep",
            "done",
            generation=swept.generation,
            documents=swept.shown,
            model=model,
            question=question,
            scope=scope,
            exported=exported,
        )

    def saved(self, documents: Collection[str], *, exported: str) -> None:
        """Answers of a conversation that were shown before, written to a file now."""
        self.note(
            "chat",
            "saved",
            generation=generation_of(self.pipeline),
            documents=documents,
            exported=exported,
        )

    def evaluation(
        self, evaluation: Evaluation, *, with_pipelines: Collection[str], exported: str
    ) -> None:
        """One entry for all its questions, with the documents that its report names."""
        named = {place.document for result in evaluation.results for place in result.found}
        named |= {result.document for result in evaluation.results}
        self.note(
            "eval",
            "done",
            generation=evaluation.generation,
            documents=digests_of(self.pipeline, named),
            with_pipelines=with_pipelines,
            exported=exported,
        )

    def calibration(self, report: CalibrationReport) -> None:
        outcome = "calibrated" if report.adopted else "calibration not adopted"
        undone = "calibration undone" if report.undone else "nothing to undo"
        is_undo = not report.answered
        self.note("eval", undone if is_undo else outcome, generation=report.generation)

    def tuning(self, report: TuningReport) -> None:
        """model: of what is in use from now on, the adapter."""
        outcome = "adopted" if report.adopted else "not adopted"
        self.note("tune", outcome, generation=report.generation, model=report.adapter)

    def undoing(self, report: TuningReport) -> None:
        outcome = "undone" if report.undone else "nothing to undo"
        self.note("tune", outcome, generation=report.generation, model=report.adapter)

    def recheck(self, found: Rechecked) -> None:
        """Of saved answers: all documents that were read again, in the bytes they have now."""
        outcome = "unreadable" if found.recheck.unreadable else "stands"
        generation = 0
        with suppress(NotReady):  # nothing of the index is asked, so it may be gone or damaged
            generation = generation_of(self.pipeline)
        self.note(
            "verify",
            "does not stand" if found.recheck.fails else outcome,
            generation=generation,
            documents=found.digests,
        )

    def purge(self, certificate: Certificate) -> None:
        self.note(
            "purge",
            "done" if certificate.is_clean else certificate.outcome,
            generation=certificate.generation_after,
            documents=[
                digest
                for each in certificate.documents
                for digest in (each.sha256, *each.earlier)
                if digest
            ],
        )

    def note(
        self,
        command: str,
        outcome: str,
        *,
        generation: int,
        documents: Iterable[str] = (),
        model: str = "",
        question: str = "",
        scope: Scope | None = None,
        with_pipelines: Collection[str] = (),
        exported: str = "",
        although_off: bool = False,
    ) -> None:
        """One entry, on the disk when this returns. question: in words; its keyed hash is kept, and so
        is that of the filters, which may name people as well.

        although_off: also where the settings say that nothing is noted.
        Raises StorageFault, CheckFailed, Busy: then nothing may be shown.
        """
        if not (self.is_on or although_off):
            return
        ledger = Ledger(self.pipeline.store)
        ledger.append(
            LedgerEntry(
                at=datetime.now(UTC).isoformat("T", "seconds"),
                user=user_name(),
                command=command,
                pipeline=self.pipeline.name,
                generation=generation,
                outcome=outcome,
                isolation=current().level,
                accepted_weak=self.accepted_weak,
                documents=tuple(sorted(set(documents) - {""})),
                model=model,
                question=ledger.question(question) if question else "",
                scope=ledger.question("\n".join(scope.in_words())) if scope else "",
                with_pipelines=tuple(with_pipelines),
                exported=exported,
            )
        )


def _says(entry: LedgerEntry | None, outcome: str) -> bool:
    return entry is not None and (entry.command, entry.outcome) == (LEDGER, outcome)


def _was_off(ledger: Ledger, memory: Memory) -> bool:
    """Whether nothing was noted since the ledger was switched off."""
    last = ledger.last()
    number = 0 if last is None else last.n
    return _says(last, OFF) or (memory.is_off and number == memory.head.n)


def user_name() -> str:
    """Of the operating system's user; the number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
