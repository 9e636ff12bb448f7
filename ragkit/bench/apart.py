"""One side of a comparison in a process of its own, which takes its turn when it is called.

Threads that wait for each other spin only while there are no more of them than processors, and libgomp counts
those of every team in the process, asleep or not. So two models that are used from two threads slow each other
down even in turn: the starter wrote 82 tokens a second in place of 127 once another one had been used. People
have one model in a process; so has each side here.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from ragkit.errors import NotReady

_FORK = multiprocessing.get_context("fork")
_PATIENCE = 30.0
"""Seconds that a side has to free its model."""


class Apart:
    """Calls the methods of what `make` makes, in a process that ends with `close` or with this one.

    Made before this process starts threads or loads a model: the other one is a fork of it, as sealed as it.
    All methods raise NotReady if theirs fails or the other process ends.
    """

    def __init__(self, make: Callable[..., Any]) -> None:
        calls, self._calls = _FORK.Pipe(duplex=False)
        self._answers, answers = _FORK.Pipe(duplex=False)
        not_its_own = (self._calls, self._answers)
        self._process = _FORK.Process(
            target=_serve, args=(make, calls, answers, not_its_own), daemon=True
        )
        self._process.start()
        calls.close()
        answers.close()

    def open(self, *arguments: Any, **settings: Any) -> None:
        """Has it made, of these. To be called first."""
        self._ask("", arguments, settings)

    def __call__(self, name: str, *arguments: Any) -> Any:
        """What its method gives."""
        return self._ask(name, arguments, {})

    def close(self) -> None:
        with suppress(OSError):  # its process has ended by itself
            self._calls.send(None)
        self._process.join(_PATIENCE)
        self._process.kill()  # does nothing to one that has ended
        self._process.join()

    def _ask(self, name: str, arguments: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        try:
            self._calls.send((name, arguments, settings))
            found, error = self._answers.recv()
        except (EOFError, OSError) as gone:
            self._process.join()
            raise NotReady(f"a side ended with exit code {self._process.exitcode}.") from gone
        if error:
            raise NotReady(f"a side failed: {error}")
        return found


def _serve(
    make: Callable[..., Any], calls: Connection, answers: Connection, others: tuple[Connection, ...]
) -> None:
    """The child's side. It ends when nobody can call any more."""
    for other in others:
        other.close()
    side: Any = None
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while (call := calls.recv()) is not None:
            name, arguments, settings = call
            try:
                if name:
                    found = getattr(side, name)(*arguments)
                else:
                    side, found = make(*arguments, **settings), None
                answers.send((found, ""))
            except Exception as error:  # noqa: BLE001 (its kind alone: the words may quote a document)
                answers.send((None, type(error).__name__))
    if side is not None:
        side.close()
