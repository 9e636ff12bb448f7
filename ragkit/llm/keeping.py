"""Fixed instructions, read once: their state in slots of their own and, across processes, on disk.

    CACHE/engine-f1e2d3c4b5a69788/     of the model with weights of that sha256
        state-0a1b2c3d4e5f6071.bin     for one instruction, library version and way of computing

Only what callers mark as fixed comes here: the program's own words. Nothing of a document or a question
is written. A file that is damaged or of another version is left alone, and computed anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from ragkit.files import make_private
from ragkit.llm.prefixes import Slot, shared_prefix
from ragkit.llm.runtime import Runtime

MOST_KEPT = 4
"""Instructions held in memory at once: one for answers and one for summaries, in two languages each."""
_MAGIC = b"ragkit-state-1\n"
_DIGEST = 32
_LARGEST = 1 << 30


class StateFolder:
    """States on disk. made_by: everything that decides their bytes beside the tokens."""

    def __init__(self, folder: Path, made_by: str) -> None:
        self._folder = folder
        self._made_by = made_by

    def load(self, tokens: Sequence[int]) -> bytes | None:
        """What was kept; None if nothing was, or it is not as it was written."""
        try:
            path = self._path(tokens)
            if path.stat().st_size > _LARGEST:
                return None
            content = path.read_bytes()
        except OSError:
            return None
        digest, state = content[len(_MAGIC) :][:_DIGEST], content[len(_MAGIC) + _DIGEST :]
        whole = content.startswith(_MAGIC) and digest == self._digest(tokens, state)
        return state if whole else None

    def store(self, tokens: Sequence[int], state: bytes) -> None:
        """Keep it, for the owner alone. Where nothing can be written, nothing is kept."""
        with suppress(OSError):
            make_private(self._folder)
            path = self._path(tokens)
            beside = path.with_name(f".{path.name}.{os.getpid()}.new")
            with suppress(FileNotFoundError):
                beside.unlink()
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_MAGIC + self._digest(tokens, state) + state)
            beside.replace(path)

    def _path(self, tokens: Sequence[int]) -> Path:
        return self._folder / f"state-{self._digest(tokens, b'').hex()[:16]}.bin"

    def _digest(self, tokens: Sequence[int], state: bytes) -> bytes:
        told = hashlib.sha256(self._made_by.encode() + b"\0")
        told.update(np.asarray(tokens, np.int32).tobytes() + b"\0")
        told.update(state)
        return told.digest()


class Instructions:
    """Which slots hold instructions. folder: None keeps nothing on disk."""

    def __init__(self, folder: StateFolder | None = None) -> None:
        self._folder = folder
        self._missing: set[tuple[int, ...]] = set()
        self._stored: set[tuple[int, ...]] = set()
        self._held: dict[tuple[int, ...], Slot] = {}

    def holds(self, tokens: Sequence[int], count: int) -> bool:
        slot = self._held.get(tuple(tokens[:count]))
        return slot is not None and slot.kept

    def touch(self, tokens: Sequence[int], moment: int) -> None:
        """A job begins with these: they are the last to be given up, wherever it has them from."""
        slot = self._held.get(tuple(tokens))
        if slot is not None and slot.kept:
            slot.used = moment

    def recall(self, tokens: Sequence[int], slots: Sequence[Slot], runtime: Runtime) -> None:
        """Bring instructions back from disk, unless they are here already or the disk has none."""
        known = tuple(tokens)
        if not known or known in self._missing or self._folder is None:
            return
        if any(shared_prefix(slot.tokens, tokens) == len(tokens) for slot in slots):
            return
        state = self._folder.load(tokens)
        if state is None:
            self._missing.add(known)
            return
        slot = self._place(slots, runtime)
        if slot is None:
            return
        if runtime.restore(slot.number, state):
            self._hold(slot, known)
            self._stored.add(known)
        else:
            runtime.cut(slot.number, 0)
            self._missing.add(known)

    def keep(self, source: Slot, slots: Sequence[Slot], runtime: Runtime) -> None:
        """Copy a slot that holds exactly some instructions, and write their state to disk."""
        known = tuple(source.tokens)
        if self.holds(known, len(known)):
            return
        target = self._place(slots, runtime)
        if target is None:
            return
        runtime.copy(source.number, target.number, len(known))
        target.used = source.used
        self._hold(target, known)
        if self._folder is not None and known not in self._stored:
            self._folder.store(known, runtime.save(target.number))
            self._stored.add(known)
            self._missing.discard(known)

    def _hold(self, slot: Slot, tokens: tuple[int, ...]) -> None:
        slot.tokens, slot.logits, slot.kept = list(tokens), None, True
        self._held = {known: held for known, held in self._held.items() if held is not slot}
        self._held[tokens] = slot

    def _place(self, slots: Sequence[Slot], runtime: Runtime) -> Slot | None:
        """An emptied slot for one more; None if all are busy."""
        kept = [slot for slot in slots if slot.kept]
        if len(kept) >= MOST_KEPT:
            chosen = min(kept, key=lambda slot: slot.used)
        else:
            idle = [slot for slot in slots if slot.is_free]
            if not idle:
                return None
            chosen = min(idle, key=lambda slot: (bool(slot.tokens), slot.used))
        if chosen.tokens:
            runtime.cut(chosen.number, 0)
        chosen.empty()
        return chosen
