"""kill -9 of a purge: readers see the document or no trace of it, and the next purge or ingest ends it."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.holdings import undeclared_files
from tests.crash.child import PURGE_STEPS
from tests.crash.scene import AskingReader, Scene, run, start
from tests.flows.corpus import published_state

PURGED = "002.txt"


@pytest.fixture(scope="module")
def purged(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """old: everything; new: without the purged document. The folder stays as the store knows it."""
    made = Scene.make(tmp_path_factory.mktemp("purge"))
    documents = made.old["documents"]
    assert isinstance(documents, dict)
    left = {path: shown for path, shown in documents.items() if path != PURGED}
    return replace(made, new={**made.old, "documents": left})


def pending(store: Path) -> bool:
    with Catalog.open_for_writing(store) as catalog:
        return Erasing(catalog).is_pending


def settle(scene: Scene, reader: AskingReader, *, by_ingest: bool) -> None:
    assert published_state(scene.store) in (scene.old, scene.new)
    assert undeclared_files(scene.store) == []
    assert reader.faults == []
    if by_ingest:
        is_taken_out = published_state(scene.store) == scene.new
        assert run(scene.folder) == 0
        assert not (is_taken_out and pending(scene.store))
        return
    assert run(scene.folder, "--purge", PURGED) == 0
    assert published_state(scene.store) == scene.new
    assert not pending(scene.store)


def kill_at(scene: Scene, step: str, moment: str, *, by_ingest: bool) -> None:
    scene.restore_old_store()
    with AskingReader(scene) as reader:
        process = start(scene.folder, "--purge", PURGED, "--die", step, moment, "1")
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, "the step was not reached"
    if step == "the purge has its certificate" and moment == "after":
        assert published_state(scene.store) == scene.new
        assert reader.faults == []
        return
    settle(scene, reader, by_ingest=by_ingest)


@pytest.mark.parametrize("step", ["the documents are taken out", "the log is emptied for good"])
def test_killed_at_a_step_of_a_purge(purged: Scene, step: str) -> None:
    kill_at(purged, step, "after", by_ingest=False)


def test_an_ingest_ends_a_purge_that_was_killed(purged: Scene) -> None:
    kill_at(purged, "the words are merged", "before", by_ingest=True)


@pytest.mark.long
@pytest.mark.parametrize("by_ingest", [False, True], ids=["purge", "ingest"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", list(PURGE_STEPS))
def test_killed_at_every_step_of_a_purge(
    purged: Scene, step: str, moment: str, by_ingest: bool
) -> None:
    kill_at(purged, step, moment, by_ingest=by_ingest)


@pytest.mark.long
@pytest.mark.parametrize("number", range(40))
def test_a_purge_killed_at_a_random_moment(purged: Scene, number: int) -> None:
    chance = random.Random(number)
    purged.restore_old_store()
    with AskingReader(purged) as reader:
        process = start(purged.folder, "--purge", PURGED)
        time.sleep(chance.uniform(0.2, 1.0) * purged.seconds)
        if process.poll() is not None:
            assert process.returncode == 0
            return
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    settle(purged, reader, by_ingest=number % 3 == 0)
