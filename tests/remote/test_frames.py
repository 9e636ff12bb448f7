"""Frames: whole objects, within a size and a number of values."""

from __future__ import annotations

import socket
import time

import pytest

from ragkit.remote import frames
from ragkit.remote.frames import BadFrame, Channel, EndOfStream


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


@pytest.mark.parametrize(
    "said", [b"", b"\0\0", b"\0\0\0\x09{"], ids=["nothing", "2 bytes", "a part"]
)
def test_nobody_is_waited_for_after_the_deadline(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)  # without the deadline: a timeout's own fault, or waiting for ever
        theirs.sendall(said)
        with pytest.raises(EndOfStream) as caught:
            Channel(ours).receive(time.monotonic() + 0.05)
    assert caught.value.__cause__ is None


def test_who_always_has_something_to_say_is_late_too() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Channel(theirs).send({})
        with pytest.raises(EndOfStream):
            Channel(ours).receive(time.monotonic())
        assert Channel(ours).receive(time.monotonic() + 60) == {}
