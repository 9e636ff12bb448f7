"""The engine over a made-up runtime, for the tests of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ragkit.llm.keeping import StateFolder
from tests.llm.lowlevel import FakeRuntime, Opened


@pytest.fixture
def opened() -> Iterator[Callable[..., Opened]]:
    made: list[Opened] = []

    def make(folder: StateFolder | None = None, **options: object) -> Opened:
        made.append(Opened(FakeRuntime(**options), folder))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.batcher.close()
        assert one.runtime.closed
