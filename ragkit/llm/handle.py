"""A loaded model's place in memory, given back when nobody is in native code with it any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ragkit.errors import Interrupted

CLOSED = "the model was closed"


class ModelHandle:
    """Handed a model, and how it is freed. Freed memory in native code ends the whole process."""

    def __init__(self, model: Any, free: Callable[[Any], None]) -> None:
        self._model = model
        self._free = free
        self._guard = threading.Lock()  # protects what follows
        self._inside = 0
        self._closed = False

    @contextmanager
    def use(self) -> Iterator[Any]:
        """The model, which stays as long as this holds. Raises Interrupted once it is closed."""
        with self._guard:
            if self._closed:
                raise Interrupted(CLOSED)
            self._inside += 1
        try:
            yield self._model
        finally:
            with self._guard:
                self._inside -= 1
            self._free_if_left()

    def close(self) -> None:
        """Refuse who comes; who leaves last frees the model. May be called again."""
        with self._guard:
            self._closed = True
        self._free_if_left()

    def _free_if_left(self) -> None:
        with self._guard:
            if not self._closed or self._inside or self._model is None:
                return
            model, self._model = self._model, None
        self._free(model)
