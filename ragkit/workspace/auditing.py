"""What was done and said: the ledger as it was written, saved answers against the files of today."""

from __future__ import annotations

from collections.abc import Callable

from ragkit.types import Step
from ragkit.types.ledger import LedgerVerdict, LedgerView
from ragkit.types.rechecks import Recheck, SavedAnswer
from ragkit.workspace.base import Opened, legible


class Auditing(Opened):
    """What is read of the ledger; what is noted in it is noted by the work itself. Saved answers."""

    def ledger(
        self,
        pipeline: str,
        *,
        since: str = "",
        user: str = "",
        document: str = "",
        question: str = "",
        newest: int = 0,
    ) -> LedgerView:
        """The ledger's entries, oldest first. Looking at it is not noted: no document is shown.

        since: a date or time (ISO 8601, UTC where no zone is given). document: a present path, or
        the first 8 digits of a SHA-256 or more. question: asked in these words. newest: at most so
        many, 0 for all. Raises UnknownPipeline, UsageFault, StorageFault.
        """
        from ragkit.flows.auditing import LedgerQuery, view

        asked = legible(question)
        return view(self._pipeline(pipeline), LedgerQuery(since, user, document, asked, newest))

    def verify_ledger(self, pipeline: str, *, head: str = "") -> LedgerVerdict:
        """Whether the ledger is as it was written; head: a hash noted earlier that must be in it."""
        from ragkit.flows.auditing import verify

        return verify(self._pipeline(pipeline), head)

    def begin_ledger(self, pipeline: str) -> LedgerVerdict:
        """A new ledger where the old one is gone or was moved away; its first entry says so.

        Raises UnknownPipeline, UsageFault if none was lost or its files are still there, Busy,
        StorageFault.
        """
        from ragkit.flows.auditing import verify

        chosen = self._pipeline(pipeline)
        self._noting(chosen).begin_anew()
        return verify(chosen, "")

    def verify_answers(
        self,
        answers: tuple[SavedAnswer, ...],
        *,
        pipeline: str = "",
        on_step: Callable[[Step], None] | None = None,
    ) -> Recheck:
        """Whether every quote of saved answers still stands in its file, and every statement in its
        quotes. Needs neither an index nor a model: the cited files are read again.

        pipeline: where the documents lie, if that is not the pipeline that an answer names; needed
        for an answer that names none, unless there is only one. Whatever does not stand is in the
        result. Raises UnknownPipeline, UsageFault for an answer of which the pipeline is not known,
        for a folder or a file of passwords that is not there; StorageFault, CheckFailed and Busy if
        it cannot be noted in the ledger.
        """
        from ragkit.flows.rechecking import by_pipeline, joined

        asked = by_pipeline(answers, pipeline, self.pipelines)
        rechecks = [self._rechecked(name, each, on_step) for name, each in asked.items()]
        return joined(rechecks, answers)

    def _rechecked(
        self,
        pipeline: str,
        answers: tuple[SavedAnswer, ...],
        on_step: Callable[[Step], None] | None,
    ) -> Recheck:
        """Where the store is gone its ledger is too, and none is begun for this."""
        from ragkit.flows.rechecking import RecheckParts, recheck
        from ragkit.workspace.indexing import passwords_of

        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen) if chosen.store.is_dir() else None
        if noting is not None:
            noting.require_possible_and_own()
        parts = RecheckParts(chosen, self._builder.parsers(chosen), passwords_of(chosen))
        found = recheck(parts, answers, on_step)
        if noting is not None:
            noting.recheck(found)
        return found.recheck
