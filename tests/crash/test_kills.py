"""kill -9 at random moments and at every named step: the old state answers, then the new, nothing else.

After each kill the next ingest goes on: it ends in the very state that an undisturbed one makes, and
nothing that was acknowledged as kept is read again.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.child import STEPS
from tests.crash.scene import AskingReader, Scene, run, start
from tests.flows.corpus import published_state

RANDOM_KILLS = 130
KILLS_OF_A_STEP = 5
"""Of 14 steps: 200 kills with the random ones, and the sample that runs with the other tests."""
CALLED_ONCE = (
    "vectors are kept",
    *("the run is noted", "the state is published", "orphans are erased", "the log is emptied"),
    *("the vector index is put in place", "readers are told of the index"),
    *("the old index is removed", "the run has ended"),
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene.make(tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def fates() -> Counter[str]:
    """How many of the kills left the old state, the new one, and came too late."""
    return Counter()


def settle(scene: Scene, process: subprocess.Popen[bytes], reader: AskingReader) -> str:
    """Check what a killed ingest left, and that the next one ends well. Returns which state it left."""
    told, _ = process.communicate(timeout=60)
    acknowledged = set(told.decode().split())
    state = published_state(scene.store)
    assert state in (scene.old, scene.new), what_differs(state, scene.new)
    assert acknowledged <= scene.kept(), "a document that was kept is lost"
    again = start(scene.folder)
    told, _ = again.communicate(timeout=120)
    assert again.returncode == 0
    assert not acknowledged & set(told.decode().split()), "a document that was kept is read again"
    assert published_state(scene.store) == scene.new
    assert reader.faults == []
    return "new" if state == scene.new else "old"


def what_differs(state: dict[str, object], other: dict[str, object]) -> list[str]:
    """Paths of the documents that are not the same in both."""
    mine, theirs = state["documents"], other["documents"]
    assert isinstance(mine, dict)
    assert isinstance(theirs, dict)
    return sorted(
        path for path in mine.keys() | theirs.keys() if mine.get(path) != theirs.get(path)
    )


def kill_at_random(scene: Scene, seed: int, fates: Counter[str]) -> None:
    chance = random.Random(seed)
    scene.restore_old_store()
    with AskingReader(scene) as reader:
        process = start(scene.folder, *(["--rebuild"] if chance.random() < 0.25 else []))
        time.sleep(chance.uniform(0.15, 1.0) * scene.seconds)
        if process.poll() is not None:
            fates["too late"] += 1
        elif chance.random() < 0.5:
            process.send_signal(signal.SIGKILL)
        else:
            os.killpg(process.pid, signal.SIGKILL)  # with its parsers and the index's builder
        fates[settle(scene, process, reader)] += 1
    assert reader.answers > 0


def kill_at_step(scene: Scene, step: str, number: int) -> None:
    scene.restore_old_store()
    moment = ("before", "after")[number % 2]
    count = 1 if step in CALLED_ONCE else 1 + number // 2 % 2
    rebuild = ["--rebuild"] if number % 3 == 2 else []
    with AskingReader(scene) as reader:
        process = start(scene.folder, *rebuild, "--die", step, moment, str(count))
        process.wait(60)
        assert process.returncode == -signal.SIGKILL, "the step was not reached"
        settle(scene, process, reader)


@pytest.mark.parametrize("number", range(6))
def test_killed_at_a_random_moment(scene: Scene, fates: Counter[str], number: int) -> None:
    kill_at_random(scene, number, fates)


@pytest.mark.parametrize("step", list(STEPS))
def test_killed_at_each_step(scene: Scene, step: str) -> None:
    kill_at_step(scene, step, list(STEPS).index(step))


@pytest.mark.long
@pytest.mark.parametrize("number", range(RANDOM_KILLS))
def test_killed_at_many_random_moments(scene: Scene, fates: Counter[str], number: int) -> None:
    kill_at_random(scene, 1000 + number, fates)


@pytest.mark.long
def test_most_kills_fell_into_the_work(fates: Counter[str]) -> None:
    assert fates["too late"] < 0.2 * RANDOM_KILLS, fates
    assert fates["old"] > 0.1 * RANDOM_KILLS, fates
    assert fates["new"] > fates["too late"], "none fell after the publication"


@pytest.mark.long
@pytest.mark.parametrize("number", range(KILLS_OF_A_STEP))
@pytest.mark.parametrize("step", list(STEPS))
def test_killed_five_times_at_each_step(scene: Scene, step: str, number: int) -> None:
    kill_at_step(scene, step, number)


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
