"""What ten times as many chunks cost: time for each, memory, and searching beside bare queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.bench.children import run_module
from ragkit.catalog.scratch import scratch_folder
from ragkit.machine import Machine, this_machine
from ragkit.types import Step

QUESTIONS = 60


@dataclass(frozen=True, slots=True)
class Grown:
    """A store: its chunks, the seconds and the processor's seconds that its ingest took, the most
    memory the process held, in bytes."""

    chunks: int
    seconds: float
    processor_seconds: float
    peak_bytes: int

    @property
    def milliseconds_a_chunk(self) -> float:
        return 1000 * self.seconds / self.chunks

    @property
    def processor_milliseconds_a_chunk(self) -> float:
        return 1000 * self.processor_seconds / self.chunks


@dataclass(frozen=True, slots=True)
class GrowthResult:
    """small, large: the two stores. search_ms, bare_ms: medians of warm searches of the large one, and
    of a bare FTS5 query and a bare Chroma query together; search_ratio: the median of the pairs."""

    machine: Machine
    small: Grown
    large: Grown
    search_ms: float
    bare_ms: float
    search_ratio: float

    @property
    def ratio(self) -> float:
        """How many times as long a chunk takes in the large store."""
        return self.large.milliseconds_a_chunk / self.small.milliseconds_a_chunk

    @property
    def processor_ratio(self) -> float:
        """The same by processor time, which other work on the machine disturbs less."""
        large, small = self.large, self.small
        return large.processor_milliseconds_a_chunk / small.processor_milliseconds_a_chunk

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "machine": self.machine.as_dict(),
            **{name: self._grown(getattr(self, name)) for name in ("small", "large")},
            "ratio": round(self.ratio, 3),
            "processor_ratio": round(self.processor_ratio, 3),
            "search_ms": self.search_ms,
            "bare_ms": self.bare_ms,
            "search_ratio": self.search_ratio,
        }

    @staticmethod
    def _grown(store: Grown) -> dict[str, object]:
        return {
            "chunks": store.chunks,
            "seconds": store.seconds,
            "ms_a_chunk": round(store.milliseconds_a_chunk, 3),
            "processor_ms_a_chunk": round(store.processor_milliseconds_a_chunk, 3),
            "peak_bytes": store.peak_bytes,
        }


def bench_growth(chunks: int, work: Path, on_step: Callable[[Step], None]) -> GrowthResult:
    """Make a store of a tenth of `chunks`, and one of all. work: where folders are made meanwhile."""
    with scratch_folder(work) as folder:
        on_step(Step(f"making a store of {chunks // 10:,} chunks", 0, 2))
        small = _make(folder / "small", chunks // 10, questions=0)
        on_step(Step(f"making and searching a store of {chunks:,} chunks", 1, 2))
        large = _make(folder / "large", chunks, QUESTIONS)
    searches = large.pop("searches")
    return GrowthResult(
        this_machine(),
        Grown(**small),
        Grown(**large),
        search_ms=searches["search_ms"],
        bare_ms=searches["bare_ms"],
        search_ratio=searches["ratio"],
    )


def _make(folder: Path, chunks: int, questions: int) -> dict[str, Any]:
    request = {"folder": str(folder), "chunks": chunks, "questions": questions}
    return run_module("ragkit.bench.grown", request=request).json()


def show_growth(result: GrowthResult) -> str:
    """In four lines for people."""
    stores = [
        f"{store.chunks:,} chunks: {store.seconds:.0f} s, {store.milliseconds_a_chunk:.2f} ms each, "
        f"at most {store.peak_bytes / 1e6:,.0f} MB"
        for store in (result.small, result.large)
    ]
    return "\n".join(
        [
            *stores,
            f"A chunk takes {result.ratio:.2f} times as long in the larger store, "
            f"{result.processor_ratio:.2f} times by processor time.",
            f"Searched warm: {result.search_ms:.1f} ms; a bare FTS5 query and a bare Chroma query "
            f"together {result.bare_ms:.1f} ms; {result.search_ratio:.2f} times (median of pairs).",
            "Vectors are a stand-in's: the model's own time comes on top.",
        ]
    )
