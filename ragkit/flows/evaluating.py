"""Evaluating: gold questions asked of the published state, each result measured against its gold."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ragkit.config import Pipeline
from ragkit.errors import Interrupted, UsageFault
from ragkit.evaluation.measures import DEPTH, Found
from ragkit.flows.evidence import gather_found
from ragkit.flows.giving import give
from ragkit.flows.marking import EvaluationRequest, Marking
from ragkit.flows.searching import Searching
from ragkit.gold import GoldQuestion, read_gold
from ragkit.protocols import TokenCounter
from ragkit.retrieval.answerability import is_answered
from ragkit.types import Step
from ragkit.types.evaluation import Evaluation, QuestionResult

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
) -> Evaluation:
    """Ask every question of one and the same published state, and measure what is found.

    tokens: what the budget of evidence is counted by: the embedder's, as where an answer is quoted.
    Raises ConfigFault with all faults of the file, UsageFault if none of its documents is indexed,
    Busy if another state is published meanwhile, Interrupted.
    """
    questions = read_gold(request.file)
    chosen = choose(questions, request)
    with searching.view() as view:
        marking = Marking(view.reader, chosen, request)
        adapter, reranker = view.adapter, view.reranker
    started, clock = datetime.now(UTC), time.perf_counter()

    def count(text: str) -> int:
        return len(tokens.token_spans(text))

    def ask(question: GoldQuestion) -> QuestionResult:
        # A state that is held for minutes would keep an ingest from emptying its log.
        with searching.view() as view:
            marking.require_same(view.reader)
            found = view.find(question.question, DEPTH)
            passages = view.passages(found, DEPTH)
            read = passages[: pipeline.settings.answers.passages]
            gathered = gather_found(view, searching.embedder, found, read)
            refused = not (gathered.evidence and is_answered(gathered.signals))
            given = give(gathered, count, request.budget(pipeline), counted_by="embedder")
            evidence = [Found(e.document, e.start, e.end, e.text) for e in given.sentences]
            return marking.mark(question, passages, evidence, refused=refused)

    results = ask_all(chosen, ask, on_step)
    summed = marking.sum_up(
        results,
        pipeline,
        started=started.isoformat("T", "seconds"),
        seconds=time.perf_counter() - clock,
        left_out=len(questions) - len(chosen),
    )
    return replace(summed, adapter=adapter, reranker=reranker)


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
