"""A store made once with fake models, and ragkit's command run in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.cli.main import cli
from ragkit.isolation import Isolation
from ragkit.workspace import Workspace
from tests.hygiene.desk import LEASE, LETTER, Desk
from tests.hygiene.models import FakeBuilder


@pytest.fixture(autouse=True)
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragkit.workspace.base.Builder", FakeBuilder)


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.write("a", "lease.md", LEASE)
    desk.write("a", "letter.md", LETTER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
        with Workspace(desk.root / "pipelines.yaml", models=desk.root / "home") as workspace:
            workspace.nightly("a")
    (desk.root / "pipelines.yaml").unlink()  # else the copies' stores would belong to this file
    return desk.root


@pytest.fixture
def made(master: Path, tmp_path: Path) -> Desk:
    """A copy that a test can spoil."""
    shutil.copytree(master, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def _ran(*words: str) -> int:
    try:
        cli(list(words), prog_name="ragkit", standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def run_here() -> Callable[..., int]:
    """ragkit's command in this process, where it is; returns the exit code."""
    return _ran


@pytest.fixture
def run(made: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """ragkit's command on `made`, unsealed: a test's process must go on. Returns the exit code."""
    monkeypatch.setattr("ragkit.cli.door.seal", lambda **given: Isolation("A", (), ""))
    monkeypatch.setenv("RAGKIT_MODELS", str(made.root / "home"))
    monkeypatch.chdir(made.root)
    return _ran
