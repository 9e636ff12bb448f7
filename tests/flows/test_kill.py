"""kill -9 at random moments of an ingest: the old state answers until the new one does, nothing else."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.catalog import Catalog
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
    killed: list[int]
    """How many contents were kept at each kill."""

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
    return Scene(folder, old, published_state(store, exact=False), time.monotonic() - started, [])


@pytest.mark.parametrize("number", range(5))
def test_killed_ingest_leaves_old_or_new_and_goes_on(scene: Scene, number: int) -> None:
    _kill_and_go_on(scene, seed=number)


def test_the_kills_fell_into_the_work(scene: Scene) -> None:
    """At least one of them between the first document that was kept and the last."""
    whole = _kept_contents(scene.folder / "old-store")
    assert any(kept > whole for kept in scene.killed), scene.killed


@pytest.mark.long
@pytest.mark.parametrize("number", range(10))
def test_killed_ingest_ten_times(scene: Scene, number: int) -> None:
    _kill_and_go_on(scene, seed=100 + number)


def _kill_and_go_on(scene: Scene, seed: int) -> None:
    scene.restore_old_store()
    process = scene.ingest()
    time.sleep(random.Random(seed).uniform(0.3, 0.9) * scene.seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert published_state(scene.store, exact=False) in (scene.old, scene.new)
    scene.killed.append(_kept_contents(scene.store))
    assert scene.ingest().wait(120) == 0
    assert published_state(scene.store, exact=False) == scene.new


def _kept_contents(store: Path) -> int:
    with Catalog.open_for_reading(store) as catalog:
        return int(catalog.connection.execute("SELECT count(*) FROM contents").fetchone()[0])
