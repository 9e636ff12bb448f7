"""Which slot a prompt goes into, so that what it shares with an earlier one is not computed again.

Pure bookkeeping over lists of tokens: no model, no thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ragkit.llm.runtime import Logits

WORTH_COPYING = 16
"""Shared tokens from which on a copy is made: below, a slot is as soon filled anew."""
WORTH_WAITING = 32
"""Shared tokens for which a prompt waits until another, which is being read, has them."""
_FAR_LONGER = 2


@dataclass(slots=True)
class Slot:
    """A sequence in the memory. tokens: computed ones. logits: of what follows them, if they were kept.

    busy: a job works on it. kept: it holds fixed instructions, to be copied from only. used: when it
    was last worked on, counted in jobs.
    """

    number: int
    tokens: list[int] = field(default_factory=list)
    logits: Logits | None = None
    busy: bool = False
    kept: bool = False
    used: int = 0

    @property
    def is_free(self) -> bool:
        return not self.busy and not self.kept

    def empty(self) -> None:
        """Forget what it held."""
        self.tokens, self.logits, self.kept = [], None, False


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a prompt is put. shared: how many of its tokens need not be computed.

    source: the slot that has them; the target itself if it goes on from there.
    """

    target: Slot
    source: Slot | None = None
    shared: int = 0


def shared_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two lists begin with in common."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    low, high = 0, shorter  # the longest common beginning lies in [low, high)
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def usable(slot: Slot, tokens: Sequence[int], *, cuts: bool) -> int:
    """How many of `tokens` the slot has, of which use can be made.

    At least the last token is computed, for its logits, unless the slot has kept them and is free to
    be taken. A slot that cannot be cut is of use only as a whole.
    """
    shared = shared_prefix(slot.tokens, tokens)
    has_logits = slot.is_free and slot.logits is not None and shared == len(slot.tokens)
    if shared == len(tokens) and not has_logits:
        shared -= 1
    return shared if cuts or shared == len(slot.tokens) else 0


def plan(slots: Iterable[Slot], tokens: Sequence[int], *, cuts: bool) -> Plan | None:
    """The cheapest way to `tokens`; None if every slot is busy.

    Of slots that share as much, one that need not be copied is taken, and of those to be given up the
    one that was used longest ago.
    """
    known = sorted(slots, key=lambda slot: slot.used)
    free = [slot for slot in known if slot.is_free]
    if not free:
        return None
    found = [(usable(slot, tokens, cuts=cuts), slot) for slot in known]
    shared, source = max(found, key=lambda pair: (pair[0], pair[1].is_free))
    if source.is_free and 2 * shared >= len(source.tokens) and source.tokens:
        return Plan(source, source, shared)
    target = min(free, key=lambda slot: (bool(slot.tokens), slot.used))
    if shared < WORTH_COPYING or source is target:
        return Plan(target, target, shared) if source is target else Plan(target)
    return Plan(target, source, shared)


def surplus(
    slots: Iterable[Slot], going_on: Iterable[Slot], coming: Sequence[int], most: int
) -> list[Slot]:
    """What to give up once `coming` has its place, so that texts nobody works at hold at most `most` tokens:
    the oldest. A text more than twice as long as `coming` stays: beside so little it costs little, and may be
    wanted again, as what a question was answered from is after the next question was understood.

    going_on: slots of texts that are between two steps. Shared cells count in each slot that has them.
    """
    spared = {slot.number for slot in going_on}
    idle = [slot for slot in slots if slot.is_free and slot.tokens and slot.number not in spared]
    idle.sort(key=lambda slot: slot.used, reverse=True)
    held, given_up = 0, []
    for slot in idle:
        held += len(slot.tokens)
        if held > most and len(slot.tokens) <= _FAR_LONGER * len(coming):
            given_up.append(slot)
    return given_up


def worth_waiting(
    slots: Iterable[Slot], coming: Iterable[Sequence[int]], tokens: Sequence[int]
) -> bool:
    """Whether a prompt that is being read will soon have much more of `tokens` than any slot has now."""
    now = max((shared_prefix(slot.tokens, tokens) for slot in slots), default=0)
    soon = max((shared_prefix(other, tokens) for other in coming), default=0)
    return soon - now >= WORTH_WAITING
