"""Noting in a pipeline's ledger what is shown of it, before it is shown.

With `ledger: on` what cannot be noted is not done: the disk's fault is raised and the caller shows
nothing. With `ledger: off` nothing is noted and no file is made.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from ragkit.catalog import Catalog, Reader
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing, Interrupted, NotReady, RagkitError
from ragkit.flows.owning import require_owner
from ragkit.flows.stating import generation_of, published
from ragkit.isolation import current
from ragkit.ledger import Ledger
from ragkit.types import (
    Answer,
    AnswerSentence,
    IngestReport,
    NightlyReport,
    SearchResult,
    Summary,
)
from ragkit.types.erasure import Certificate
from ragkit.types.ledger import LedgerEntry

BEGUN = "begun"
"""Outcome of an entry for an answer whose sentences are shown while the rest is still written."""


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
        if self.is_on:
            Ledger(self.pipeline.store).prepare()

    def require_possible_and_own(self) -> None:
        """The same where nothing may be indexed yet. Raises UsageFault before a stranger's ledger."""
        try:
            with published(self.pipeline):
                pass
        except NotReady:
            pass  # nothing yet, or another version: the work itself will say
        self.require_possible()

    @contextmanager
    def if_it_fails(self, command: str) -> Iterator[None]:
        """Work that may have published something is noted also when it ends with a fault."""
        try:
            yield
        except (Exception, KeyboardInterrupt) as error:
            is_stopped = isinstance(error, (Interrupted, KeyboardInterrupt))
            outcome = "interrupted" if is_stopped else "failed"
            with suppress(RagkitError):  # the fault itself is told
                self.note(command, outcome, generation=generation_of(self.pipeline))
            raise

    def ingest(self, report: IngestReport) -> None:
        self.note(
            "ingest",
            "done",
            generation=report.generation,
            documents=digests_of(self.pipeline, named_in_ingest(report)),
        )

    def nightly(self, report: NightlyReport) -> None:
        """A night that failed and names nothing shows nothing either."""
        named = named_in_night(report)
        if named or report.error is None:
            self._report("nightly", report)

    def report(self, report: NightlyReport, *, exported: str) -> None:
        """A report that is looked at again."""
        self._report("report", report, exported)

    def _report(self, command: str, report: NightlyReport, exported: str = "") -> None:
        self.note(
            command,
            report.outcome,
            generation=report.generation,
            documents=digests_of(self.pipeline, named_in_night(report)),
            exported=exported,
        )

    def search(
        self, result: SearchResult, *, asked: str, with_pipelines: Collection[str], exported: str
    ) -> None:
        self.note(
            "search",
            "found" if result.passages else "not_found",
            generation=result.generation,
            documents=(passage.sha256 for passage in result.passages),
            question=asked,
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
        shown = [cited.sha256 for cited in answer.citations]
        shown += [passage.sha256 for passage in answer.nearest]
        self.note(
            "ask",
            answer.outcome,
            generation=answer.generation,
            documents=shown,
            model=model,
            question=asked,
            with_pipelines=with_pipelines,
            exported=exported,
        )

    def before_the_first(
        self,
        on_sentence: Callable[[AnswerSentence], None],
        *,
        asked: str,
        with_pipelines: Collection[str],
    ) -> Callable[[AnswerSentence], None]:
        """`on_sentence`, with the question noted before the first sentence is handed on.

        Of an answer that is never finished, that entry is what is left.
        """
        is_noted = False

        def handed_on(sentence: AnswerSentence) -> None:
            nonlocal is_noted
            if not is_noted:
                self.note("ask", BEGUN, generation=0, question=asked, with_pipelines=with_pipelines)
                is_noted = True
            on_sentence(sentence)

        return handed_on

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

    def purge(self, certificate: Certificate) -> None:
        self.note(
            "purge",
            "done" if certificate.is_clean else "not clean",
            generation=certificate.generation_after,
            documents=[each.sha256 for each in certificate.documents if each.sha256],
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
        with_pipelines: Collection[str] = (),
        exported: str = "",
    ) -> None:
        """One entry, on the disk when this returns. question: in words; its keyed hash is kept.

        Raises StorageFault, CheckFailed, Busy: then nothing may be shown.
        """
        if not self.is_on:
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
                with_pipelines=tuple(with_pipelines),
                exported=exported,
            )
        )


def user_name() -> str:
    """Of the operating system's user; the number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def digests_of(pipeline: Pipeline, paths: Iterable[str]) -> set[str]:
    """SHA-256 of the documents of these paths, as far as the catalog knows them."""
    wanted = set(paths)
    if not wanted:
        return set()
    return {digest for digest, known in paths_by_digest(pipeline).items() if wanted & set(known)}


def paths_by_digest(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Present paths by SHA-256, of what is published and of what could not be read.

    Raises UsageFault if the store is another pipeline's.
    """
    found: dict[str, tuple[str, ...]] = {}
    try:
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            reader = Reader(catalog)
            require_owner(pipeline, reader)
            known = [(entry.sha256, entry.path) for entry in reader.documents()]
            known += [(entry.sha256, entry.path) for entry in reader.quarantine()]
    except IndexMissing:
        return {}
    for digest, path in known:
        found[digest] = (*found.get(digest, ()), path)
    return found


def named_in_ingest(report: IngestReport) -> set[str]:
    """Paths of the documents that the report of an ingest names."""
    return _documents(report) | {item.document for item in report.unreadable}


def named_in_night(report: NightlyReport) -> set[str]:
    """The same of a nightly report."""
    changes = report.changes
    came = {*changes.added, *changes.changed, *(new for _, new in changes.renamed)}
    return _documents(report) | {failure.document for failure in report.failures} | came


def _documents(report: IngestReport | NightlyReport) -> set[str]:
    doubtful = {page.document for page in report.doubtful}
    return doubtful | {item.document for item in report.hidden} | set(report.held)
