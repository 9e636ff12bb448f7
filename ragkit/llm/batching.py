"""The thread that owns the model's memory: it computes for all who ask, in common batches.

Who asks hands in a program: a Python generator that yields a list of tokens whenever it needs the
logits of what follows them, is sent those logits, and returns its result. It is run by the owner's
thread; who asked waits. Programs appear and end at any time: each batch holds one token of every text
that is being written, and as much as fits of the prompts that are being read.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

from ragkit.errors import Interrupted, NotReady, RagkitError
from ragkit.llm.keeping import Instructions
from ragkit.llm.prefixes import Plan, Slot, plan, worth_waiting
from ragkit.llm.runtime import FULL, Logits, Row, Runtime

T = TypeVar("T")
Program = Generator[list[int], Logits, T]
"""Yields tokens (always the same list, which only grows) and is sent the logits that follow them."""
Tell = Callable[[str], None]

STOPPED = "the answer was stopped"


@dataclass(eq=False, slots=True)
class Job:
    """A program on its way. room: tokens it may add. fixed: how many of its first are instructions.

    deadline: by time.monotonic(). outcome: pieces of text, then (result, error), once.
    """

    program: Program[Any]
    tokens: list[int]
    room: int
    fixed: int = 0
    deadline: float = math.inf
    outcome: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    slot: Slot | None = None
    stopped: bool = False

    @property
    def need(self) -> int:
        return len(self.tokens) + self.room

    def finish(self, result: Any, error: BaseException | None = None) -> None:
        self.program.close()
        if self.slot is not None:
            self.slot.busy = False
        self.outcome.put((result, error))


class Batcher:
    """Runs jobs over a runtime in a thread of its own, which ends with `close`."""

    def __init__(self, runtime: Runtime, instructions: Instructions) -> None:
        self._runtime = runtime
        self._instructions = instructions
        self._slots = [Slot(number) for number in range(runtime.slots)]
        self._changed = threading.Condition()  # protects `_arrived` and `_closing`
        self._arrived: list[Job] = []
        self._closing = False
        # What follows is the owner's thread's alone.
        self._waiting: list[Job] = []
        self._active: list[Job] = []
        self._clock = 0
        self.cancel = threading.Event()
        self.decoded = 0
        self._owner = threading.Thread(target=self._own, name="ragkit-engine", daemon=True)
        self._owner.start()

    def submit(self, job: Job) -> None:
        """Have it run. Raises Interrupted if the engine is closed."""
        with self._changed:
            if self._closing:
                raise Interrupted("the model was closed")
            self._arrived.append(job)
            self._changed.notify()

    def stop(self, job: Job) -> None:
        """Have it end with Interrupted before the next batch, if it has not ended by then."""
        job.stopped = True
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """End all jobs with Interrupted, then the thread, then the runtime."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._owner.join()
        self._runtime.close()

    # The owner's thread

    def _own(self) -> None:
        try:
            while self._take():
                try:
                    self._step()
                except Exception as error:  # noqa: BLE001 (whoever asked is told; the thread lives on)
                    self._end_all(error)
                    for slot in self._slots:  # nothing is known of the memory any more
                        self._drop(slot)
        finally:
            with self._changed:
                self._closing = True
            self._end_all(Interrupted("the model was closed"))

    def _take(self) -> bool:
        """Wait for something to do. False once the engine is to be closed."""
        with self._changed:
            while not (self._closing or self._arrived or self._active or self._waiting):
                self._changed.wait()
            self._waiting += self._arrived
            self._arrived.clear()
            return not self._closing

    def _end_all(self, error: Exception) -> None:
        told = error if isinstance(error, RagkitError) else NotReady(f"the model failed: {error}")
        with self._changed:
            jobs = [*self._active, *self._waiting, *self._arrived]
            self._arrived.clear()
        self._active.clear()
        self._waiting.clear()
        for job in jobs:
            job.finish(None, told)

    def _step(self) -> None:
        """One batch."""
        self._end_stopped()
        self._admit()
        rows = self._rows()
        if not rows:
            return
        while self._runtime.decode(rows) == FULL:
            self._give_up_one()
        self._account(rows)
        self._keep_instructions()
        self._hand_out(rows)

    def _end_stopped(self) -> None:
        now, cancelled = time.monotonic(), self.cancel.is_set()
        for job in [*self._active, *self._waiting]:
            if job.stopped or cancelled:
                self._end(job, Interrupted(STOPPED))
            elif now > job.deadline:
                self._end(job, Interrupted("the answer took longer than it was given"))

    def _end(self, job: Job, error: BaseException | None, result: Any = None) -> None:
        (self._active if job in self._active else self._waiting).remove(job)
        job.finish(result, error)

    # Jobs to slots

    def _admit(self) -> None:
        """Start what fits beside what is running, first come first served."""
        for job in list(self._waiting):
            running = sum(other.need for other in self._active)
            if self._active and running + job.need > self._runtime.cells:
                return
            self._instructions.recall(job.tokens[: job.fixed], self._slots, self._runtime)
            if self._runtime.cuts and self._comes_soon(job):
                continue
            chosen = plan(self._slots, job.tokens, cuts=self._runtime.cuts)
            if chosen is None:
                return
            self._waiting.remove(job)
            self._active.append(job)
            self._place(job, chosen)

    def _comes_soon(self, job: Job) -> bool:
        reading = (
            other.tokens
            for other in self._active
            if other.slot is not None and len(other.slot.tokens) < len(other.tokens)
        )
        return worth_waiting(self._slots, reading, job.tokens)

    def _place(self, job: Job, chosen: Plan) -> None:
        target = chosen.target
        if chosen.source is target:
            self._cut(target, chosen.shared)
        else:
            self._drop(target)
            if chosen.source is not None:
                self._runtime.copy(chosen.source.number, target.number, chosen.shared)
                target.tokens = job.tokens[: chosen.shared]
        self._clock += 1
        target.used, target.busy = self._clock, True
        job.slot = target
        if target.tokens == job.tokens and target.logits is not None:
            self._send(job, target.logits)

    def _cut(self, slot: Slot, count: int) -> None:
        if count == len(slot.tokens):
            return
        if not self._runtime.cut(slot.number, count):
            self._drop(slot)
            return
        del slot.tokens[count:]
        slot.logits = None

    def _drop(self, slot: Slot) -> None:
        if slot.tokens:
            self._runtime.cut(slot.number, 0)
        slot.empty()

    def _give_up_one(self) -> None:
        """Make room: what was read for earlier questions goes first, the oldest of it."""
        idle = [slot for slot in self._slots if slot.tokens and not slot.busy]
        if not idle:
            raise NotReady("the model's memory has no room for one more token")
        self._drop(min(idle, key=lambda slot: (slot.kept, slot.used)))

    # Batches

    def _rows(self) -> list[Row]:
        """A token of every text that is being written, then of prompts as many as fit."""
        rows: list[Row] = []
        for job in sorted(self._active, key=_left):
            assert job.slot is not None
            start = len(job.slot.tokens)
            end = min(len(job.tokens), start + self._runtime.largest_batch - len(rows))
            if start < job.fixed < end and not self._instructions.holds(job.tokens, job.fixed):
                end = job.fixed  # so that their state can be kept
            rows += (
                Row(job.tokens[at], job.slot.number, at, at == len(job.tokens) - 1)
                for at in range(start, end)
            )
        return rows

    def _account(self, rows: Sequence[Row]) -> None:
        self.decoded += len(rows)
        for row in rows:
            slot = self._slots[row.slot]
            slot.tokens.append(row.token)
            slot.logits = None

    def _keep_instructions(self) -> None:
        for job in self._active:
            if job.slot is not None and 0 < job.fixed == len(job.slot.tokens):
                self._instructions.keep(job.slot, self._slots, self._runtime)

    def _hand_out(self, rows: Iterable[Row]) -> None:
        jobs = {job.slot.number: job for job in self._active if job.slot is not None}
        for place, row in enumerate(rows):
            if row.wanted:
                self._send(jobs[row.slot], self._runtime.logits(place))

    def _send(self, job: Job, logits: Logits) -> None:
        """Let the program go on. Its logits are kept where it ends without having used them up."""
        try:
            job.program.send(logits)
        except StopIteration as end:
            if job.slot is not None and job.slot.tokens == job.tokens:
                job.slot.logits = logits.copy()
            self._end(job, None, end.value)
        except Exception as error:  # noqa: BLE001 (a fault of the one program, told to who asked)
            self._end(job, error)


def _left(job: Job) -> int:
    """Tokens that must be computed before the job can go on."""
    assert job.slot is not None
    return len(job.tokens) - len(job.slot.tokens)
