"""Ending work before it is done: what is told, and the wish for it that others can be told of."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable

from ragkit.errors import NotReady, RagkitError

STOPPED = "the answer was stopped"


class Cancel(threading.Event):
    """An event that tells of each change, in the thread that makes it."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed

    def set(self) -> None:
        super().set()
        self._changed()

    def clear(self) -> None:
        super().clear()
        self._changed()


def each_told(error: Exception) -> RagkitError:
    """An error object for one more thread: what several raise would gather the tracebacks of all.

    An error's own words are not repeated where it is not of ragkit's making: they may hold anything.
    """
    if isinstance(error, RagkitError):
        told = copy.copy(error)
    else:
        told = NotReady(
            f"the model failed with {type(error).__name__}",
            hint="Run the command again with -v for the traceback; check the model's file: "
            "ragkit models verify",
        )
    told.__cause__ = error
    return told
