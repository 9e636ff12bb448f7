"""Independent pieces of work side by side, for a model that computes several texts at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Item, threading.Event], Result], items: Sequence[Item], most: int
) -> list[Result]:
    """What `work` makes of each item, in their order, at most `most` at once.

    The event given to `work` is set when another item failed or Ctrl-C was pressed: then it should
    soon end. What failed first, in the order of the items, is raised.
    """
    stop = threading.Event()
    if most < 2 or len(items) < 2:
        return [work(item, stop) for item in items]
    with ThreadPoolExecutor(min(most, len(items)), "ragkit-together") as pool:
        begun = [pool.submit(work, item, stop) for item in items]
        try:
            return [one.result() for one in begun]
        except BaseException:
            stop.set()
            for one in begun:
                one.cancel()
            raise
