"""Both searches over the same chunks: cold, as whole processes, and warm, question after question."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from ragkit.bench.children import run_module
from ragkit.bench.guarding import Enclosed, guard_cost
from ragkit.bench.machine import versions
from ragkit.bench.results import KindResult, Pair, SearchResult
from ragkit.bench.usual_store import fill_usual_store
from ragkit.build import Builder
from ragkit.catalog.scratch import scratch_folder
from ragkit.config import Pipeline
from ragkit.machine import this_machine
from ragkit.types import Step

QUESTIONS = (
    "Which law governs the agreement?",
    "What is the notice period for termination?",
    "Who signed the document, and when?",
    "Which drugs was the patient taking on admission?",
    "How is liability limited?",
    "What was found on examination?",
    "¿Qué ley rige el contrato?",
    "¿Cuál es el plazo de preaviso para resolver el contrato?",
    "¿Qué tratamiento se pautó al alta?",
    "¿Qué alergias tiene la paciente?",
)
"""Asked where no others are given; whether the documents answer them is of no account."""
OF_A_KIND = 12
"""Questions of each kind."""


def bench_search(
    builder: Builder,
    pipeline: Pipeline,
    questions: Sequence[str],
    rounds: int,
    work: Path,
    on_step: Callable[[Step], None],
    enclosed: Enclosed | None = None,
) -> SearchResult:
    """How much sooner ragkit finds passages than the usual stack does, over the pipeline's own chunks.

    The usual stack's collection is filled with the pipeline's chunks and their vectors, so that both
    search the same. work: where a folder is made for the duration. enclosed: started before this
    process was sealed, to measure what the guard costs, over documents and with questions of its own;
    None does not measure that. Raises
    IndexMissing, ModelMissing, NotReady if a process fails.
    """
    model = builder.embedding_model(pipeline).path
    with scratch_folder(work) as folder:
        on_step(Step("copying the index for the usual stack", 0, 0))
        chroma, chunks = fill_usual_store(pipeline, folder)
        usual = {"store": str(chroma), "model": str(model)}
        cold, slow, fast = [], [], []
        for number in range(rounds):
            on_step(Step("searching", number, rounds))
            question = questions[number % len(questions)]
            cold.append(_cold(pipeline, usual, question))
            slow += _warm_usual(usual, questions)
            fast += _warm_own(pipeline, folder, questions)
        kinds = _kinds(pipeline, usual["store"], rounds)
        guard = guard_cost(enclosed, rounds, on_step)
    return SearchResult(
        pipeline=pipeline.name,
        machine=this_machine(),
        versions=versions(),
        chunks=chunks,
        questions=len(questions),
        cold=tuple(cold),
        warm_baseline=tuple(slow),
        warm_ragkit=tuple(fast),
        guard=guard,
        kinds=kinds,
    )


def _kinds(pipeline: Pipeline, chroma: str, rounds: int) -> dict[str, KindResult]:
    """Of every kind of question, made of what stands in the index."""
    request = {
        "config": str(pipeline.settings_file),
        "pipeline": pipeline.name,
        "chroma": chroma,
        "questions": OF_A_KIND,
        "rounds": rounds,
    }
    figures = run_module("ragkit.bench.warm", request=request).json()
    return {name: KindResult(**figure) for name, figure in figures.items()}


def _cold(pipeline: Pipeline, usual: dict[str, str], question: str) -> Pair:
    request = {**usual, "questions": [question]}
    theirs = run_module("ragkit.bench.baseline", "search", request=request)
    own = run_module("ragkit", *_command(pipeline), "-", "--json", request=question)
    return Pair(theirs.cost, own.cost)


def _warm_usual(usual: dict[str, str], questions: Sequence[str]) -> list[float]:
    request = {**usual, "questions": [*questions[:1], *questions]}
    seconds = run_module("ragkit.bench.baseline", "search", request=request).json()["seconds"]
    return [float(each) for each in seconds[1:]]


def _warm_own(pipeline: Pipeline, folder: Path, questions: Sequence[str]) -> list[float]:
    asked, found = folder / "questions.jsonl", folder / "passages.jsonl"
    lines = [{"id": number, "question": text} for number, text in enumerate(questions)]
    asked.write_text("\n".join(map(json.dumps, [lines[0], *lines])), encoding="utf-8")
    files = ("--questions", str(asked), "--output", str(found))
    run_module("ragkit", *_command(pipeline), *files, request="")
    results = found.read_text(encoding="utf-8").splitlines()
    return [float(json.loads(line)["seconds"]) for line in results[1:]]


def _command(pipeline: Pipeline) -> tuple[str, ...]:
    return ("search", pipeline.name, "--config", str(pipeline.settings_file), "--quiet")
