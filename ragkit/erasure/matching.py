"""Matching: the needles that a scan looks for, and where strings among them stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ragkit.erasure.forms import LETTER_BYTES, NAMES, WORDS
from ragkit.erasure.windows import SHORT, SHORTEST, WORD, Keys, KeySet, keys_of, words_of

LONGEST = 192
"""Bytes of a name or word that are compared at most; blocks that are scanned overlap by so many."""

_JOINS_NAMES = LETTER_BYTES.copy()
_JOINS_NAMES[[*b"-_/"]] = True


@dataclass(frozen=True, slots=True)
class Needles:
    """What is looked for. windows: encoding -> keys of its stretches, of its length. exact: strings in
    bytes -> their encoding; `bounded` are those that only count where they stand alone.

    forms: encoding -> the bytes the windows were cut from, by which a finding is made sure.
    """

    windows: dict[str, KeySet]
    exact: dict[bytes, str]
    bounded: frozenset[bytes]
    forms: dict[str, bytes]
    heads: dict[int, tuple[KeySet, dict[int, tuple[bytes, ...]]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        windows: dict[str, Keys],
        exact: dict[bytes, str],
        bounded: set[bytes],
        forms: dict[str, bytes],
    ) -> Needles:
        sets = {name: KeySet(keys) for name, keys in windows.items() if len(keys)}
        return cls(sets, exact, frozenset(bounded & exact.keys()), forms, _heads(exact))

    def counts(self) -> dict[str, int]:
        """How many there are, by encoding."""
        counted = Counter(self.exact.values())
        counted.update({name: len(keys) for name, keys in self.windows.items()})
        return dict(sorted(counted.items()))

    def without_words(self) -> Needles:
        """For files that hold words of a general vocabulary, such as a converted model's."""
        left = {needle: kind for needle, kind in self.exact.items() if kind != WORDS}
        return Needles(self.windows, left, frozenset(), self.forms, _heads(left))

    def without(self, kind: str, keys: Keys) -> Needles:
        """The same without some windows of one encoding."""
        left = {**self.windows, kind: self.windows[kind].without(keys)}
        return Needles(left, self.exact, self.bounded, self.forms, self.heads)


def exact_matches(
    data: bytes, needles: Needles, before: bytes = b""
) -> Iterator[tuple[bytes, int]]:
    """(string, offset) of the names and words that stand in `data`. before: the byte before it."""
    padded = words_of(data + bytes(WORD))
    for length, (keys, strings) in needles.heads.items():
        heads = keys_of(padded, length)
        for offset in keys.found_at(heads).tolist():
            for needle in strings[int(heads[offset])]:
                if data.startswith(needle, offset) and (
                    needle not in needles.bounded
                    or stands_alone(data, offset, needle, needles.exact[needle], before)
                ):
                    yield needle, offset


def stands_alone(data: bytes, start: int, needle: bytes, kind: str, before: bytes = b"") -> bool:
    """Whether it is a whole word there, or a whole name: "7.txt" is none in "17.txt" or "x-7.txt"."""
    end = start + len(needle)
    joins = _JOINS_NAMES if kind == NAMES else LETTER_BYTES
    left = data[start - 1 : start] if start else before
    right = data[end : end + 1]
    return not any(joins[side[0]] for side in (left, right) if side)


def _heads(exact: Iterable[bytes]) -> dict[int, tuple[KeySet, dict[int, tuple[bytes, ...]]]]:
    """Strings by their first eight bytes, or six, or four: length -> (keys, key -> strings)."""
    grouped: dict[int, dict[int, tuple[bytes, ...]]] = {}
    for needle in exact:
        length = next(size for size in (WORD, SHORT, SHORTEST) if size <= len(needle))
        key = int.from_bytes(needle[:length], "little")
        same = grouped.setdefault(length, {})
        same[key] = (*same.get(key, ()), needle)
    return {
        length: (KeySet(np.fromiter(same, np.uint64, len(same))), same)
        for length, same in grouped.items()
    }
