"""Stretches of bytes as 64-bit keys, for all offsets of a block at once.

A key is a mixture of the stretch's bytes. Two different stretches share one with a chance of about
2**-64; who finds a key compares the bytes as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

SHORTEST, SHORT, WORD, STRETCH, WIDE = 4, 6, 8, 16, 32
"""Lengths of stretches in bytes, shortest first."""

_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_THIRD, _FOURTH = np.uint64(0x165667B19E3779F9), np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_SPREAD = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SMALLEST_TABLE, _LARGEST_TABLE = 16, 27  # bits
_PLACES_FOR_EACH = 8


def words_of(data: bytes, stride: int = 1) -> Keys:
    """The eight bytes at every offset, or at every `stride`th, as numbers."""
    count = max(0, (len(data) - WORD) // stride + 1)
    if len(data) < WORD:
        return np.empty(0, np.uint64)
    return np.ndarray((count,), np.dtype("<u8"), data, strides=(stride,)).astype(np.uint64)


def keys_of(words: Keys, length: int, stride: int = 1) -> Keys:
    """The key of the stretch of `length` bytes at each offset. words: as words_of gives them.

    stride: 1 or 8, that of the words. Of stretches shorter than eight bytes those at the last
    offsets are missing: pad the data.
    """
    if length < WORD:
        return words & np.uint64((1 << 8 * length) - 1)
    if length == WORD:
        return words
    if length == STRETCH:
        return _mixed(words, WORD // stride, _FIRST, _SECOND)
    return _mixed(keys_of(words, STRETCH, stride), STRETCH // stride, _THIRD, _FOURTH)


def _mixed(keys: Keys, apart: int, first: np.uint64, second: np.uint64) -> Keys:
    """Turned by half, so that the little that high bytes change does not cancel out."""
    late = keys[apart:] * second
    late = (late << _HALF) | (late >> _HALF)
    return (keys[: len(late)] * first) ^ late


class KeySet:
    """A set of keys that tells fast, for many keys at once, which of them it holds."""

    def __init__(self, keys: Keys) -> None:
        self.keys = np.unique(keys)
        bits = int(max(1, _PLACES_FOR_EACH * len(self.keys))).bit_length()
        self._shift = np.uint64(64 - min(max(bits, _SMALLEST_TABLE), _LARGEST_TABLE))
        self._tables = [np.zeros(1 << (64 - int(self._shift)), np.bool_) for _ in _SPREAD]
        for table, spread in zip(self._tables, _SPREAD, strict=True):
            table[self._places(self.keys, spread)] = True

    def __len__(self) -> int:
        return len(self.keys)

    def found_at(self, keys: Keys) -> NDArray[np.int64]:
        """Indexes of those of `keys` that are in the set, ascending."""
        if not len(self.keys) or not len(keys):
            return np.empty(0, np.int64)
        left = np.flatnonzero(self._tables[0][self._places(keys, _SPREAD[0])])
        left = left[self._tables[1][self._places(keys[left], _SPREAD[1])]]
        near = np.minimum(np.searchsorted(self.keys, keys[left]), len(self.keys) - 1)
        found: NDArray[np.int64] = left[self.keys[near] == keys[left]]
        return found

    def without(self, keys: Keys) -> KeySet:
        return KeySet(np.setdiff1d(self.keys, keys)) if len(keys) else self

    def _places(self, keys: Keys, spread: np.uint64) -> NDArray[np.intp]:
        mixed = (keys ^ (keys >> _HALF)) * spread
        return (mixed >> self._shift).view(np.int64)
