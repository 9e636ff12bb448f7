"""`ragkit bench engine`: the engine beside llama-cpp-python's high-level class, and whole answers.

Both sides run in turn, so that a busy machine disturbs both; every ratio is a median of ratios of the same
round. Whole answers run in new processes, beside what a tutorial builds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ragkit.bench.children import follow_module, run_module
from ragkit.bench.greedy import TIE
from ragkit.bench.kinds import called
from ragkit.bench.usual import published_windows
from ragkit.build import Builder
from ragkit.catalog import Reader
from ragkit.catalog.scratch import scratch_folder
from ragkit.config import Pipeline
from ragkit.flows.stating import published
from ragkit.llm.offloading import computed_on
from ragkit.machine import Machine, this_machine
from ragkit.places import PREPARED_FOLDER
from ragkit.types import Step

QUESTIONS = (
    "Which law governs {}?",
    "What is the notice period for termination of {}?",
    "How is liability limited in {}?",
)
"""Each of another document: what several could answer ends in a question, and nothing is written."""
TRIES = 4
"""Questions asked at most for each pair that counts: where no answer is found, no model writes."""
MOST_WINDOWS = 2000
"""What the tutorial's prompt costs follows from four windows of its size, not from how many there are; to
encode 2,000 takes two minutes."""


@dataclass(frozen=True, slots=True)
class EngineResult:
    """settings: how the engine computed. texts: of prompts compared. figures: name -> what each side took
    in each round. asked: seconds of whole answers, by side."""

    machine: Machine
    computed_on: str
    settings: dict[str, Any]
    texts: dict[str, Any]
    figures: dict[str, tuple[dict[str, float], ...]]
    asked: tuple[dict[str, dict[str, float]], ...]

    def ratio(self, name: str, over: str, under: str) -> float:
        """The median of the rounds."""
        return median(each[over] / each[under] for each in self.figures[name])

    @property
    def ratios(self) -> dict[str, float]:
        """What is promised of the engine, each as a ratio of the same run."""
        found = {
            "prompt_speed_to_best": self.ratio("reading", "ragkit", "best"),
            "prompt_speed_to_flash": self.ratio("reading", "ragkit", "flash"),
            "writing_speed_to_default": self.ratio("writing", "ragkit", "usual"),
            "writing_speed_to_best": self.ratio("writing", "ragkit", "best"),
            "eight_at_once_to_eight_in_a_row": self.ratio("eight", "usual", "ragkit"),
            "second_question_sooner": self.ratio("second_question", "first", "second"),
            "choice_over_free": self.ratio("choosing", "masked", "free") - 1,
        }
        for moment in ("evidence", "first", "finished"):
            if self.asked:
                pairs = (each["own"][moment] / each["usual"][moment] for each in self.asked)
                found[f"ask_{moment}"] = median(pairs)
        return {name: round(value, 3) for name, value in found.items()}

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "machine": self.machine.as_dict(),
            "computed_on": self.computed_on,
            "settings": self.settings,
            "texts": self.texts,
            "ratios": self.ratios,
            "rounds": {name: list(rounds) for name, rounds in self.figures.items()},
            "asked": list(self.asked),
        }


@dataclass(frozen=True, slots=True)
class EngineBench:
    """How much is measured. asked: rounds of whole answers; 0 leaves them out."""

    rounds: int
    prompts: int
    asked: int


def bench_engine(
    builder: Builder,
    pipeline: Pipeline,
    wanted: EngineBench,
    work: Path,
    on_step: Callable[[Step], None],
) -> EngineResult:
    """Measures with the pipeline's generator. work: where a copy of its texts for the usual stack lies.

    Raises ModelMissing, IndexMissing, NotReady if a process fails.
    """
    model = builder.models.resolve(pipeline.settings.generator.model, role="generator")
    request = {
        "model": str(model.path),
        "digest": model.digest,
        "cache": str(builder.models.root / PREPARED_FOLDER),
        "rounds": wanted.rounds,
        "prompts": wanted.prompts,
    }
    said: dict[str, Any] = {}
    on_step(Step("comparing texts", 0, 0))
    for said in follow_module("ragkit.bench.generated", request=request):
        if "done" in said:
            on_step(Step("measuring the engine", said["done"], said["total"]))
    texts, settings = said.pop("texts"), said.pop("settings")
    asked = list(_asked(builder, pipeline, model.path, wanted.asked, work, on_step))
    return EngineResult(
        this_machine(),
        computed_on(),
        settings,
        texts,
        {name: tuple(rounds) for name, rounds in said.items()},
        tuple(asked),
    )


def _asked(
    builder: Builder,
    pipeline: Pipeline,
    generator: Path,
    rounds: int,
    work: Path,
    on_step: Callable[[Step], None],
) -> Sequence[dict[str, dict[str, float]]]:
    """Whole answers of both sides, in turn. The first pair warms the disk and does not count, nor does
    one where ragkit finds no answer."""
    if not rounds:
        return []
    found: list[dict[str, dict[str, float]]] = []
    with scratch_folder(work) as folder:
        on_step(Step("making the usual stack's index", 0, 0))
        model, store = builder.embedding_model(pipeline).path, folder / "chroma"
        _fill_tutorial_store(pipeline, model, store)
        usual = {"store": str(store), "model": str(model), "generator": str(generator)}
        mine = {"config": str(pipeline.settings_file), "pipeline": pipeline.name}
        for number, question in enumerate(_questions(pipeline, TRIES * (rounds + 1))):
            on_step(Step("asking", len(found), rounds + 1))
            pair = {
                side: _in_a_process(side, {**request, "question": question})
                for side, request in (("usual", usual), ("own", mine))
            }
            if number and "first" in pair["own"]:
                found.append(pair)
            if len(found) == rounds:
                break
    return found


def _questions(pipeline: Pipeline, most: int) -> list[str]:
    """Of documents that are called by a name, where there are such, spread over all."""
    with published(pipeline) as catalog:
        documents = list(Reader(catalog).documents())
    named = [document for document in documents if document.names] or documents
    chosen = named[:: 1 + len(named) // most]
    return [
        QUESTIONS[number % len(QUESTIONS)].format(called(document))
        for number, document in enumerate(chosen)
    ]


def _fill_tutorial_store(pipeline: Pipeline, model: Path, store: Path) -> None:
    """The tutorial's own windows of the published texts, at most MOST_WINDOWS, spread over all of them."""
    with published(pipeline) as catalog:
        texts = [window.text for window in published_windows(Reader(catalog))]
    step = 1 + len(texts) // MOST_WINDOWS
    request = {"store": str(store), "model": str(model), "texts": texts[::step]}
    asked = {"questions": ["What is it about?"], "nearest": 1}
    for _ in follow_module("ragkit.bench.baseline", "find", request={**request, **asked}):
        pass  # only the collection that it leaves is wanted


def _in_a_process(side: str, request: dict[str, Any]) -> dict[str, float]:
    started = {**request, "started": time.time()}
    return run_module("ragkit.bench.asked", side, request=started).json()


def show_engine(result: EngineResult) -> str:
    """For people."""
    texts, ratios = result.texts, result.ratios
    lines = [
        result.computed_on,
        f"{_computing(result.settings)}.",
        f"Greedy texts beside the high-level class's: {_differences(texts['to_the_class'])}.",
        f"Eight at once beside each alone: {_differences(texts['to_alone'])}.",
        f"With `kv_cache: q8_0`: {texts['q8_as_the_class']} and {texts['q8_as_alone']} of "
        f"{texts['prompts']}.",
        f"Prompts are read {ratios['prompt_speed_to_best']:.2f} times as fast as by the class's best "
        f"settings ({ratios['prompt_speed_to_flash']:.2f} with flash attention, whatever it writes like), "
        f"texts written {ratios['writing_speed_to_default']:.2f} times as fast as by its "
        f"defaults ({ratios['writing_speed_to_best']:.2f} times its best).",
        f"Eight answers at once: {ratios['eight_at_once_to_eight_in_a_row']:.2f} times as fast as eight "
        "in a row through the class.",
        f"A second question over the same documents: its first token comes "
        f"{ratios['second_question_sooner']:.1f} times sooner.",
        f"A choice among nine numbers takes {100 * ratios['choice_over_free']:+.1f} % of a free token.",
    ]
    if result.asked:
        lines.append(
            f"ask --style compose in a new process, to the tutorial's: evidence "
            f"{ratios['ask_evidence']:.2f}, first token {ratios['ask_first']:.2f}, finished "
            f"{ratios['ask_finished']:.2f} of its time."
        )
    return "\n".join([*lines, "Medians of pairs of the same run."])


def _computing(settings: dict[str, Any]) -> str:
    attention = "with flash attention" if settings["flash"] else "without flash attention"
    return (
        f"The engine computes {attention}, prompts with {settings['batch_threads']} threads, writing with "
        f"{settings['threads']}"
    )


def _differences(texts: dict[str, Any]) -> str:
    """A tie: see greedy.py."""
    gap = f", at most {max(texts['gaps']):.2f} logits apart" if texts["gaps"] else ""
    return (
        f"{texts['same']} the same, {texts['ties']} that part at a tie (up to {TIE} logits), "
        f"{texts['different']} others{gap}"
    )
