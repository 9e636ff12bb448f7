"""The ledger: who asked what of a pipeline, and whether that is as it was written."""

from __future__ import annotations

from ragkit.types.ledger import LedgerVerdict, LedgerView
from ragkit.workspace.base import Opened, legible


class Auditing(Opened):
    """What is read of the ledger; what is noted in it is noted by the work itself."""

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
