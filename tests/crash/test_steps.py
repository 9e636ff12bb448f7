"""kill -9 at every named step, five times in an ingest and five times in a rebuild."""

from __future__ import annotations

import pytest

from tests.crash.child import STEPS
from tests.crash.killing import kill_at_step
from tests.crash.scene import Scene

KILLS_OF_A_STEP = 5


@pytest.mark.long
@pytest.mark.parametrize("number", range(KILLS_OF_A_STEP))
@pytest.mark.parametrize("rebuild", [False, True], ids=["ingest", "rebuild"])
@pytest.mark.parametrize("step", list(STEPS))
def test_killed_five_times_at_each_step(
    scene: Scene, step: str, rebuild: bool, number: int
) -> None:
    kill_at_step(scene, step, number, rebuild=rebuild)
