"""Words that two texts share, for gold whose place in the document's text is not known. Pure.

Case, punctuation and white space do not count. Runs of fewer than four common words are chance: a
gold text of fewer words must be met whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Interval = tuple[int, int]

SHORTEST_RUN = 4
"""Words. As in the evaluation data's own script, so that figures can be compared."""
WHOLE = 0.97
"""From this share of the gold's characters on, all of it counts as met: what is missing is
punctuation between runs. As in the same script."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words, folded, with the range of each in its characters."""

    folded: tuple[str, ...]
    ranges: tuple[Interval, ...]
    length: int

    @classmethod
    def of(cls, text: str) -> Words:
        found = list(_WORD.finditer(text))
        folded = (unicodedata.normalize("NFKC", word.group()).casefold() for word in found)
        return cls(tuple(folded), tuple(word.span() for word in found), len(text))

    def runs(self, length: int) -> set[tuple[str, ...]]:
        """Every run of so many words."""
        return set(zip(*(self.folded[at:] for at in range(length)), strict=False))


def aligned(gold: Words, passage: Words) -> tuple[list[Interval], list[Interval]]:
    """What of the gold the passage holds: as ranges in the gold's text, and in the passage's."""
    if not gold.folded or not passage.folded:
        return [], []
    shortest = min(SHORTEST_RUN, len(gold.folded))
    if gold.runs(shortest).isdisjoint(passage.runs(shortest)):
        return [], []  # as for half of the passages; known nine times sooner than by aligning them
    met: list[Interval] = []
    meeting: list[Interval] = []
    matcher = SequenceMatcher(None, gold.folded, passage.folded, autojunk=False)
    for at, there, count in matcher.get_matching_blocks():
        if count >= shortest:
            met.append((gold.ranges[at][0], gold.ranges[at + count - 1][1]))
            meeting.append((passage.ranges[there][0], passage.ranges[there + count - 1][1]))
    said = gold.ranges[-1][1] - gold.ranges[0][0]
    if met and length_of(met) >= WHOLE * said:
        met = [(0, max(1, gold.length))]
    return met, meeting


def length_of(intervals: Iterable[Interval]) -> int:
    """Characters in the union of the ranges."""
    total = reached = 0
    for start, end in sorted(intervals):
        if end > max(start, reached):
            total += end - max(start, reached)
            reached = end
    return total


def plain(text: str) -> str:
    """Words for comparison: one form of every letter, small, single spaces, nothing invisible."""
    shown = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())


def holds_whole(text: str, quotes: Sequence[str]) -> bool:
    """Whether one of the quotes stands in `text` as a whole, apart from case and white space."""
    said = plain(text)
    return any(words in said for quote in quotes if (words := plain(quote)))
