"""A client whose other end is a fake: quick to start, and able to misbehave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragkit.remote import worker
from ragkit.remote.client import Workspace

Marks = Callable[[str], list[str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    path = tmp_path / "pipelines.yaml"
    path.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    return path


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Marks:
    """What the fake notes, waited for: marks("slow") returns the lines once one begins with it."""
    file = tmp_path / "marks"
    file.touch()
    monkeypatch.setenv("RAGKIT_TEST_MARKS", str(file))

    def lines(word: str) -> list[str]:
        for _ in range(600):
            found = file.read_text(encoding="utf-8").splitlines()
            if any(line.startswith(word) for line in found):
                return found
            time.sleep(0.05)
        raise AssertionError(f"the other end never noted {word}")

    return lines


@pytest.fixture
def fake(config: Path, marks: Marks, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(worker, "MODULE", "tests.remote.fakes")
    with Workspace(config) as workspace:
        yield workspace


@pytest.fixture
def hostile(config: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(worker, "MODULE", "tests.remote.fakes")
    monkeypatch.setenv("RAGKIT_TEST_HOSTILE", "1")
    with Workspace(config) as workspace:
        yield workspace
