"""kill -9 before and after every named step, its second time too, in an ingest and in a rebuild."""

from __future__ import annotations

import pytest

from tests.crash.child import STEPS
from tests.crash.killing import CALLED_ONCE, kill_at_step
from tests.crash.scene import Scene

KILLS = [(step, number) for step in STEPS for number in range(2 if step in CALLED_ONCE else 4)]
"""By what kill_at_step makes of a number: before and after the first call, then the second."""


@pytest.mark.long
@pytest.mark.parametrize("rebuild", [False, True], ids=["ingest", "rebuild"])
@pytest.mark.parametrize(("step", "number"), KILLS)
def test_killed_before_and_after_each_step(
    scene: Scene, step: str, number: int, rebuild: bool
) -> None:
    kill_at_step(scene, step, number, rebuild=rebuild)
