"""The engine over a made-up runtime, for the tests of its parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from ragkit.llm.keeping import StateFolder
from tests.llm.lowlevel import FakeRuntime, Opened


@pytest.fixture
def opened() -> Iterator[Callable[..., Opened]]:
    made: list[Opened] = []

    def make(
        folder: StateFolder | None = None,
        *,
        most_idle: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        **options: object,
    ) -> Opened:
        runtime = FakeRuntime(**options)  # type: ignore[arg-type]
        made.append(Opened(runtime, folder, most_idle, clock))
        return made[-1]

    yield make
    for one in made:
        one.batcher.close()
        assert one.runtime.closed
