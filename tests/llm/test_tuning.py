"""What is measured once, remembered for this machine, and taken only where it is clearly better."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ragkit.llm import tuning
from ragkit.llm.runtime import ContextSettings, Row
from ragkit.llm.tuning import tuned
from tests.llm.lowlevel import FakeRuntime

USUAL = ContextSettings(cells=4096, slots=4, threads=4, batch_threads=4, batch=512)


class Machine:
    """A clock that is moved by computing: seconds for a row, by number of threads."""

    def __init__(self, reading: dict[int, float], writing: dict[int, float]) -> None:
        self.reading, self.writing = reading, writing
        self.now = 0.0
        self.share = 2.0
        self.today = 1e9
        self.opened: list[int] = []

    def clock(self) -> float:
        return self.now

    def open(self, settings: ContextSettings) -> FakeRuntime:
        self.opened.append(settings.threads)
        runtime = FakeRuntime(cells=settings.cells, largest_batch=512, slots=settings.slots)
        decode = runtime.decode

        def slow(rows: Sequence[Row]) -> int:
            speeds = self.reading if len(rows) > 1 else self.writing
            self.now += len(rows) * speeds[settings.threads]
            return decode(rows)

        runtime.decode = slow  # type: ignore[method-assign]
        return runtime

    def tuned(self, folder: Path | None, library: str = "1", cores: int = 4) -> ContextSettings:
        return tuned(
            USUAL, self.open, folder, library, cores, self.clock, self.used, lambda: self.today
        )

    def used(self) -> float:
        return self.share * self.now


@pytest.fixture
def machine() -> Callable[..., Machine]:
    def make(reading: dict[int, float], writing: dict[int, float]) -> Machine:
        return Machine(reading, writing)

    return make


EVEN = {1: 1e-3, 2: 1e-3, 3: 1e-3, 4: 1e-3}


def test_threads_for_prompts_and_for_writing_are_found_apart(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    found = machine({**EVEN, 4: 5e-4}, {**EVEN, 2: 5e-4}).tuned(tmp_path / "engine")
    assert (found.batch_threads, found.threads) == (4, 2)
    assert (found.cells, found.slots) == (USUAL.cells, USUAL.slots)


def test_a_little_faster_is_not_worth_another_way(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    found = machine({**EVEN, 2: 0.95e-3}, {**EVEN, 3: 0.95e-3}).tuned(tmp_path)
    assert (found.batch_threads, found.threads) == (4, 4)


def test_it_is_measured_once_for_a_library_and_a_machine(
    machine: Callable[..., Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = machine(EVEN, {**EVEN, 2: 5e-4})
    first = one.tuned(tmp_path)
    measured = len(one.opened)
    assert one.tuned(tmp_path) == first
    assert len(one.opened) == measured
    one.tuned(tmp_path, library="2")
    assert len(one.opened) == 2 * measured
    monkeypatch.setattr(tuning, "machine_id", lambda: "another")
    one.tuned(tmp_path, library="2")
    assert len(one.opened) == 3 * measured


def test_beside_other_programs_nothing_is_learned(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    one = machine(EVEN, {**EVEN, 2: 5e-4})
    one.share = 0.5
    assert one.tuned(tmp_path) == USUAL
    assert len(one.opened) == 1  # what follows could not be trusted either
    one.share = 2.0
    one.today += tuning.BUSY_SECONDS + 1
    assert one.tuned(tmp_path).threads == 2


def test_a_busy_machine_is_not_measured_at_every_start(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    one = machine(EVEN, {**EVEN, 2: 5e-4})
    one.share = 0.5
    for _ in range(3):
        assert one.tuned(tmp_path) == USUAL
    assert len(one.opened) == 1
    one.share = 2.0
    assert one.tuned(tmp_path, library="2").threads == 2  # another library is another question


def test_slow_models_read_in_smaller_batches_so_that_they_can_be_stopped(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    slow = dict.fromkeys(EVEN, 0.05)
    assert machine(slow, slow).tuned(tmp_path).batch == 64
    assert machine(EVEN, EVEN).tuned(tmp_path / "fast").batch == 512


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": 1}', '{"version": 1, "library": "1", "threads": "many"}']
)
def test_what_was_damaged_is_measured_again(
    machine: Callable[..., Machine], tmp_path: Path, content: str
) -> None:
    one = machine(EVEN, {**EVEN, 2: 5e-4})
    one.tuned(tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(content)
    assert one.tuned(tmp_path).threads == 2
    assert json.loads(path.read_text())["threads"] == 2


def test_without_a_folder_nothing_is_measured(machine: Callable[..., Machine]) -> None:
    one = machine(EVEN, EVEN)
    assert one.tuned(None) == USUAL
    assert not one.opened
