"""A runtime and a vocabulary made of Python: every mistake with slots or positions shows in the text.

The made-up model's next token follows from all tokens that its memory holds at that moment. `reply` is
what it would say by itself; whatever the engine shares, copies or batches, it must say just that.
"""

from __future__ import annotations

import math
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from ragkit.errors import UsageFault
from ragkit.llm.batching import Batcher
from ragkit.llm.keeping import Instructions, StateFolder
from ragkit.llm.runtime import ABORTED, FULL, Logits, Row
from ragkit.llm.sequence import LlamaGeneration
from ragkit.protocols import Message

END = 0
TOKENS = 256


class ByteVocabulary:
    """One token a byte; token 0 ends the turn."""

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def ends_turn(self, token: int) -> bool:
        return token == END

    def is_control(self, token: int) -> bool:
        return token == END


def next_token(tokens: Sequence[int]) -> int:
    """A letter that depends on every token before it."""
    return ord("a") + zlib.crc32(bytes(tokens)) % 26


def reply(prompt: str, length: int) -> str:
    tokens = list(prompt.encode())
    for _ in range(length):
        tokens.append(next_token(tokens))
    return bytes(tokens[len(prompt.encode()) :]).decode()


class FakeRuntime:
    """Implements Runtime. choose: the likeliest token after those given.

    `before_batch` is called in the owner's thread before each batch, `batches` are their rows.
    """

    def __init__(
        self,
        *,
        cells: int = 1000,
        slots: int = 8,
        largest_batch: int = 64,
        cuts: bool = True,
        choose: Callable[[Sequence[int]], int] = next_token,
    ) -> None:
        self.cells, self.slots, self.largest_batch, self.cuts = cells, slots, largest_batch, cuts
        self._choose = choose
        self.memory: list[list[tuple[int, int]]] = [[] for _ in range(slots)]
        """Of each slot the cells: (number of the cell, token)."""
        self._next_cell = 0
        self._logits: dict[int, Logits] = {}
        self.batches: list[list[Row]] = []
        self.copies: list[tuple[int, int, int]] = []
        self.before_batch: Callable[[], None] = lambda: None
        self.failing = False
        self.repeated = 1
        self.cuts_made: list[tuple[int, int]] = []
        self.interrupted = threading.Event()
        self.closed = False
        self._threads: set[int] = set()

    @property
    def used_cells(self) -> int:
        return len({cell for slot in self.memory for cell, _ in slot})

    def decode(self, rows: Sequence[Row]) -> int:
        self._note_thread()
        self.before_batch()
        if self.failing:
            raise RuntimeError("broken")
        if self.interrupted.is_set():
            return ABORTED
        assert not self.closed, "computed with what was freed"
        assert 0 < len(rows) <= self.largest_batch
        if self.used_cells + len(rows) > self.cells:
            return FULL
        self.batches.append(list(rows))
        self._logits.clear()
        for place, row in enumerate(rows):
            slot = self.memory[row.slot]
            assert row.position == len(slot), "a position that does not follow"
            self._next_cell += 1
            slot.append((self._next_cell, row.token))
            if row.wanted:
                logits = np.zeros(TOKENS, np.float32)
                logits[self._choose([token for _, token in slot])] = 5.0
                self._logits[place] = logits
        return 0

    def logits(self, row: int) -> Logits:
        return self._logits[row]

    def copy(self, source: int, target: int, count: int) -> None:
        self._note_thread()
        assert not self.memory[target], "copied into a slot that is not empty"
        assert self.cuts or count == len(self.memory[source])
        self.copies.append((source, target, count))
        self.memory[target] = self.memory[source][:count]

    def interrupt(self, *, on: bool) -> None:
        (self.interrupted.set if on else self.interrupted.clear)()

    def cut(self, slot: int, count: int) -> bool:
        self.cuts_made.append((slot, count))
        if count and not self.cuts:
            return False
        del self.memory[slot][count:]
        return True

    def save(self, slot: int) -> bytes:
        return bytes(token for _, token in self.memory[slot])

    def restore(self, slot: int, state: bytes) -> bool:
        assert not self.memory[slot]
        for token in state:
            self._next_cell += 1
            self.memory[slot].append((self._next_cell, token))
        return True

    def repeat(self, slot: int, times: int) -> None:
        assert self.memory[slot]
        assert not self.memory[-1]
        self.repeated = times

    def close(self) -> None:
        self.closed = True

    def _note_thread(self) -> None:
        self._threads.add(threading.get_ident())
        assert len(self._threads) == 1, "two threads use the memory"


class ByteGenerator:
    """Implements protocols.Generator over a made-up runtime: the engine without llama.cpp."""

    name = "bytes"
    digest = "0" * 64
    parallel = 4

    def __init__(self, runtime: FakeRuntime, context: int) -> None:
        self.context = context
        self._batcher = Batcher(runtime, Instructions())

    def count_tokens(self, text: str) -> int:
        return len(text.encode())

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> LlamaGeneration:
        tokens = list("".join([*(message.content for message in messages), opening]).encode())
        if len(tokens) >= self.context:
            raise UsageFault(f"the prompt needs {len(tokens)} tokens")
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        vocabulary: Any = ByteVocabulary()
        return LlamaGeneration(self._batcher, vocabulary, tokens, self.context, deadline=deadline)

    def close(self) -> None:
        self._batcher.close()


class Opened:
    """A batcher over a made-up runtime, and what a test does with it."""

    def __init__(
        self,
        runtime: FakeRuntime,
        folder: StateFolder | None = None,
        most_idle: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.runtime = runtime
        self.batcher = Batcher(runtime, Instructions(folder), most_idle=most_idle, clock=clock)

    def start(self, prompt: str, *, fixed: int = 0, deadline: float = math.inf) -> LlamaGeneration:
        return LlamaGeneration(
            self.batcher,
            ByteVocabulary(),  # type: ignore[arg-type]
            list(prompt.encode()),
            900,
            fixed=fixed,
            deadline=deadline,
        )

    def say(self, prompt: str, length: int = 12, *, fixed: int = 0) -> str:
        with closing(self.start(prompt, fixed=fixed)) as generation:
            return generation.generate(max_tokens=length, stop=[])

    @property
    def decoded(self) -> int:
        return sum(map(len, self.runtime.batches))


def at_once(*works: Callable[[], object]) -> None:
    """Run in threads of their own; what one raises is raised here."""
    faults: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 (raised again below)
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "a generation hangs"
    for fault in faults:
        raise fault
