"""The thread that owns the model's memory: it computes for all who ask, in common batches.

Who asks hands in a program (jobs.py), which the owner's thread runs; who asked waits. Programs appear
and end at any time: each batch holds one token of every text that is being written, and as much as fits
of the prompts that are being read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ragkit.errors import Interrupted, NotReady
from ragkit.llm.handle import CLOSED
from ragkit.llm.jobs import Job, Seat
from ragkit.llm.keeping import Instructions
from ragkit.llm.pace import Pace
from ragkit.llm.prefixes import Plan, Slot, plan, surplus, worth_waiting
from ragkit.llm.runtime import ABORTED, FULL, Logits, Row, Runtime
from ragkit.llm.seats import Seats
from ragkit.llm.stopping import STOPPED, Cancel, each_told


class Batcher:
    """Runs jobs over a runtime in a thread of its own, which ends with `close`.

    at_end: called when the runtime is closed. clock: seconds, by which batches are timed. most_idle: tokens
    that what was read for earlier texts may keep, where holding them costs; None: as many as there is room.
    """

    def __init__(
        self,
        runtime: Runtime,
        instructions: Instructions,
        *,
        at_end: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        most_idle: int | None = None,
    ) -> None:
        self._runtime = runtime
        self._instructions = instructions
        self._slots = [Slot(number) for number in range(runtime.slots)]
        self._changed = threading.Condition()  # protects `_arrived` and `_closing`
        self._arrived: list[Job] = []
        self._closing = False
        # What follows is the owner's thread's alone.
        self._waiting: list[Job] = []
        self._active: list[Job] = []
        self._jobs_placed = 0
        self._pace = Pace(runtime.largest_batch)
        self._seats = Seats(clock)
        self._clock = clock
        self._at_end = at_end
        self._most_idle = runtime.cells if most_idle is None else most_idle
        self.cancel = Cancel(self._interrupt_or_not)
        self.decoded = 0
        self._owner = threading.Thread(target=self._own, name="ragkit-engine", daemon=True)
        self._owner.start()

    def submit(self, job: Job) -> None:
        """Have it run. Raises Interrupted if the engine is closed."""
        with self._changed:
            if self._closing:
                raise Interrupted(CLOSED)
            self._arrived.append(job)
            self._changed.notify()

    def stop(self, job: Job) -> None:
        """Have it end with Interrupted before the next batch, if it has not ended by then."""
        job.stopped = True
        with self._changed:
            self._changed.notify()

    def leave(self, seat: Seat) -> None:
        """The text ends: no room is kept for it any more."""
        with self._changed:
            seat.closed = True
            self._changed.notify()

    def close(self) -> None:
        """End all jobs with Interrupted, then the runtime, then the thread. May be called again.

        Ctrl-C does not end the waiting: the thread would compute on while the program ends, over memory
        that is being taken away. It is raised afterwards; the batch that is waited for is cut short.
        """
        pressed: KeyboardInterrupt | None = None
        while True:
            try:
                self.end()
                self._owner.join()
                break
            except KeyboardInterrupt as again:
                pressed = again
        if pressed is not None:
            raise pressed

    def end(self) -> None:
        """The same without waiting: the thread ends by itself."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._interrupt_or_not()

    def _interrupt_or_not(self) -> None:
        self._runtime.interrupt(on=self._closing or self.cancel.is_set())

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
            self._end_all(Interrupted(CLOSED))
            self._runtime.close()
            self._at_end()

    def _take(self) -> bool:
        """Wait for something to do. False once the engine is to be closed."""
        with self._changed:
            while not (self._closing or self._arrived or self._active or self._waiting):
                self._changed.wait()
            if not (self._closing or self._arrived or self._active):
                self._changed.wait(self._seats.seconds_left())  # who waits, waits for those
            self._waiting += self._arrived
            self._arrived.clear()
            return not self._closing

    def _end_all(self, error: Exception) -> None:
        with self._changed:
            jobs = [*self._active, *self._waiting, *self._arrived]
            self._arrived.clear()
        self._active.clear()
        self._waiting.clear()
        self._seats.forget()
        for job in jobs:
            job.finish(None, each_told(error))

    def _step(self) -> None:
        """One batch."""
        self._end_stopped()
        self._admit()
        rows = self._rows()
        if not rows:
            return
        self._compute(rows)
        self._account(rows)
        self._keep_instructions()
        self._hand_out(rows)

    def _compute(self, rows: Sequence[Row]) -> None:
        began = self._clock()
        while (status := self._runtime.decode(rows)) == FULL:
            self._give_up_one()
        if status == ABORTED:
            raise Interrupted(CLOSED if self._closing else STOPPED)
        self._pace.note(len(rows), self._clock() - began)

    def _end_stopped(self) -> None:
        now, cancelled = time.monotonic(), self.cancel.is_set()
        for job in [*self._active, *self._waiting]:
            if job.stopped or cancelled:
                self._end(job, Interrupted(STOPPED))
            elif now > job.deadline:
                self._end(job, Interrupted("the answer took longer than it was given"))

    def _end(self, job: Job, error: BaseException | None, result: Any = None) -> None:
        (self._active if job in self._active else self._waiting).remove(job)
        self._seats.keep(job)
        job.finish(result, error)

    # Jobs to slots

    def _admit(self) -> None:
        """Start what fits beside what is running and what will go on soon, first come first served."""
        for job in self._seats.in_turn(self._waiting):
            taken = sum(other.need for other in self._active)
            taken += 0 if self._seats.goes_on(job) else self._seats.need()
            if taken and taken + job.need > self._runtime.cells:
                return
            self._instructions.recall(job.tokens[: job.fixed], self._slots, self._runtime)
            if self._runtime.cuts and self._comes_soon(job):
                continue
            chosen = plan(self._slots, job.tokens, cuts=self._runtime.cuts)
            if chosen is None:
                return
            self._waiting.remove(job)
            self._active.append(job)
            self._seats.take(job)
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
        self._jobs_placed += 1
        if chosen.source is not None:
            chosen.source.used = self._jobs_placed
        self._instructions.touch(job.tokens[: job.fixed], self._jobs_placed)
        target.used, target.busy = self._jobs_placed, True
        job.slot = target
        going_on = self._seats.slots()
        for slot in surplus(self._slots, going_on, job.tokens, self._most_idle):
            self._drop(slot)
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
        self._runtime.cut(slot.number, 0)  # after a fault it may hold what `tokens` does not tell
        slot.empty()

    def _give_up_one(self) -> None:
        """Make room: what was read for earlier questions goes first, the oldest of it."""
        idle = [slot for slot in self._slots if slot.tokens and not slot.busy]
        if not idle:
            raise NotReady(
                "the model's memory has no room for one more token",
                hint="ask for fewer texts at once, or set a larger context in pipelines.yaml",
            )
        self._drop(min(idle, key=lambda slot: (slot.kept, slot.used)))

    # Batches

    def _rows(self) -> list[Row]:
        """A token of every text that is being written, then of prompts as many as fit."""
        rows: list[Row] = []
        for job in sorted(self._active, key=Job.unread):
            assert job.slot is not None
            start = len(job.slot.tokens)
            end = min(len(job.tokens), start + self._pace.rows - len(rows))
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
