"""Needles: every stretch of some documents, in every form in which bytes of them may be left.

Texts are cut into all their windows, not into samples. What the documents that stay contain as well
(a paragraph of boilerplate, a common word) is no needle, since finding it would say nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ragkit.erasure.windows import (
    SHORT,
    SHORTEST,
    STRETCH,
    WIDE,
    WORD,
    Keys,
    KeySet,
    keys_of,
    words_of,
)

UTF8, ESCAPED, UTF16LE, UTF16BE = "UTF-8", "JSON-escaped", "UTF-16LE", "UTF-16BE"
FLOAT32, FLOAT16, VECTOR_KEY = "float32", "float16", "vector key"
INT32, INT16 = "token ids, int32", "token ids, int16"
NAMES, WORDS = "names", "words"
TEXTS = (UTF8, ESCAPED, UTF16LE, UTF16BE)
NUMBERS = (FLOAT32, FLOAT16, INT32, INT16)
"""Encodings of numbers: what the documents that stay have of these is taken out when something is found."""

FEWEST_LETTERS = 8
"""Of a window's bytes: fewer are a ruled line or an indentation."""
FEWEST_NONZERO = 6
"""Of a window's bytes of numbers."""
LONGEST = 192
"""Bytes of a name or word that are compared at most; blocks that are scanned overlap by so many."""
_WORD = re.compile(r"[^\W_]{6,}")
_SHORTER_WORD = re.compile(r"[^\W_]{4,}")
_DIGITS_FROM = 8
_BOUNDED_TO = 8
"""Words shorter than this must stand alone; in a longer one's place nothing stands by chance."""
_LETTERS = np.zeros(256, np.int32)
_LETTERS[[*range(48, 58), *range(65, 91), *range(97, 123), *range(128, 256)]] = 1
LETTER_BYTES = _LETTERS.astype(np.bool_)


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

    def is_empty(self) -> bool:
        return not self.windows and not self.exact

    def without_words(self) -> Needles:
        """For files that hold words of a general vocabulary, such as a converted model's."""
        left = {needle: kind for needle, kind in self.exact.items() if kind != WORDS}
        return Needles(self.windows, left, frozenset(), self.forms, _heads(left))

    def without(self, kind: str, keys: Keys) -> Needles:
        """The same without some windows of one encoding."""
        left = {**self.windows, kind: self.windows[kind].without(keys)}
        return Needles(left, self.exact, self.bounded, self.forms, self.heads)


def length_of(kind: str) -> int:
    """Bytes of a window in an encoding: 16 signs of text in UTF-16, four float32, eight float16."""
    return WIDE if kind in (ESCAPED, UTF16LE, UTF16BE) else STRETCH


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


class NeedleMaker:
    """Collects what the erased documents hold, then takes out what stays; make() gives the needles."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._names: set[str] = set()
        self._numbers: dict[str, list[bytes]] = {}
        self._windows: dict[str, list[Keys]] = {}
        self._text_keys = KeySet(np.empty(0, np.uint64))
        self._escaped_keys = KeySet(np.empty(0, np.uint64))
        self._words: set[str] = set()
        self._short: set[str] = set()
        self._vocabulary: set[str] = set()
        self._gone: dict[str, list[Keys]] = {UTF8: [], ESCAPED: []}
        self._kept_exact: set[bytes] = set()
        self._exact: dict[bytes, str] = {}
        self._bounded: set[bytes] = set()
        self._matcher: Needles | None = None

    # What must not be found

    def add_text(self, text: str) -> None:
        """A text of an erased document, of any length; its words too."""
        self._texts.append(text)
        self._words.update(_words(text))

    def add_name(self, name: str) -> None:
        """A file name or a path; one of fewer than four bytes cannot be looked for."""
        if len(name.encode("utf-8", "surrogatepass")) >= SHORTEST:
            self._names.add(name)

    def add_vectors(self, vectors: NDArray[np.float32]) -> None:
        """Shape (n, dimension). Also as they would be in half precision."""
        for vector in vectors:
            self._add_numbers(FLOAT32, vector.astype("<f4").tobytes())
            self._add_numbers(FLOAT16, vector.astype("<f2").tobytes())

    def add_vector_key(self, key: bytes) -> None:
        if len(key) >= WORD:
            self._exact[key] = VECTOR_KEY

    def add_tokens(self, ids: NDArray[np.int64]) -> None:
        """Token ids of a text, in its order."""
        for kind, data in _tokens(ids):
            self._add_numbers(kind, data)

    def _add_numbers(self, kind: str, data: bytes) -> None:
        self._numbers.setdefault(kind, []).append(data)

    # What stays

    def stays(self, texts: Iterable[str]) -> None:
        """Take out what the documents that stay contain; called after everything was added."""
        self._prepare()
        assert self._matcher is not None
        for batch in _joined(texts):
            words = set(_SHORTER_WORD.findall(batch))
            self._words.difference_update(words)
            self._vocabulary |= words
            data = batch.encode("utf-8", "surrogatepass")
            keys = keys_of(words_of(data), STRETCH)
            self._gone[UTF8].append(np.unique(keys[self._text_keys.found_at(keys)]))
            escaped = _escaped(batch)
            if len(escaped) != len(data):
                wide = keys_of(words_of(escaped), WIDE)
                self._gone[ESCAPED].append(np.unique(wide[self._escaped_keys.found_at(wide)]))
            self._kept_exact.update(found for found, _ in exact_matches(data, self._matcher))

    def _prepare(self) -> None:
        if self._matcher is not None:
            return
        texts = [text.encode("utf-8", "surrogatepass") for text in self._texts]
        self._text_keys = KeySet(_concatenated(_text_windows(data) for data in texts))
        escaped = [_escaped(text) for text in self._texts]
        pairs = zip(escaped, texts, strict=True)
        self._escaped_keys = KeySet(
            _concatenated(_escaped_windows(one) for one, data in pairs if len(one) != len(data))
        )
        plain = {name.encode("utf-8", "surrogatepass"): NAMES for name in self._names}
        short = [text for text in self._texts if SHORT <= len(text.encode()) < STRETCH]
        words = {word.encode("utf-8"): WORDS for word in (*self._words, *short)}
        bounded = {word for word in words if len(word) < _BOUNDED_TO}
        self._short = set(short)
        self._matcher = Needles.of({}, {**words, **plain}, bounded - plain.keys(), {})

    # The needles

    def make(self) -> Needles:
        """Everything that was added and does not stay."""
        self._prepare()
        gone = {kind: _concatenated(parts) for kind, parts in self._gone.items()}
        windows: dict[str, Keys] = {
            UTF8: self._text_keys.without(gone[UTF8]).keys,
            ESCAPED: self._escaped_keys.without(gone[ESCAPED]).keys,
        }
        unique = KeySet(windows[UTF8])
        for kind, codec, late in ((UTF16LE, "utf-16-le", 1), (UTF16BE, "utf-16-be", 0)):
            windows[kind] = _concatenated(
                _wide_windows(text, unique, codec, late) for text in self._texts
            )
        for kind, parts in self._numbers.items():
            windows[kind] = _concatenated(map(_number_windows, parts))
        self._add_exact()
        return Needles.of(windows, self._exact, self._bounded, self._forms())

    def _add_exact(self) -> None:
        self._words -= self._but_for_one_letter()
        strings = [(word, WORDS) for word in sorted(self._words | self._short)]
        for text, kind in (*strings, *((name, NAMES) for name in sorted(self._names))):
            plain = text.encode("utf-8", "surrogatepass")
            if plain in self._kept_exact:
                continue
            escaped, is_word = _escaped(text), kind == WORDS
            for form in {plain, escaped}:
                self._exact[form[:LONGEST]] = kind
                if is_word and len(form) < _BOUNDED_TO:
                    self._bounded.add(form)
            for codec in ("utf-16-le", "utf-16-be"):
                self._exact[text.encode(codec, "surrogatepass")[:LONGEST]] = kind

    def _but_for_one_letter(self) -> set[str]:
        """Words that, without their first or last letter, stand in words of what stays.

        Where one page of a file ends and another begins, any byte may come to stand before a word:
        "easonable" after a pointer that looks like an R.
        """
        shorter: dict[bytes, list[str]] = {}
        for word in self._words:
            for part in (word[1:], word[:-1]):
                shorter.setdefault(part.encode("utf-8"), []).append(word)
        matcher = Needles.of({}, dict.fromkeys(shorter, WORDS), set(), {})
        data = "\0".join(sorted(self._vocabulary)).encode("utf-8")
        return {word for part, _ in exact_matches(data, matcher) for word in shorter[part]}

    def _forms(self) -> dict[str, bytes]:
        joined = "\0".join(self._texts)
        return {
            UTF8: joined.encode("utf-8", "surrogatepass"),
            ESCAPED: _escaped(joined),
            UTF16LE: joined.encode("utf-16-le", "surrogatepass"),
            UTF16BE: joined.encode("utf-16-be", "surrogatepass"),
            **{kind: b"".join(parts) for kind, parts in self._numbers.items()},
        }


def number_keys(
    vectors: NDArray[np.float32] | None, tokens: NDArray[np.int64] | None
) -> Iterator[tuple[str, Keys]]:
    """(encoding, keys) of the numbers of documents that stay, to be taken out of the needles."""
    forms: list[tuple[str, bytes]] = []
    for vector in () if vectors is None else vectors:
        forms.append((FLOAT32, vector.astype("<f4").tobytes()))
        forms.append((FLOAT16, vector.astype("<f2").tobytes()))
    if tokens is not None:
        forms += _tokens(tokens)
    for kind, data in forms:
        yield kind, _number_windows(data)


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
                    or _stands_alone(data, offset, offset + len(needle), before)
                ):
                    yield needle, offset


def _stands_alone(data: bytes, start: int, end: int, before: bytes) -> bool:
    left = data[start - 1 : start] if start else before
    right = data[end : end + 1]
    return not any(LETTER_BYTES[side[0]] for side in (left, right) if side)


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if not word.isdigit() or len(word) >= _DIGITS_FROM:
            yield word[: LONGEST // 4]


def _escaped(text: str) -> bytes:
    """As json.dumps writes it, with every sign that is not ASCII escaped."""
    return json.dumps(text)[1:-1].encode("ascii")


def _joined(texts: Iterable[str], size: int = 1 << 18) -> Iterator[str]:
    """The same texts, small ones together: each call to numpy costs more than a short text does."""
    batch: list[str] = []
    held = 0
    for text in texts:
        batch.append(text)
        held += len(text)
        if held >= size:
            yield "\0".join(batch)
            batch, held = [], 0
    if batch:
        yield "\0".join(batch)


def _text_windows(data: bytes) -> Keys:
    """Keys of the windows of a text at all offsets, but of those that say nothing."""
    keys = keys_of(words_of(data), STRETCH)
    return keys[_speaks(data, STRETCH, _LETTERS, FEWEST_LETTERS)]


def _escaped_windows(data: bytes) -> Keys:
    """Those in which something is escaped: the others are the same as in UTF-8."""
    keys = keys_of(words_of(data), WIDE)
    escapes = np.frombuffer(data, np.uint8) == ord("\\")
    return keys[_sums(escapes, WIDE) > 0] if len(keys) else keys


def _wide_windows(text: str, unique: KeySet, codec: str, late: int) -> Keys:
    """Windows in UTF-16 that hold a stretch which, in UTF-8, no document that stays has.

    late: for windows that begin in the middle of a sign, the sign at which that stretch begins.
    """
    narrow = text.encode("utf-8", "surrogatepass")
    keys = keys_of(words_of(narrow), STRETCH)
    is_unique = np.zeros(len(narrow) + 1, np.bool_)
    is_unique[unique.found_at(keys)] = True
    data = np.frombuffer(narrow, np.uint8)
    signs = is_unique[:-1][(data & 0xC0) != 0x80]  # one for each sign: where it begins
    units = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4") > 0xFFFF
    signs = np.repeat(signs, 1 + units.astype(np.int64))
    wide = keys_of(words_of(text.encode(codec, "surrogatepass")), WIDE)
    wanted = np.zeros(2 * len(signs) + 2, np.bool_)
    wanted[0 : 2 * len(signs) : 2] = signs
    wanted[1 : 2 * len(signs) - 2 * late + 1 : 2] = signs[late:]
    return wide[wanted[: len(wide)]]


def _number_windows(data: bytes) -> Keys:
    """Keys of the windows of an array's bytes at all offsets, but of those that are mostly zero."""
    keys = keys_of(words_of(data), STRETCH)
    nonzero = np.ones(256, np.int32)
    nonzero[0] = 0
    return keys[_speaks(data, STRETCH, nonzero, FEWEST_NONZERO)]


def _speaks(data: bytes, length: int, weights: NDArray[np.int32], fewest: int) -> NDArray[np.bool_]:
    """For each window whether enough of its bytes count, and whether it is more than one repetition."""
    if len(data) < length:
        return np.zeros(0, np.bool_)
    enough = _sums(weights[np.frombuffer(data, np.uint8)], length) >= fewest
    words = words_of(data)
    half = length // 2
    varied: NDArray[np.bool_] = words[: len(enough)] != words[half : half + len(enough)]
    return enough & varied


def _sums(values: NDArray[np.generic], length: int) -> NDArray[np.int64]:
    total = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    sums: NDArray[np.int64] = total[length:] - total[:-length]
    return sums


def _tokens(ids: NDArray[np.int64]) -> list[tuple[str, bytes]]:
    forms = [(INT32, ids.astype("<i4").tobytes())]
    if len(ids) and ids.max() < 1 << 16:
        forms.append((INT16, ids.astype("<u2").tobytes()))
    return forms


def _concatenated(parts: Iterable[Keys]) -> Keys:
    found = [part for part in parts if len(part)]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
