"""A side of a comparison in a process of its own."""

from __future__ import annotations

import os

import pytest

from ragkit.bench.apart import Apart
from ragkit.errors import NotReady


class Side:
    def __init__(self, first: int, *, step: int) -> None:
        self.now, self.step = first, step

    def next(self, times: int) -> tuple[int, int]:
        self.now += self.step * times
        return self.now, os.getpid()

    def fail(self) -> None:
        raise ValueError("words of a document")

    def end(self) -> None:
        os._exit(7)

    def close(self) -> None:
        """Nothing to do."""


def test_sides_keep_what_they_are_each_in_its_own_process() -> None:
    one, other = Apart(Side), Apart(Side)
    one.open(10, step=1)
    other.open(20, step=5)
    (a, its_process), (b, others_process) = one("next", 2), other("next", 1)
    assert (a, b) == (12, 25)
    assert len({its_process, others_process, os.getpid()}) == 3
    assert one("next", 1)[0] == 13
    one.close()  # not in the order in which they were made
    other.close()
    with pytest.raises(ProcessLookupError):
        os.kill(its_process, 0)


def test_what_fails_in_a_side_is_told_without_its_words() -> None:
    side = Apart(Side)
    side.open(0, step=1)
    with pytest.raises(NotReady) as failed:
        side("fail")
    assert "ValueError" in str(failed.value)
    assert "document" not in str(failed.value)
    assert side("next", 1)[0] == 1
    with pytest.raises(NotReady, match="exit code 7"):
        side("end")
    side.close()
