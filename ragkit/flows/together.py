"""A stop for work that goes on beside other work: texts of a model that computes several at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from ragkit.flows.passing_on import Around
from ragkit.protocols import Generation, Generator, Message


class Closable(Protocol):
    """What ends soon when it is closed from another thread."""

    def close(self) -> None: ...


class Stop(threading.Event):
    """Once set, work should end soon; what was handed to `ends` is closed, so that it does."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()  # protects `_open` and the moment of setting
        self._open: list[Closable] = []

    def ends(self, one: Closable) -> None:
        """Have it closed with the stop; at once if the stop is set already."""
        with self._guard:
            self._open.append(one)
            late = self.is_set()
        if late:
            one.close()

    def set(self) -> None:
        with self._guard:
            super().set()
            closing = list(self._open)
        for one in closing:
            one.close()


class Stoppable(Around):
    """Implements protocols.Generator over another one: its texts end with a stop, others do not."""

    def __init__(self, generator: Generator, stop: Stop) -> None:
        super().__init__(generator)
        self._stop = stop

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> Generation:
        generation = self._generator.start(messages, opening=opening, seconds=seconds)
        self._stop.ends(generation)
        return generation
