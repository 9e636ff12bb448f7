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
LETTER = "The surgeon number {0} saw the knee on Monday and the shoulder on Tuesday of week {0}.\n"
ALSO = {
    "2024/a.txt": LETTER.format(1).encode(),
    "2024/b.txt": LETTER.format(2).encode(),
    "mail.eml": b"From: a@example.org\nSubject: The scan\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nSee attached.\n"
    b"--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=scan.txt\n\n"
    b"Supplier owes 900 euros for the pumps.\n--x--\n",
}
NAMED = {
    PURGED: (PURGED,),
    "2024": ("2024/a.txt", "2024/b.txt"),
    "2024/*": ("2024/a.txt", "2024/b.txt"),
    "mail.eml::scan.txt": ("mail.eml", "mail.eml::scan.txt"),
}
"""What is given to a purge, and the documents that it means."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene.make(tmp_path_factory.mktemp("purge"), ALSO)


def purge_of(made: Scene, name: str) -> Scene:
    """old: everything; new: without what is purged. The folder stays as the store knows it."""
    documents = made.old["documents"]
    assert isinstance(documents, dict)
    assert set(NAMED[name]) <= documents.keys()
    left = {path: shown for path, shown in documents.items() if path not in NAMED[name]}
    return replace(made, new={**made.old, "documents": left})


@pytest.fixture
def purged(made: Scene) -> Scene:
    return purge_of(made, PURGED)


def pending(store: Path) -> bool:
    with Catalog.open_for_writing(store) as catalog:
        return Erasing(catalog).is_pending


def settle(scene: Scene, reader: AskingReader, *, by_ingest: bool, name: str = PURGED) -> None:
    assert published_state(scene.store) in (scene.old, scene.new)
    assert undeclared_files(scene.store) == []
    assert reader.faults == []
    if by_ingest:
        is_taken_out = published_state(scene.store) == scene.new
        assert run(scene.folder) == 0
        assert not (is_taken_out and pending(scene.store))
        return
    assert run(scene.folder, "--purge", name) == 0
    assert published_state(scene.store) == scene.new
    assert not pending(scene.store)


def kill_at(scene: Scene, step: str, moment: str, *, by_ingest: bool, name: str = PURGED) -> None:
    scene.restore_old_store()
    with AskingReader(scene) as reader:
        process = start(scene.folder, "--purge", name, "--die", step, moment, "1")
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, "the step was not reached"
    if step == "the purge has its certificate" and moment == "after":
        assert published_state(scene.store) == scene.new
        assert reader.faults == []
        return
    settle(scene, reader, by_ingest=by_ingest, name=name)


@pytest.mark.parametrize("step", ["the documents are taken out", "the log is emptied for good"])
def test_killed_at_a_step_of_a_purge(purged: Scene, step: str) -> None:
    kill_at(purged, step, "after", by_ingest=False)


@pytest.mark.parametrize("name", [name for name in NAMED if name != PURGED])
def test_the_same_command_ends_it_however_it_names_the_documents(made: Scene, name: str) -> None:
    scene = purge_of(made, name)
    kill_at(scene, "the words are merged", "before", by_ingest=False, name=name)


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
@pytest.mark.parametrize("number", range(20))
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
