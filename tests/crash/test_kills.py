"""kill -9 at random moments and at every named step: the old state answers, then the new, nothing else.

After each kill the next ingest goes on: it ends in the very state that an undisturbed one makes, and
nothing that was acknowledged as kept is read again.
"""

from __future__ import annotations

import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.killing import kill_at_random, kill_at_step
from tests.crash.scene import Scene, run, start
from tests.flows.corpus import published_state

RANDOM_KILLS = 40
"""With those of test_steps.py 116 kills, beside the sample that runs with the other tests."""


@pytest.mark.parametrize("number", range(2))
def test_killed_at_a_random_moment(scene: Scene, fates: Counter[str], number: int) -> None:
    kill_at_random(scene, number, fates)


@pytest.mark.parametrize(
    ("step", "number", "rebuild"),
    [
        ("vectors are kept", 1, False),
        ("the state is published", 0, False),
        ("a document is shown", 3, True),
        ("the vector index is put in place", 1, True),
    ],
)
def test_killed_at_a_step(scene: Scene, step: str, number: int, rebuild: bool) -> None:
    """test_steps.py has them all."""
    kill_at_step(scene, step, number, rebuild=rebuild)


@pytest.mark.long
@pytest.mark.parametrize("number", range(RANDOM_KILLS))
def test_killed_at_many_random_moments(scene: Scene, fates: Counter[str], number: int) -> None:
    kill_at_random(scene, 1000 + number, fates)


@pytest.mark.long
def test_most_kills_fell_into_the_work(fates: Counter[str]) -> None:
    if fates.total() < RANDOM_KILLS:
        pytest.skip("it counts the kills of the tests above: run the whole file")
    assert fates["too late"] < 0.2 * RANDOM_KILLS, fates
    assert fates["old"] > 0.1 * RANDOM_KILLS, fates
    assert fates["new"] > fates["too late"], "none fell after the publication"


@pytest.mark.parametrize(
    ("step", "moment", "count"),
    [("the state is published", "after", 2), ("orphans are erased", "before", 1)],
)
def test_killed_while_the_gate_holds_back(scene: Scene, step: str, count: int, moment: str) -> None:
    """What is gone may be out already; nothing else has changed, and the next ingest has it all."""
    scene.restore_old_store()
    process = start(scene.folder, "--gate", "fails", "--die", step, moment, str(count))
    told, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert set(told.decode().split()) <= scene.kept()
    documents = scene.old["documents"]
    assert isinstance(documents, dict)
    less = {path: shown for path, shown in documents.items() if path != "001.txt"}
    assert published_state(scene.store) in (scene.old, {**scene.old, "documents": less})
    again = start(scene.folder, "--gate", "passes")
    told, _ = again.communicate(timeout=120)
    assert (again.returncode, told) == (0, b"")
    assert published_state(scene.store) == scene.new


def test_killed_again_and_again_it_still_ends(scene: Scene) -> None:
    """Each ingest is killed at its first document; each keeps one more."""
    scene.restore_old_store()
    for _ in range(5):
        process = start(scene.folder, "--die", "a document is kept", "after", "1")
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    assert run(scene.folder) == 0
    assert published_state(scene.store) == scene.new


def test_the_first_ingest_of_all_killed_before_it_published(tmp_path: Path) -> None:
    scene = Scene.make(tmp_path)
    for step in ("the run is noted", "a document is kept", "the state is published"):
        shutil.rmtree(scene.store)
        process = start(scene.folder, "--die", step, "before", "1")
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert run(scene.folder) == 0
        assert published_state(scene.store) == scene.new
