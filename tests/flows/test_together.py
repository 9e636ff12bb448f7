"""Work side by side: in order, at once, and soon over when a piece of it fails."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from ragkit.errors import Interrupted
from ragkit.flows import together
from ragkit.flows.together import Stop, Stoppable, side_by_side
from ragkit.protocols import Message
from tests.llm.lowlevel import ByteGenerator, FakeRuntime


@pytest.mark.parametrize("most", [1, 3, 20])
def test_results_come_in_the_order_of_the_items(most: int) -> None:
    items = list(range(10))
    assert side_by_side(lambda item, stop: item * item, items, most) == [n * n for n in items]


def test_as_many_at_once_as_are_allowed() -> None:
    meeting = threading.Barrier(3)
    side_by_side(lambda item, stop: meeting.wait(10), range(6), 3)  # breaks if fewer come


def test_a_failure_stops_the_others() -> None:
    def work(item: int, stop: threading.Event) -> bool:
        if item == 0:
            raise ValueError("item 0")
        return stop.wait(10)

    with pytest.raises(ValueError, match="item 0"):
        side_by_side(work, range(8), 2)


def test_the_fault_that_came_first_is_told_at_once_whatever_its_place() -> None:
    ended: list[str] = []

    def work(item: int, stop: Stop) -> None:
        if item == 1:
            raise ValueError("item 1")
        ended.append("stopped" if stop.wait(10) else "ran to its end")

    with pytest.raises(ValueError, match="item 1"):
        side_by_side(work, [0, 1], 2)
    assert ended == ["stopped"]


def test_a_fault_ends_texts_that_are_being_written() -> None:
    runtime = FakeRuntime(cells=4000)
    writing = threading.Event()
    runtime.before_batch = writing.set
    faults: list[BaseException] = []
    with closing(ByteGenerator(runtime, 3000)) as generator:

        def work(item: int, stop: Stop) -> str:
            if item == 1:
                assert writing.wait(10)
                raise ValueError("item 1")
            try:
                with closing(Stoppable(generator, stop).start([Message("user", "Go.")])) as text:
                    return text.generate(max_tokens=2900, stop=[])
            except Interrupted as fault:
                faults.append(fault)
                raise

        with pytest.raises(ValueError, match="item 1"):
            side_by_side(work, [0, 1], 2)
        assert len(faults) == 1
        assert sum(map(len, runtime.batches)) < 2900
        with closing(generator.start([Message("user", "Others go on.")])) as text:
            assert text.generate(max_tokens=3, stop=[])


def test_ctrl_c_ends_texts_that_are_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(cells=4000)
    writing = threading.Event()
    runtime.before_batch = writing.set

    def pressed(*_: object, **__: object) -> None:
        assert writing.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(together, "wait", pressed)
    with closing(ByteGenerator(runtime, 3000)) as generator:

        def work(item: int, stop: Stop) -> str:
            with closing(Stoppable(generator, stop).start([Message("user", f"{item}")])) as text:
                return text.generate(max_tokens=1400, stop=[])

        with pytest.raises(KeyboardInterrupt):
            side_by_side(work, range(6), 2)
    assert sum(map(len, runtime.batches)) < 2800


def test_what_is_begun_after_the_stop_is_ended_at_once() -> None:
    stop = Stop()
    stop.set()
    with closing(ByteGenerator(FakeRuntime(), 500)) as generator:
        late = Stoppable(generator, stop).start([Message("user", "too late")])
        with pytest.raises(RuntimeError, match="closed"):
            late.generate(max_tokens=1, stop=[])
