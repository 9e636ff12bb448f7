"""Batches are as large as lets them end soon."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from ragkit.llm.batching import Batcher
from ragkit.llm.keeping import Instructions
from ragkit.llm.pace import Pace
from ragkit.llm.runtime import Row
from ragkit.llm.sequence import LlamaGeneration
from tests.llm.lowlevel import ByteVocabulary, FakeRuntime


@pytest.mark.parametrize(
    ("seconds_a_row", "largest"), [(0.001, 512), (0.01, 256), (0.02, 128), (1.0, 64)]
)
def test_batches_are_as_large_as_the_speed_allows(seconds_a_row: float, largest: int) -> None:
    runtime, now = FakeRuntime(cells=4000, largest_batch=512), [0.0]
    decode = runtime.decode

    def slow(rows: Sequence[Row]) -> int:
        now[0] += len(rows) * seconds_a_row
        return decode(rows)

    runtime.decode = slow  # type: ignore[method-assign]
    with closing(Batcher(runtime, Instructions(), clock=lambda: now[0])) as batcher:
        vocabulary: Any = ByteVocabulary()
        LlamaGeneration(batcher, vocabulary, list(b"word " * 400), 3000).read()
    sizes = [len(batch) for batch in runtime.batches]
    assert (sizes[0], sizes[1], max(sizes)) == (64, largest, largest)


def test_a_batch_slowed_once_does_not_make_all_later_ones_small() -> None:
    pace = Pace(512)
    pace.note(64, 60.0)  # the weights came from the disk
    assert pace.rows == 64
    pace.note(1, 1.0)
    assert pace.rows == 64
    pace.note(64, 0.1)
    assert pace.rows == 512
    assert Pace(32).rows == 32
