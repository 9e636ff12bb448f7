"""A model that is opened in a thread of its own, while what it is to read is still looked for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ragkit.errors import Interrupted
from ragkit.protocols import Generator

Wanted = Callable[[], bool]
"""Whether what is being opened is still wanted: asked between the steps of a long measurement."""


class Opening:
    """open_model: gives the open model; called once, at once, in the thread.

    The thread holds the program's end up, as native code that runs while the process is taken apart
    may crash: `give_up` makes that short.
    """

    def __init__(self, open_model: Callable[[Wanted], Generator]) -> None:
        self._open_model = open_model
        self._unwanted = threading.Event()
        self._opened: Generator | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._open, name="ragkit-opening")
        self._thread.start()

    def taken(self) -> Generator:
        """The model, waited for. Raises what its opening did."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._opened is not None
        return self._opened

    def give_up(self) -> None:
        """It is not needed: once opened it is closed. Waits for that."""
        self._unwanted.set()
        self._thread.join()
        if self._opened is not None:
            self._opened.close()

    def _open(self) -> None:
        try:
            self._opened = self._open_model(lambda: not self._unwanted.is_set())
        except BaseException as error:  # noqa: BLE001 (whoever takes the model is told)
            self._error = error


def still_wanted(wanted: Wanted) -> None:
    """Raises Interrupted if it is not."""
    if not wanted():
        raise Interrupted("the model was not needed any more")
