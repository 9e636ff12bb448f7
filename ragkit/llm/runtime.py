"""The seam to llama.cpp's computing: sequences of tokens in one memory, many of them in one batch.

    a slot      number of a sequence in the memory; its tokens have the positions 0, 1, 2, ...
    a row       one token of a batch; logits exist for the rows that ask for them, until the next batch

Only the thread that owns the engine calls a runtime. Tests drive the engine over one made of Python.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import NotReady
from ragkit.llm import native

Logits = NDArray[np.float32]
"""Shape (vocabulary,): of what follows a token."""

FULL = 1
"""What `decode` returns where the memory has no room for the batch."""
ABORTED = 2
"""What `decode` returns where `interrupt` ended it: of the memory nothing is known then."""


@dataclass(frozen=True, slots=True)
class Row:
    """One token to compute: in which slot, at which position, and whether its logits are wanted."""

    token: int
    slot: int
    position: int
    wanted: bool = False


class Runtime(Protocol):
    """cells: tokens the memory holds, those of several slots counted once where they were copied.
    slots: how many there are. largest_batch: rows in one. cuts: whether a slot's end can be taken back
    and a part of it copied; recurrent states are copied whole and only go on."""

    cells: int
    slots: int
    largest_batch: int
    cuts: bool

    def decode(self, rows: Sequence[Row]) -> int:
        """0, ABORTED, or FULL if there is no room; then nothing has changed. Raises NotReady if it fails."""
        ...

    def interrupt(self, *, on: bool) -> None:
        """While on, a batch ends as soon as it can. From any thread."""
        ...

    def logits(self, row: int) -> Logits:
        """Of a row of the latest batch that wanted them; valid until the next one."""
        ...

    def copy(self, source: int, target: int, count: int) -> None:
        """The first `count` tokens of a slot into an empty one, without computing."""
        ...

    def cut(self, slot: int, count: int) -> bool:
        """Keep the first `count` tokens. False if that cannot be done: then the slot is as it was."""
        ...

    def save(self, slot: int) -> bytes: ...

    def restore(self, slot: int, state: bytes) -> bool:
        """Into an empty slot; False if the state does not fit."""
        ...

    def repeat(self, slot: int, times: int) -> None:
        """Have a slot attend to what it holds as if it stood there so often: for measuring, where it
        matters how much there is and not what. The last slot must be empty."""
        ...

    def close(self) -> None: ...


PASS_ROWS = 128
"""Rows of a pass without flash attention, whose matrix of pairs grows by them. The starter model read 384
tokens as fast in passes of 128 as in one of 512 (0.87 and 0.84 of the speed with flash attention), with a
quarter of the matrix."""


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """How a context computes. batch: rows handed over at once. ubatch: rows of one pass over the weights;
    0 takes PASS_ROWS, with flash attention a whole batch. halves: keys and values as 16-bit numbers, else
    as 8-bit ones. flash: attention in one pass, without a matrix of all pairs."""

    cells: int
    slots: int
    threads: int
    batch_threads: int
    batch: int
    flash: bool = True
    halves: bool = True
    ubatch: int = 0

    @property
    def pass_rows(self) -> int:
        """How many rows of a batch go over the weights together."""
        return min(self.batch, self.ubatch or (self.batch if self.flash else PASS_ROWS))


class LlamaRuntime:
    """Implements Runtime with a context of llama.cpp. model: a handle, which outlives it."""

    def __init__(self, model: Any, settings: ContextSettings) -> None:
        """Raises NotReady if there is no memory for it."""
        self._library = library = native.library()
        self._llama = _new_context(library, model, settings)
        self._memory = library.llama_get_memory(self._llama)
        self.cells: int = library.llama_n_ctx(self._llama)
        self.slots = settings.slots
        self.largest_batch = settings.batch
        self.cuts = not (
            library.llama_model_is_recurrent(model) or library.llama_model_is_hybrid(model)
        )
        vocabulary = library.llama_model_get_vocab(model)
        self._shape = (library.llama_vocab_n_tokens(vocabulary),)
        self._batch = _Batch(library, settings.batch)
        self._interrupted = native.abort_flag(self._llama)

    def decode(self, rows: Sequence[Row]) -> int:
        status: int = self._library.llama_decode(self._llama, self._batch.filled(rows))
        if status not in (0, FULL, ABORTED):
            raise NotReady(
                f"the model could not read {len(rows)} tokens" + native.reasons(),
                hint="check the model's file: ragkit models verify",
            )
        native.forget_errors()  # a batch that was ended, or had no room, is no failure
        return status

    def interrupt(self, *, on: bool) -> None:
        self._interrupted[0] = int(on)

    def logits(self, row: int) -> Logits:
        found = self._library.llama_get_logits_ith(self._llama, row)
        return np.ctypeslib.as_array(found, shape=self._shape)

    def copy(self, source: int, target: int, count: int) -> None:
        # A recurrent state knows no positions: it is copied as it stands.
        end = count if self.cuts else -1
        self._library.llama_memory_seq_cp(self._memory, source, target, 0 if self.cuts else -1, end)

    def cut(self, slot: int, count: int) -> bool:
        return bool(self._library.llama_memory_seq_rm(self._memory, slot, count, -1))

    def save(self, slot: int) -> bytes:
        size = self._library.llama_state_seq_get_size(self._llama, slot)
        buffer = (ctypes.c_uint8 * size)()
        written = self._library.llama_state_seq_get_data(self._llama, buffer, size, slot)
        return bytes(buffer[:written])

    def restore(self, slot: int, state: bytes) -> bool:
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        read = self._library.llama_state_seq_set_data(self._llama, buffer, len(state), slot)
        return bool(read == len(state))

    def repeat(self, slot: int, times: int) -> None:
        state, spare = self.save(slot), self.slots - 1
        for _ in range(times - 1):
            self.restore(spare, state)
            self._library.llama_memory_seq_cp(self._memory, spare, slot, -1, -1)
            self.cut(spare, 0)

    def close(self) -> None:
        if self._llama is not None:
            self._library.llama_free(self._llama)
            self._llama = None


class _Batch:
    """A batch whose arrays are filled through numpy: a loop over ctypes takes longer than a token."""

    def __init__(self, library: Any, room: int) -> None:
        self._tokens = np.zeros(room, np.int32)
        self._positions = np.zeros(room, np.int32)
        self._slots = np.zeros(room, np.int32)
        self._wanted = np.zeros(room, np.int8)
        self._ones = np.ones(room, np.int32)
        # Each row points at its own entry of `_slots`: every token belongs to one slot.
        self._places = self._slots.ctypes.data + 4 * np.arange(room, dtype=np.uint64)
        self._native = library.llama_batch(
            0,
            _as(self._tokens, ctypes.c_int32),
            None,
            _as(self._positions, ctypes.c_int32),
            _as(self._ones, ctypes.c_int32),
            ctypes.cast(self._places.ctypes.data, ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
            _as(self._wanted, ctypes.c_int8),
        )

    def filled(self, rows: Sequence[Row]) -> Any:
        count = len(rows)
        self._tokens[:count] = [row.token for row in rows]
        self._positions[:count] = [row.position for row in rows]
        self._slots[:count] = [row.slot for row in rows]
        self._wanted[:count] = [row.wanted for row in rows]
        self._native.n_tokens = count
        return self._native


def _as(numbers: NDArray[Any], kind: Any) -> Any:
    return numbers.ctypes.data_as(ctypes.POINTER(kind))


def _new_context(library: Any, model: Any, settings: ContextSettings) -> Any:
    wanted = library.llama_context_default_params()
    wanted.n_ctx = settings.cells
    wanted.n_batch, wanted.n_ubatch = settings.batch, settings.pass_rows
    wanted.n_seq_max = wanted.n_outputs_max = settings.slots  # else logits for whole prompts
    wanted.n_threads, wanted.n_threads_batch = settings.threads, settings.batch_threads
    # One memory for all slots: a shared beginning is stored once, and any of them may fill it.
    wanted.kv_unified = True
    wanted.swa_full = True  # a sliding window could not be cut back to a shared beginning
    wanted.flash_attn_type = (
        library.LLAMA_FLASH_ATTN_TYPE_ENABLED
        if settings.flash
        else library.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    if not settings.halves:
        wanted.type_k = wanted.type_v = library.GGML_TYPE_Q8_0
    native.forget_errors()
    llama = library.llama_init_from_model(model, wanted)
    if not llama:
        raise NotReady(
            f"there is no memory for {settings.cells} tokens of context" + native.reasons(),
            hint="set a smaller context in pipelines.yaml",
        )
    return llama
