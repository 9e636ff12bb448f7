"""Asking every document: sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ragkit.types import Step
from ragkit.types.scope import Scope
from ragkit.types.sweeps import Sweep, SweepPlan, SweepQuestion, SweepRow
from ragkit.workspace.base import Opened


class Sweeping(Opened):
    """One or many questions, asked of every document in scope."""

    def sweep(
        self,
        pipeline: str,
        questions: Iterable[SweepQuestion],
        *,
        scope: Scope | None = None,
        style: str | None = None,
        on_row: Callable[[SweepRow], None] | None = None,
        on_step: Callable[[Step], None] | None = None,
        exported: str = "",
    ) -> Sweep:
        """A row for each document and question, given to `on_row` as it is judged; counts that add up.

        Rows come by path, then in the order of the questions. style: "quote" judges by rule alone,
        "compose" asks the model about rows that rules leave in doubt, None as the settings say. Rows
        that were judged before are used again. What `on_row` is given may be shown only when this has
        returned: then it is noted in the ledger. exported: for the ledger, the absolute path of the
        file they are written to.
        Raises UnknownPipeline, IndexMissing, ModelMissing, NothingInScope, UsageFault for a question
        without words or two of one id, Busy, Interrupted, StorageFault, and CheckFailed if it cannot
        be noted.
        """
        from ragkit.flows.sweeping import SweepRequest, checked_questions, sweep

        chosen = self._pipeline(pipeline)
        wording = self._builder.wording(chosen)
        request = SweepRequest(checked_questions(questions), wording, scope, style)
        noting = self._noting_questions(chosen)
        with noting.if_it_fails("sweep", question=request.in_words):
            swept = sweep(
                self._builder.batch_parts(chosen, on_step),
                request,
                on_row or (lambda row: None),
                on_step or (lambda step: None),
            )
        model = self._generator_digest(chosen) if swept.model else ""
        noting.sweep(swept, question=request.in_words, scope=scope, model=model, exported=exported)
        return swept

    def plan_sweep(
        self,
        pipeline: str,
        questions: Iterable[SweepQuestion],
        *,
        scope: Scope | None = None,
        style: str | None = None,
        on_step: Callable[[Step], None] | None = None,
    ) -> SweepPlan:
        """What `sweep` would judge, and how long it would take. Raises as it does."""
        from ragkit.flows.sweeping import SweepRequest, checked_questions, plan_sweep

        chosen = self._pipeline(pipeline)
        wording = self._builder.wording(chosen)
        request = SweepRequest(checked_questions(questions), wording, scope, style)
        self._noting_questions(chosen)
        return plan_sweep(self._builder.batch_parts(chosen, on_step), request)
