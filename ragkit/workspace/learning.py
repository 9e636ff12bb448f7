"""How well it finds, and what it learns from its user."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from ragkit.types import Step
from ragkit.types.calibration import CalibrationReport
from ragkit.types.evaluation import Comparison, Evaluation
from ragkit.types.tuning import MarkedQuestion, TuningReport
from ragkit.workspace.base import Opened, as_asked


class Learning(Opened):
    """Gold questions, marks, and the adapter that is learned from them."""

    def evaluate(
        self,
        pipeline: str,
        questions: Path | None = None,
        *,
        limit: int = 0,
        mini: bool = False,
        seed: int = 0,
        by: str = "category",
        show_text: bool = False,
        evidence_tokens: int = 0,
        style: str = "quote",
        on_step: Callable[[Step], None] | None = None,
        with_pipelines: tuple[str, ...] = (),
        exported: str = "",
    ) -> Evaluation:
        """How well the pipeline finds what its owner's gold questions ask for.

        questions: their file; None for the questions.yaml beside its folder, else its gate's file.
        limit: ask a sample of so many, drawn by `seed`; 0 asks all. mini: only those marked so. by:
        what figures are grouped by, "category" or "document". show_text: let words of the documents
        be part of it. evidence_tokens: how much an answer is made from; 0 for what the settings say.
        style: of the answers that are measured: "compose" has the model write each.
        with_pipelines, exported: as for `search`.
        Raises UnknownPipeline, IndexMissing, ModelMissing, ConfigFault with every fault of the file,
        UsageFault, Interrupted, StorageFault and CheckFailed if it cannot be noted in the ledger.
        """
        from ragkit.flows.evaluating import evaluate, gold_file
        from ragkit.flows.marking import EvaluationRequest

        chosen = self._pipeline(pipeline)
        request = EvaluationRequest(
            gold_file(chosen, questions), limit, mini, seed, by, show_text, evidence_tokens, style
        )
        noting = self._noting_questions(chosen)
        with noting.if_it_fails("eval", with_pipelines=with_pipelines):
            tokens = self._builder.token_counter(chosen)
            compose = None
            if style == "compose":
                compose = partial(self._answerer(chosen).answer_from, style="compose")
            evaluation = evaluate(
                self._searcher(chosen),
                chosen,
                tokens,
                request,
                on_step,
                compose,
            )
        noting.evaluation(evaluation, with_pipelines=with_pipelines, exported=exported)
        return evaluation

    def calibrate(
        self,
        pipeline: str,
        questions: Path | None = None,
        *,
        on_step: Callable[[Step], None] | None = None,
    ) -> CalibrationReport:
        """Fit what decides whether a question is answered to gold questions, and use it if it helps on
        other documents.

        questions: as for `evaluate`. Raises as `tune`, and UsageFault where there are no questions.
        """
        from ragkit.flows.calibrating import calibrate
        from ragkit.flows.evaluating import gold_file
        from ragkit.gold import read_gold

        chosen = self._pipeline(pipeline)
        gold = read_gold(gold_file(chosen, questions))
        noting = self._noting_questions(chosen)
        with noting.if_it_fails("eval"):
            return calibrate(
                chosen,
                self._searcher(chosen),
                gold,
                on_step or (lambda step: None),
                noting.calibration,
            )

    def undo_calibration(self, pipeline: str) -> CalibrationReport:
        """Go back to the thresholds that ragkit comes with. Raises as `undo_tuning`."""
        from ragkit.flows.calibrating import undo

        chosen = self._pipeline(pipeline)
        return undo(chosen, self._noting_questions(chosen).calibration)

    def compare(self, now: Evaluation, before: Evaluation) -> Comparison:
        """What is better and worse now, question by question.

        Raises UsageFault if the two have no question in common.
        """
        from ragkit.evaluation.comparing import compare

        return compare(now, before)

    def mark(
        self,
        pipeline: str,
        question: str,
        *,
        right: Iterable[str] = (),
        wrong: Iterable[str] = (),
    ) -> MarkedQuestion:
        """Mark passages as right or wrong for a question, for `tune` to learn from.

        right, wrong: the number of a passage as `search` shows it now, or DOCUMENT:START-END. What is
        marked again has the later verdict. Returns the question with all its marks.
        Raises UnknownPipeline also for a document that is not there, IndexMissing, ModelMissing,
        UsageFault for a mark that means nothing, Busy, StorageFault and CheckFailed if it cannot be
        noted in the ledger.
        """
        from ragkit.flows import feedback

        chosen, asked = self._pipeline(pipeline), as_asked(question)
        marks = feedback.Marks(tuple(right), tuple(wrong))
        noting = self._noting_questions(chosen)
        found = None
        if marks.highest_rank:
            found = self._searcher(chosen).search(asked, marks.highest_rank)

        def note(marked: feedback.Marked) -> None:
            noting.note(
                "feedback",
                "marked",
                generation=marked.generation,
                documents=marked.sha256,
                question=asked,
            )

        return feedback.mark(chosen, asked, marks, found, note).question

    def marked(self, pipeline: str) -> tuple[MarkedQuestion, ...]:
        """All marked questions. Raises UnknownPipeline, IndexMissing, and as `mark` for the ledger."""
        from ragkit.flows import feedback

        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        questions, generation = feedback.marked(chosen)
        noting.note("feedback", "listed", generation=generation)
        return questions

    def unmark(self, pipeline: str, number: int) -> None:
        """Forget a marked question by its number, with its marks; what was learned of it stays.

        Raises UnknownPipeline, UsageFault if there is none, Busy, and as `mark` for the ledger.
        """
        from ragkit.flows import feedback

        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        feedback.unmark(
            chosen,
            number,
            lambda generation: noting.note("feedback", "removed", generation=generation),
        )

    def tune(
        self,
        pipeline: str,
        questions: Path | None = None,
        *,
        on_step: Callable[[Step], None] | None = None,
    ) -> TuningReport:
        """Learn from what is marked and from gold questions, and use it if it helps on other documents.

        questions: a file of gold questions as `evaluate` takes; None for the marks alone. The index is
        not touched. Raises UnknownPipeline, IndexMissing, ModelMissing, ConfigFault with every fault
        of the file, Busy, Interrupted, and as `mark` for the ledger.
        """
        from ragkit.flows.tuning import tune
        from ragkit.gold import read_gold

        chosen = self._pipeline(pipeline)
        gold = read_gold(questions) if questions is not None else ()
        noting = self._noting_questions(chosen)
        with noting.if_it_fails("tune"):
            return tune(
                chosen, self._searcher(chosen), gold, on_step or (lambda step: None), noting.tuning
            )

    def undo_tuning(self, pipeline: str) -> TuningReport:
        """Go back to what was learned before, or to nothing. Raises as `tune`, without questions."""
        from ragkit.flows.tuning import undo

        chosen = self._pipeline(pipeline)
        return undo(chosen, self._noting_questions(chosen).undoing)
