"""kill -9 in the middle of an ingest: the old state answers until the new one does, nothing else."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.scene import write_files
from tests.flows.corpus import published_state

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Scene:
    """A folder with an old published state and files that have changed since."""

    folder: Path
    old: dict[str, object]
    new: dict[str, object]
    seconds: float
    """What an ingest of the changes took."""

    @property
    def store(self) -> Path:
        return self.folder / ".ragkit" / "p"

    def restore_old_store(self) -> None:
        shutil.rmtree(self.store)
        shutil.copytree(self.folder / "old-store", self.store)

    def ingest(self) -> subprocess.Popen[bytes]:
        return _ingest(self.folder)


def _ingest(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ragkit", "ingest", "p", "-q"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    files = folder / "files"
    files.mkdir()
    (folder / "pipelines.yaml").write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    write_files(files, range(20), seed=1)
    assert _ingest(folder).wait(120) == 0
    store = folder / ".ragkit" / "p"
    shutil.copytree(store, folder / "old-store")
    old = published_state(store, exact=False)
    write_files(files, range(10, 40), seed=2)  # ten changed, twenty new
    (files / "000.txt").rename(files / "renamed.txt")
    (files / "001.txt").unlink()
    started = time.monotonic()
    assert _ingest(folder).wait(120) == 0
    seconds = time.monotonic() - started
    return Scene(folder, old, published_state(store, exact=False), seconds)


@pytest.mark.parametrize(
    "kept", [1, *(pytest.param(kept, marks=pytest.mark.long) for kept in (6, 11, 16)), 21]
)
def test_killed_ingest_leaves_old_and_goes_on(scene: Scene, kept: int) -> None:
    """Killed when so many of the 30 changed documents had been kept: at the work, however slow it is."""
    scene.restore_old_store()
    before = _contents(scene.store)
    process = scene.ingest()
    while process.poll() is None and _contents(scene.store) < before + kept:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL, "it ended before it was killed"
    assert _contents(scene.store) >= before + kept
    assert published_state(scene.store, exact=False) == scene.old
    _go_on(scene)


@pytest.mark.long
@pytest.mark.parametrize("number", range(10))
def test_killed_at_a_random_moment(scene: Scene, number: int) -> None:
    """It may have published by then, or ended."""
    scene.restore_old_store()
    process = scene.ingest()
    time.sleep(random.Random(number).uniform(0.3, 0.9) * scene.seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert published_state(scene.store, exact=False) in (scene.old, scene.new)
    _go_on(scene)


def _go_on(scene: Scene) -> None:
    assert scene.ingest().wait(120) == 0
    assert published_state(scene.store, exact=False) == scene.new


def _contents(store: Path) -> int:
    """How many contents are kept; 0 while it cannot be told."""
    try:
        with closing(sqlite3.connect(f"file:{store}/catalog.db?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM contents").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
