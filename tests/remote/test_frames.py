"""Frames: whole objects, within a size and a number of values."""

from __future__ import annotations

import socket

import pytest

from ragkit.remote import frames
from ragkit.remote.frames import BadFrame, Channel


@pytest.mark.parametrize(("most", "passes"), [(11, False), (40, True)])
def test_values_are_counted_before_they_take_memory(
    monkeypatch: pytest.MonkeyPatch, most: int, passes: bool
) -> None:
    monkeypatch.setattr(frames, "MOST_VALUES", most)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        value = {"result": [[] for _ in range(10)]}
        Channel(theirs).send(value)
        if passes:
            assert Channel(ours).receive() == value
        else:
            with pytest.raises(BadFrame):
                Channel(ours).receive()
