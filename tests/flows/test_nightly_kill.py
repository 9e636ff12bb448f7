"""kill -9 at random moments of a night: the next report tells exactly what changed, and nothing is lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.corpus import published_state

pytestmark = pytest.mark.real

TEXT = "The supplier number {0} delivers {1} pumps within {2} days, and payment falls due in May.\n"
TRUE_CHANGES = {
    "added": [f"{number:03}.txt" for number in range(20, 30)],
    "changed": [f"{number:03}.txt" for number in range(10, 20)],
    "renamed": [["000.txt", "renamed.txt"]],
    "removed": ["001.txt"],
}
TRUE_FAILURES = {"broken.pdf": False, "second.pdf": True}
"""path -> whether the report after the changes has to mark it as new."""


@dataclass(frozen=True)
class Scene:
    """A folder that has changed since its first report, and the state an undisturbed night makes."""

    folder: Path
    undisturbed: dict[str, object]
    seconds: float

    @property
    def store(self) -> Path:
        return self.folder / ".ragkit" / "p"

    def restore_first_night(self) -> None:
        shutil.rmtree(self.store)
        shutil.copytree(self.folder / "first-night", self.store)

    def start_night(self) -> subprocess.Popen[bytes]:
        return _start_night(self.folder)

    def end_night(self) -> int:
        return _end_night(self.folder)


def _start_night(folder: Path) -> subprocess.Popen[bytes]:
    # Its complaints go to a file: a pipe would stay open in the parsers that a kill leaves behind.
    with (folder / "complaints").open("wb") as complaints:
        return subprocess.Popen(
            [sys.executable, "-m", "ragkit", "nightly", "--all", "-q"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )


def _end_night(folder: Path) -> int:
    """A night that nobody disturbs; its exit code, 0 or 3."""
    code = _start_night(folder).wait(180)
    assert code in (0, 3), _what_it_said(folder)
    return code


def _what_it_said(folder: Path) -> str:
    report = folder / ".ragkit" / "p" / "runs" / "latest.md"
    said = (folder / "complaints").read_text(encoding="utf-8")
    return said + (report.read_text(encoding="utf-8") if report.exists() else "")


def _write(files: Path, numbers: range, seed: int) -> None:
    chance = random.Random(seed)
    for number in numbers:
        lines = [TEXT.format(number, *(chance.randint(2, 900) for _ in range(2))) for _ in range(8)]
        _settled(files / f"{number:03}.txt", "".join(lines), seed)


def _settled(path: Path, text: str, seed: int) -> None:
    """A file that was last changed long ago: its time can be trusted."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_600_000_000 + seed, 1_600_000_000 + seed))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    files = folder / "files"
    files.mkdir()
    (folder / "pipelines.yaml").write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    _write(files, range(20), seed=1)
    _settled(files / "broken.pdf", "%PDF-1.4 cut off", seed=1)
    assert _end_night(folder) == 3
    store = folder / ".ragkit" / "p"
    shutil.copytree(store, folder / "first-night")
    _write(files, range(10, 30), seed=2)  # ten changed, ten new
    (files / "000.txt").rename(files / "renamed.txt")
    (files / "001.txt").unlink()
    _settled(files / "second.pdf", "%PDF-1.4 cut off as well", seed=2)
    started = time.monotonic()
    assert _end_night(folder) == 3
    seconds = time.monotonic() - started
    _require_true_report(store)
    return Scene(folder, published_state(store, exact=False), seconds)


@pytest.mark.parametrize("number", range(2))
def test_killed_nights_lose_and_repeat_nothing(scene: Scene, number: int) -> None:
    _kill_and_go_on(scene, kills=1, seed=number)


@pytest.mark.long
@pytest.mark.parametrize("number", range(10))
def test_killed_nights_ten_times(scene: Scene, number: int) -> None:
    _kill_and_go_on(scene, kills=1 + number % 3, seed=100 + number)


def _kill_and_go_on(scene: Scene, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    scene.restore_first_night()
    for _ in range(kills):
        process = scene.start_night()
        time.sleep(chance.uniform(0.3, 1.0) * scene.seconds)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    told = _reports(scene.store)
    code = scene.end_night()
    assert published_state(scene.store, exact=False) == scene.undisturbed
    last = _reports(scene.store)[-1]
    assert _files(scene.store) >= {f"{last['run']}.json", f"{last['run']}.md", "latest.md"}
    if (
        len(told) > 1
    ):  # it was killed after it had kept the report: the rest is telling nothing twice
        assert code == 0
        assert _changes(last) == {"added": [], "changed": [], "renamed": [], "removed": []}
        last = told[1]
        assert {f"{last['run']}.json", f"{last['run']}.md"} <= _files(scene.store)
    else:
        assert code == 3
        _require_true_report(scene.store)
    assert _changes(last) == TRUE_CHANGES
    assert _failures(last) == TRUE_FAILURES


def _require_true_report(store: Path) -> None:
    report = json.loads((store / "runs" / "latest.json").read_text(encoding="utf-8"))
    assert _changes(report) == TRUE_CHANGES
    assert _failures(report) == TRUE_FAILURES


def _reports(store: Path) -> list[dict]:
    """The reports that the catalog keeps, oldest first."""
    from ragkit.catalog import Catalog, Runs

    with Catalog.open_for_reading(store) as catalog, catalog.snapshot():
        runs = Runs(catalog)
        return [runs.report(number) or {} for number in reversed(runs.reported(100))]


def _files(store: Path) -> set[str]:
    return {path.name for path in (store / "runs").iterdir()}


def _changes(report: dict) -> dict[str, object]:
    return {name: report[name] for name in TRUE_CHANGES}


def _failures(report: dict) -> dict[str, bool]:
    return {failure["document"]: failure["new"] for failure in report["failures"]}
