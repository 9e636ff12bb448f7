"""`ragkit bench summaries`: composed summaries, several documents at once, beside one prompt at a time.

Both sides run in turn (summarized.py), so that a busy machine disturbs both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from ragkit.bench.children import follow_module
from ragkit.build import Builder
from ragkit.catalog import Reader
from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.flows.stating import published
from ragkit.machine import Machine, this_machine
from ragkit.types import Step

TOGETHER = 25
"""Documents of a round: where a round ends the model has less and less to do at once, which a long run
meets only at its end."""
SIDES = ("usual", "best")
EARLY = 3
"""Rounds after which the memory is as large as it should stay."""


@dataclass(frozen=True, slots=True)
class SummariesResult:
    """rounds: documents, prompts, tokens that ragkit had written, seconds of each side by the clock and
    by the processor, memory in MB.

    threads: of the class, as the defaults and as its best settings have it, for writing and for prompts.
    """

    machine: Machine
    model: str
    threads: dict[str, dict[str, int]]
    rounds: tuple[dict[str, float], ...]

    @property
    def documents(self) -> int:
        return int(self._sum("documents"))

    def documents_per_minute(self, side: str) -> float:
        return 60 * self._sum("documents") / self._sum(side)

    def ratio(self, side: str) -> float:
        """How many times as many documents a minute: the median of the rounds."""
        return median(each[side] / each["ragkit"] for each in self.rounds)

    def overall(self, side: str) -> float:
        """The same of all rounds together."""
        return self._sum(side) / self._sum("ragkit")

    def processor(self, side: str) -> float:
        """How many times as many documents for a second of the processor, which other programs on the
        machine disturb less: the median of the rounds."""
        return median(each[f"{side}_processor"] / each["ragkit_processor"] for each in self.rounds)

    @property
    def growth(self) -> float | None:
        """Peak memory at the end over that after the first rounds; None where the system tells none."""
        if "peak" not in self.rounds[0]:
            return None
        early = self.rounds[min(EARLY, len(self.rounds)) - 1]
        return self.rounds[-1]["peak"] / early["peak"]

    def _sum(self, name: str) -> float:
        return sum(each[name] for each in self.rounds)

    def as_dict(self) -> dict[str, object]:
        ratios = {
            f"documents_a_minute_to_{side}": {
                "median": round(self.ratio(side), 3),
                "all": round(self.overall(side), 3),
                "by_processor": round(self.processor(side), 3),
            }
            for side in SIDES
        }
        growth = self.growth
        return {
            "version": 1,
            "machine": self.machine.as_dict(),
            "model": self.model,
            "threads": self.threads,
            "documents": self.documents,
            "documents_a_minute": {
                side: round(self.documents_per_minute(side), 2) for side in ("ragkit", *SIDES)
            },
            "ratios": ratios,
            "peak_memory_mb": None if growth is None else round(self.rounds[-1]["peak"], 1),
            "peak_memory_growth": None if growth is None else round(growth, 3),
            "rounds": [
                {name: round(value, 3) for name, value in each.items()} for each in self.rounds
            ],
        }


def bench_summaries(
    builder: Builder, pipeline: Pipeline, documents: int, on_step: Callable[[Step], None]
) -> SummariesResult:
    """Summaries of the first so many published documents; nothing is kept.

    Raises ModelMissing, IndexMissing, UsageFault if nothing is indexed, NotReady if the process fails.
    """
    model = builder.models.resolve(pipeline.settings.generator.model, role="generator")
    with published(pipeline) as catalog:
        if not Reader(catalog).counts()["documents"]:
            raise UsageFault(
                f"There is no document in the index of {pipeline.name} to summarize.",
                hint=f"ragkit status {pipeline.name} says why.",
            )
    request = {
        "config": str(pipeline.settings_file),
        "pipeline": pipeline.name,
        "documents": documents,
        "together": TOGETHER,
    }
    said: dict[str, Any] = {}
    on_step(Step("opening the models", 0, 0))
    for said in follow_module("ragkit.bench.summarized", request=request):
        if "done" in said:
            on_step(Step("summarizing on both sides", said["done"], said["total"]))
    return SummariesResult(this_machine(), model.name, said["threads"], tuple(said["rounds"]))


def show_summaries(result: SummariesResult) -> str:
    """For people."""
    speeds = {side: result.documents_per_minute(side) for side in ("ragkit", *SIDES)}
    lines = [
        f"{result.documents} documents in the style compose with {result.model}: {speeds['ragkit']:.1f} a "
        "minute, with reading, choosing and checking.",
        f"The same prompts one by one through llama-cpp-python's high-level class: {speeds['usual']:.1f} a "
        f"minute with its defaults, {speeds['best']:.1f} with its best settings.",
        f"ragkit makes {result.ratio('usual'):.2f} and {result.ratio('best'):.2f} times as many "
        f"(medians of {len(result.rounds)} rounds of the same run; all together "
        f"{result.overall('usual'):.2f} and {result.overall('best'):.2f}; by processor time "
        f"{result.processor('usual'):.2f} and {result.processor('best'):.2f}).",
    ]
    if result.growth is not None:
        peak = result.rounds[-1]["peak"]
        lines.append(
            f"Memory of ragkit's process: at most {peak:.0f} MB, "
            f"{result.growth:.2f} times what it was after {min(EARLY, len(result.rounds))} rounds."
        )
    return "\n".join(lines)
