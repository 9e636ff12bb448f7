"""Room for texts that are between two steps: their prompts stay read while their threads think.

A text is written in several jobs: a sentence, then the choice of what it points at. Where not all prompts
fit into the memory together, one that waits must not take the place of one that goes on in a moment: each
would push out the next, and all would be read again and again. Pure bookkeeping: no model, no thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ragkit.llm.jobs import Job, Seat
from ragkit.llm.prefixes import Slot

PATIENCE = 0.1
"""Seconds for which room is kept for a text whose thread asks for nothing: eight threads that take turns
at the interpreter (5 ms each) need half of it."""


class Seats:
    """Of texts that were written at and are not closed. clock: seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: list[Seat] = []

    def keep(self, job: Job) -> None:
        """A job has ended; its text may go on."""
        self.take(job)
        job.seat.need = max(job.seat.need, job.need)
        job.seat.left, job.seat.slot = self._clock(), job.slot
        self._kept.append(job.seat)

    def take(self, job: Job) -> None:
        """A job has begun: it needs no room beside its own."""
        self._kept = [seat for seat in self._kept if seat is not job.seat]

    def forget(self) -> None:
        """Nothing of what was read is left."""
        self._kept.clear()

    def in_turn(self, waiting: Iterable[Job]) -> list[Job]:
        """Who goes on first, then who begins. Room that was kept for too long is given up."""
        jobs = list(waiting)
        asked_for = [job.seat for job in jobs]
        latest = self._clock() - PATIENCE
        self._kept = [
            seat
            for seat in self._kept
            if not seat.closed and (seat.left > latest or seat in asked_for)
        ]
        return sorted(jobs, key=lambda job: not self.goes_on(job))

    def goes_on(self, job: Job) -> bool:
        return job.seat in self._kept

    def need(self) -> int:
        """Tokens for which room is kept."""
        return sum(seat.need for seat in self._kept)

    def slots(self) -> list[Slot]:
        """Where those texts are."""
        return [seat.slot for seat in self._kept if seat.slot is not None]

    def seconds_left(self) -> float:
        """Until the first of them is given up; 0 where none is kept, or one is closed."""
        if not self._kept or any(seat.closed for seat in self._kept):
            return 0.0
        return max(0.0, min(seat.left for seat in self._kept) + PATIENCE - self._clock())
