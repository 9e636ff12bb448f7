"""Marking: what is found for gold questions, measured against where their answers stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.config import Pipeline
from ragkit.errors import Busy, ConfigFault, UsageFault
from ragkit.evaluation.alignment import holds_whole
from ragkit.evaluation.bootstrap import FEW_CLUSTERS, few_documents
from ragkit.evaluation.measures import Found, Target, covered_share, measure
from ragkit.evaluation.summing import (
    EVIDENCE,
    GROUPINGS,
    WHOLE_QUOTE,
    clusters_of,
    figures_of,
    groups_of,
)
from ragkit.files import digest_of
from ragkit.flows.gold_places import GoldPlaces, stretches
from ragkit.flows.measuring_answers import Shown, measured
from ragkit.flows.truthful import Truth
from ragkit.gold import GoldQuestion
from ragkit.types import Passage
from ragkit.types.evaluation import Evaluation, FoundPlace, QuestionResult

AN_ANSWERS_PASSAGES = 8
SHOWN = 3
"""Passages that a report names of each question."""
MOST_NAMED = 10
"""Questions that a note names."""


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """file: of the gold questions. limit: ask a sample of so many, drawn by `seed`; 0 asks all.

    mini: only those marked so. by: what figures are grouped by, "category" or "document".
    show_text: words of the documents are part of the results. evidence_tokens: how much of the
    passages an answer reads; 0 for as much as the settings say. style: of the answers that are
    measured, "quote" or "compose".
    """

    file: Path
    limit: int = 0
    mini: bool = False
    seed: int = 0
    by: str = "category"
    show_text: bool = False
    evidence_tokens: int = 0
    style: str = "quote"

    def __post_init__(self) -> None:
        """Raises UsageFault."""
        if self.by not in GROUPINGS:
            raise UsageFault(f"Figures are grouped by {' or '.join(GROUPINGS)}, not {self.by!r}.")
        if min(self.limit, self.seed, self.evidence_tokens) < 0:
            raise UsageFault("Numbers of questions and tokens and the seed must not be negative.")

    def budget(self, pipeline: Pipeline) -> int:
        """Tokens of evidence."""
        return self.evidence_tokens or pipeline.settings.answers.evidence_tokens


class Marking:
    """Measures what is found for questions, against their gold in one published state."""

    def __init__(
        self, reader: Reader, questions: Sequence[GoldQuestion], request: EvaluationRequest
    ) -> None:
        """Raises ConfigFault, UsageFault."""
        self._reader = reader
        self._generation = reader.generation()
        self._request = request
        self._places = GoldPlaces(reader)
        self._targets = {each.id: self._places.targets(each) for each in questions}
        self._places.require_sound(str(request.file))
        self._require_documents(questions)

    def require_same(self, reader: Reader) -> None:
        """Raises Busy if this is another state than that in which the gold was looked up."""
        if reader.generation() != self._generation:
            raise Busy(
                "The index was published anew while the questions were asked; nothing was written.",
                hint="Run the command again.",
            )

    def _require_documents(self, questions: Sequence[GoldQuestion]) -> None:
        """Raises UsageFault if no question names a document that is there: the file is another's."""
        known = self._places.documents.content
        named = [target for each in questions for target in self._targets[each.id]]
        if named and not any(target.document in known for target in named):
            raise UsageFault(
                f"None of the documents that {self._request.file} names is in the index, such as "
                f"{named[0].document!r}.",
                hint="Documents are named as `ragkit search` shows them.",
            )

    def mark(
        self,
        question: GoldQuestion,
        passages: Sequence[Passage],
        evidence: Sequence[Found],
        *,
        refused: bool | None,
        answer: Mapping[str, float] | None = None,
    ) -> QuestionResult:
        """passages: best first. evidence: what an answer is made from. refused: whether `ask` says
        that there is no answer. answer: measures of what it shows."""
        targets = self._targets[question.id] if question.answerable else ()
        document = targets[0].document if targets else question.document
        return QuestionResult(
            id=question.id,
            question=question.question,
            category=question.category,
            document=document,
            answerable=question.answerable,
            refused=refused,
            measures={
                **self._measures(question, targets, passages, evidence),
                **(answer or {}),
            },
            found=self._shown(targets, passages),
            gold=tuple(self._places.quotes(question)) if self._request.show_text else (),
        )

    def of_answer(self, question: GoldQuestion, shown: Shown, truth: Truth) -> dict[str, float]:
        """Measures of what `ask` shows."""
        targets = self._targets[question.id] if question.answerable else ()
        return measured(question, targets, shown, truth)

    def _measures(
        self,
        question: GoldQuestion,
        targets: Sequence[Target],
        passages: Sequence[Passage],
        evidence: Sequence[Found],
    ) -> dict[str, float]:
        """None for a question without an answer: nothing that is found can be right."""
        if not question.answerable:
            return {}
        found = [Found(p.document, p.start, p.end, p.text) for p in passages]
        figures = measure(found, targets)
        if (share := covered_share(evidence, targets)) is not None:
            figures[EVIDENCE] = share
        if quotes := self._places.quotes(question):
            named = {target.document for target in targets}
            right = [p for p in passages[:AN_ANSWERS_PASSAGES] if p.document in named]
            texts = stretches(self._reader, right)
            figures[WHOLE_QUOTE] = float(any(holds_whole(text, quotes) for text in texts))
        return figures

    def _shown(
        self, targets: Sequence[Target], passages: Sequence[Passage]
    ) -> tuple[FoundPlace, ...]:
        named = {target.document for target in targets}
        return tuple(
            FoundPlace(
                p.document,
                p.page,
                p.start,
                p.end,
                p.document in named,
                p.text if self._request.show_text else "",
            )
            for p in passages[:SHOWN]
        )

    def sum_up(
        self,
        results: Sequence[QuestionResult],
        pipeline: Pipeline,
        *,
        started: str,
        seconds: float,
        left_out: int,
        stack: str = "ragkit",
    ) -> Evaluation:
        """Figures with their intervals, over all questions and by group."""
        request = self._request
        return Evaluation(
            pipeline=pipeline.name,
            stack=stack,
            embedder=Path(pipeline.settings.embedder.model).name,
            generation=self._generation,
            started=started,
            seconds=seconds,
            questions_sha256=_digest(request.file),
            left_out=left_out,
            seed=request.seed,
            by=request.by,
            evidence_tokens=request.budget(pipeline),
            figures=figures_of(results, request.seed),
            groups=groups_of(results, request.by, request.seed),
            results=tuple(results),
            missing=tuple(sorted(self._places.missing.items())),
            notes=tuple(self._notes(results)),
        )

    def _notes(self, results: Sequence[QuestionResult]) -> list[str]:
        notes = []
        if unheard := self._places.unheard:
            named = ", ".join(f"{q.id} (line {q.line})" for q in unheard[:MOST_NAMED])
            more = f" and {len(unheard) - MOST_NAMED} more" if len(unheard) > MOST_NAMED else ""
            notes.append(
                f"Words that do not stand in their document as they are given cannot be found whole: "
                f"{named}{more}."
            )
        answerable = [result for result in results if result.answerable]
        if (documents := len(set(clusters_of(answerable)))) < FEW_CLUSTERS:
            notes.append(few_documents(documents))
        return notes


def _digest(file: Path) -> str:
    try:
        return digest_of(file)
    except OSError as error:
        raise ConfigFault(f"{file} cannot be read: {error.strerror}.") from None
