"""What is measured once, remembered for this machine, and taken only where it is clearly better."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.llm import tuning
from ragkit.llm.runtime import ContextSettings, Row
from ragkit.llm.tuning import Choice, tuned
from tests.llm.lowlevel import FakeRuntime

USUAL = ContextSettings(cells=4096, slots=4, threads=4, batch_threads=4, batch=512, flash=False)
BOTH = (False, True)


class Machine:
    """A clock that is moved by computing: seconds for a row, by number of threads.

    flash: times as long as without, of prompts and of writing, after much else.
    """

    def __init__(
        self,
        reading: dict[int, float],
        writing: dict[int, float],
        flash: tuple[float, float] = (1.0, 2.0),
    ) -> None:
        self.reading, self.writing, self.flash = reading, writing, flash
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
            is_writing = len(rows) == 1
            speeds = self.writing if is_writing else self.reading
            slower = self.flash[is_writing] if settings.flash and runtime.repeated > 1 else 1.0
            self.now += len(rows) * speeds[settings.threads] * slower
            return decode(rows)

        runtime.decode = slow  # type: ignore[method-assign]
        return runtime

    def tuned(
        self,
        folder: Path | None,
        library: str = "1",
        *,
        threads: bool = True,
        ways: tuple[bool, ...] = BOTH,
    ) -> ContextSettings:
        choice = Choice(replace(USUAL, flash=ways[0]), threads, ways)
        return tuned(
            choice, self.open, folder, library, 4, self.clock, self.used, lambda: self.today
        )

    def used(self) -> float:
        return self.share * self.now


@pytest.fixture
def machine() -> Callable[..., Machine]:
    return Machine


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


def test_flash_attention_is_taken_where_an_answer_is_no_slower(tmp_path: Path) -> None:
    """Nine of ten tokens of an answer are read, so prompts count for more than writing."""
    for number, (flash, expected) in enumerate(
        {(1.0, 1.0): True, (1.0, 1.5): False, (0.8, 2.0): True, (0.9, 2.0): False}.items()
    ):
        found = Machine(EVEN, EVEN, flash).tuned(tmp_path / str(number))
        assert found.flash is expected


def test_what_the_user_has_chosen_stays(tmp_path: Path) -> None:
    slow_flash = Machine(EVEN, {**EVEN, 2: 5e-4})
    fixed = slow_flash.tuned(tmp_path, ways=(True,))
    assert (fixed.flash, fixed.threads) == (True, 2)
    fixed = slow_flash.tuned(tmp_path, threads=False)
    assert (fixed.flash, fixed.threads) == (False, 4)
    opened = len(slow_flash.opened)
    assert slow_flash.tuned(tmp_path, threads=False, ways=(True,)).threads == 4
    assert len(slow_flash.opened) == opened


def test_what_was_measured_with_a_choice_says_nothing_about_another(tmp_path: Path) -> None:
    one = Machine(EVEN, EVEN, (0.5, 0.5))
    assert not one.tuned(tmp_path, ways=(False,)).flash
    assert one.tuned(tmp_path).flash
    assert not one.tuned(tmp_path, ways=(False,)).flash


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
