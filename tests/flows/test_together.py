"""Work side by side: in order, at once, and soon over when a piece of it fails."""

from __future__ import annotations

import threading

import pytest

from ragkit.flows.together import side_by_side


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
