"""The words of chunks and the pieces of these as numbers, which likeness.py compares. Pure.

What a chunk holds is numbered once for a published state: the same chunks come up with other questions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ragkit.retrieval.likeness import Numbers, pieces

MOST_KEPT = 20_000
"""Chunks whose numbers are kept, then all are forgotten: 2 kB each."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What a chunk holds, each once: int32, shapes (words,) and (pieces,)."""

    words: Numbers
    pieces: Numbers


class NumberedChunks:
    """Gives words and pieces numbers, and keeps those of chunks by the ids of these."""

    def __init__(self) -> None:
        self._word: dict[str, int] = {}
        self._piece: dict[str, int] = {}
        self._pieces_of: list[list[int]] = []  # by the number of a word
        self._kept: dict[int, Numbered] = {}

    def unknown(self, chunks: Iterable[int]) -> list[int]:
        """Those that are to be given by `keep` before they are asked for."""
        if len(self._kept) > MOST_KEPT:
            for kept in (self._word, self._piece, self._kept):
                kept.clear()
            self._pieces_of.clear()
        return [chunk for chunk in chunks if chunk not in self._kept]

    def keep(self, chunk: int, terms: Collection[str]) -> None:
        words = sorted({self._number(term) for term in terms})
        held = set(chain.from_iterable(map(self._pieces_of.__getitem__, words)))
        self._kept[chunk] = Numbered(
            np.array(words, np.int32), np.fromiter(held, np.int32, count=len(held))
        )

    def of(self, chunk: int) -> Numbered:
        return self._kept[chunk]

    def words(self, terms: Iterable[str]) -> Numbers:
        """Of those that stand in any chunk; the others meet nothing."""
        return np.array([self._word[term] for term in terms if term in self._word], np.int32)

    def pieces(self, terms: Iterable[str]) -> Numbers:
        """The same of the pieces of words."""
        known = self._piece
        return np.array([known[one] for one in pieces(terms) if one in known], np.int32)

    def _number(self, word: str) -> int:
        number = self._word.get(word)
        if number is None:
            number = self._word[word] = len(self._word)
            known = self._piece
            self._pieces_of.append([known.setdefault(one, len(known)) for one in pieces([word])])
        return number
