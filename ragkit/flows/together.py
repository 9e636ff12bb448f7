"""Independent pieces of work side by side, for a model that computes several texts at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

from ragkit.protocols import Generation, Generator, Message

Item = TypeVar("Item")
Result = TypeVar("Result")


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


class Stoppable:
    """Implements protocols.Generator over another one: its texts end with a stop, others do not."""

    def __init__(self, generator: Generator, stop: Stop) -> None:
        self._generator = generator
        self._stop = stop
        self.name = generator.name
        self.digest = generator.digest
        self.context = generator.context
        self.parallel = generator.parallel

    def count_tokens(self, text: str) -> int:
        return self._generator.count_tokens(text)

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> Generation:
        generation = self._generator.start(messages, opening=opening, seconds=seconds)
        self._stop.ends(generation)
        return generation

    def close(self) -> None:
        self._generator.close()


def side_by_side(
    work: Callable[[Item, Stop], Result], items: Sequence[Item], most: int
) -> list[Result]:
    """What `work` makes of each item, in their order, at most `most` at once.

    The stop given to `work` is set when another item failed or Ctrl-C was pressed: then it should
    soon end. What failed first is raised; of several at the same moment, the first of the items.
    """
    stop = Stop()
    if most < 2 or len(items) < 2:
        return [work(item, stop) for item in items]
    with ThreadPoolExecutor(min(most, len(items)), "ragkit-together") as pool:
        begun: list[Future[Result]] = []
        try:
            begun += (pool.submit(work, item, stop) for item in items)
            ended = wait(begun, return_when=FIRST_EXCEPTION).done
            return [one.result() for one in begun if one in ended]
        except BaseException:
            for one in begun:
                one.cancel()
            stop.set()
            raise
