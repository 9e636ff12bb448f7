"""Evaluating: gold questions asked of the published state, each result measured against its gold."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ragkit.config import Pipeline
from ragkit.errors import Interrupted, UsageFault
from ragkit.evaluation.measures import DEPTH, Found
from ragkit.flows.deciding import decide
from ragkit.flows.evidence import Gathered, gather_found
from ragkit.flows.giving import Given, give, of_meant
from ragkit.flows.marking import EvaluationRequest, Marking
from ragkit.flows.measuring_answers import Shown
from ragkit.flows.quoted_answers import quoted_answer
from ragkit.flows.searching import Searching
from ragkit.flows.truthful import Truth
from ragkit.gold import GoldQuestion, read_gold
from ragkit.protocols import TokenCounter
from ragkit.types import Answer, Passage, Step
from ragkit.types.evaluation import Evaluation, QuestionResult

Compose = Callable[[str, Gathered], Answer]
"""Writes an answer to a question from what was gathered for it."""

BESIDE = ("questions.yaml", "questions.yml", "questions.jsonl")
"""Names of a file beside the corpus folder that holds its gold questions."""


def gold_file(pipeline: Pipeline, given: Path | None) -> Path:
    """The file given; else a questions.yaml beside a folder of the pipeline; else that of its gate.

    Raises UsageFault if there is none.
    """
    beside = (folder.parent / name for folder in pipeline.folders for name in BESIDE)
    found = given or next((path for path in beside if path.is_file()), pipeline.gate_file)
    if found is None:
        raise UsageFault(
            f"There are no questions for {pipeline.name}: no questions.yaml beside "
            f"{pipeline.folders[0]}, and no gate in its settings.",
            hint=f"ragkit eval {pipeline.name} --questions FILE",
        )
    return found


def evaluate(
    searching: Searching,
    pipeline: Pipeline,
    tokens: TokenCounter,
    request: EvaluationRequest,
    on_step: Callable[[Step], None] | None = None,
    compose: Compose | None = None,
) -> Evaluation:
    """Ask every question of one and the same published state, and measure what is found.

    tokens: what the budget of evidence is counted by: the embedder's, as where an answer is quoted.
    compose: writes an answer; None measures those of the quote style, which cost next to nothing.
    Raises ConfigFault with all faults of the file, UsageFault if none of its documents is indexed,
    Busy if another state is published meanwhile, Interrupted.
    """
    questions = read_gold(request.file)
    chosen = choose(questions, request)
    with searching.view() as view:
        marking = Marking(view.reader, chosen, request)
        adapter, reranker = view.adapter, view.reranker
    started, clock = datetime.now(UTC), time.perf_counter()
    asking = _Asking(searching, pipeline, tokens, request, marking, compose)

    results = ask_all(chosen, asking.ask, on_step)
    summed = marking.sum_up(
        results,
        pipeline,
        started=started.isoformat("T", "seconds"),
        seconds=time.perf_counter() - clock,
        left_out=len(questions) - len(chosen),
    )
    style = "quote" if compose is None else "compose"
    return replace(summed, adapter=adapter, reranker=reranker, style=style)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one look at the published state gave for a question. passages: best first, as many as are
    measured. meant: the evidence of the documents that it means; given: of that, what fits an answer."""

    passages: tuple[Passage, ...]
    gathered: Gathered
    meant: Gathered
    given: Given


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks one gold question after the other."""

    searching: Searching
    pipeline: Pipeline
    tokens: TokenCounter
    request: EvaluationRequest
    marking: Marking
    compose: Compose | None

    def ask(self, question: GoldQuestion) -> QuestionResult:
        """A state is held while it is looked at, not while an answer is made: one that is held for
        minutes would keep an ingest from emptying its log. Raises Busy if another is published."""
        looked = self._look(question.question)
        shown = self._shown(question.question, looked)
        evidence = [Found(e.document, e.start, e.end, e.text) for e in looked.given.sentences]
        with self.searching.view() as view:
            self.marking.require_same(view.reader)
            truth = Truth(view.reader, self.pipeline.folders)
            return self.marking.mark(
                question,
                looked.passages,
                evidence,
                refused=shown.outcome == "not_found",
                answer=self.marking.of_answer(question, shown, truth),
            )

    def _look(self, question: str) -> _Looked:
        with self.searching.view() as view:
            self.marking.require_same(view.reader)
            found = view.find(question, DEPTH)
            passages = view.passages(found, DEPTH)
            read = passages[: self.pipeline.settings.answers.passages]
            gathered = gather_found(view, self.searching.embedder, found, read)
        meant, budget = of_meant(gathered), self.request.budget(self.pipeline)
        given = give(meant, self._count, budget, counted_by="embedder")
        return _Looked(passages, gathered, meant, given)

    def _count(self, text: str) -> int:
        return len(self.tokens.token_spans(text))

    def _shown(self, question: str, looked: _Looked) -> Shown:
        """What `ask` shows, with the same steps: composed, or in the quote style."""
        if self.compose is not None:
            answer = self.compose(question, looked.gathered)
            return Shown(answer.outcome, answer.sentences, answer.citations, answer.facts)
        outcome = decide(question, looked.gathered).outcome
        if outcome != "found":
            return Shown(outcome)
        most = self.pipeline.settings.answers.sentences
        made = quoted_answer(question, looked.meant, looked.given, most)
        return Shown(outcome, made.sentences, made.citations, made.facts)


def choose(questions: Sequence[GoldQuestion], request: EvaluationRequest) -> list[GoldQuestion]:
    """Those to ask, in the order of the file. Raises UsageFault if `mini` leaves none."""
    chosen = [question for question in questions if question.mini or not request.mini]
    if not chosen:
        raise UsageFault(
            f"No question of {request.file} is marked `mini: true`.",
            hint="--limit N asks a sample of N.",
        )
    if 0 < request.limit < len(chosen):
        drawn = random.Random(request.seed).sample(range(len(chosen)), request.limit)
        chosen = [chosen[place] for place in sorted(drawn)]
    return chosen


def ask_all(
    questions: Sequence[GoldQuestion],
    ask: Callable[[GoldQuestion], QuestionResult],
    on_step: Callable[[Step], None] | None,
) -> list[QuestionResult]:
    """One result for each question. Raises Interrupted, which says how far it came."""
    results: list[QuestionResult] = []
    started = time.perf_counter()
    try:
        for question in questions:
            results.append(ask(question))
            if on_step is not None:
                rate = len(results) / (time.perf_counter() - started)
                on_step(Step("asking", len(results), len(questions), f"{rate:.3g} a second"))
    except KeyboardInterrupt:
        raise Interrupted(
            f"Stopped after {len(results)} of {len(questions)} questions; nothing was written.",
            hint="--limit N asks a sample of N questions.",
        ) from None
    return results
