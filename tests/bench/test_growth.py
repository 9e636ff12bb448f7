"""`ragkit bench growth`: stores of the size that is asked for, and memory that does not grow with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.bench.children import run_module
from ragkit.bench.growth import Grown, bench_growth
from ragkit.catalog.scratch import scratch_folder
from ragkit.types import Step


def test_a_store_of_about_so_many_chunks_is_made_and_searched(tmp_path: Path) -> None:
    request = {"folder": str(tmp_path), "chunks": 2500, "questions": 3}
    figures = run_module("ragkit.bench.grown", request=request).json()
    assert 2000 < figures["chunks"] < 3200
    assert 50e6 < figures["peak_bytes"] < 1e9
    assert figures["processor_seconds"] > 0.5
    assert figures["searches"]["ratio"] > 0


def test_time_is_told_for_each_chunk() -> None:
    store = Grown(2000, 5.0, 3.0, 0)
    assert (store.milliseconds_a_chunk, store.processor_milliseconds_a_chunk) == (2.5, 1.5)


@pytest.mark.long
def test_memory_stays_bounded_whatever_the_number_of_chunks(tmp_path: Path) -> None:
    steps: list[Step] = []
    with scratch_folder(tmp_path) as folder:
        result = bench_growth(100_000, folder, steps.append)
    assert result.large.chunks > 80_000
    assert result.large.peak_bytes < 1.5e9
    assert len(steps) == 2
