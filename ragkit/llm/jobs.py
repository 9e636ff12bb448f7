"""What is asked of the thread that owns the model: programs, and what becomes of them.

A program is a Python generator that yields a list of tokens whenever it needs the logits of what follows
them, is sent those logits, and returns its result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

from ragkit.llm.prefixes import Slot
from ragkit.llm.runtime import Logits

T = TypeVar("T")
Program = Generator[list[int], Logits, T]
"""Yields tokens (always the same list, which only grows) and is sent the logits that follow them."""
Tell = Callable[[str], None]


@dataclass(eq=False, slots=True)
class Seat:
    """A text's place among those that are written (seats.py). need: tokens that it had or may get.

    left: when its latest job ended. slot: where that has left it.
    """

    need: int = 0
    left: float = 0.0
    slot: Slot | None = None
    closed: bool = False


@dataclass(eq=False, slots=True)
class Job:
    """A program on its way. room: tokens it may add. fixed: how many of its first are instructions.

    need: tokens it has when it has written all that it may. deadline: by time.monotonic().
    outcome: pieces of text, then (result, error), once. seat: of the text that it is a step of.
    """

    program: Program[Any]
    tokens: list[int]
    room: int
    fixed: int = 0
    deadline: float = math.inf
    outcome: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    seat: Seat = field(default_factory=Seat)
    slot: Slot | None = None
    stopped: bool = False
    need: int = field(init=False)

    def __post_init__(self) -> None:
        self.need = len(self.tokens) + self.room  # `tokens` grows by what is written

    def unread(self) -> int:
        """Tokens that must be computed before it can go on."""
        assert self.slot is not None
        return len(self.tokens) - len(self.slot.tokens)

    def finish(self, result: Any, error: BaseException | None = None) -> None:
        self.program.close()
        if self.slot is not None:
            self.slot.busy = False
        self.outcome.put((result, error))
