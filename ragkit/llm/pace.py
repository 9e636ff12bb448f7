"""How large a batch may be here, so that what is stopped ends soon: learned from the batches computed.

What was measured once (tuning.py) holds for a quiet machine, and not where the user chose the threads.
"""

from __future__ import annotations

from ragkit.llm.tuning import BATCHES, batch_within

_TELLING = 32
"""Rows from which on a batch tells how fast prompts are read: fewer take as long as one."""


class Pace:
    """rows: in the next batch, at most. The first ones are small, since nothing is known yet."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self.rows = min(largest, BATCHES[-1])

    def note(self, rows: int, seconds: float) -> None:
        """A batch of so many rows took so long."""
        if rows >= _TELLING:
            self.rows = min(self._largest, batch_within(rows, seconds))
