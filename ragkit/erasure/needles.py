"""Needles: every stretch of some documents, in every form in which bytes of them may be left.

Texts are cut into all their windows, not into samples. What the documents that stay contain as well
(a paragraph of boilerplate, a common word) is no needle, since finding it would say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ragkit.erasure.forms import (
    ESCAPED,
    FLOAT16,
    FLOAT32,
    INT8,
    NAMES,
    UTF8,
    UTF16BE,
    UTF16LE,
    VECTOR_KEY,
    WORDS,
    concatenated,
    escaped,
    escaped_windows,
    number_windows,
    text_windows,
    token_forms,
    wide_windows,
)
from ragkit.erasure.matching import LONGEST, Needles, exact_matches, stands_alone
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

_WORD = re.compile(r"[^\W_]{6,}")
_SHORTER_WORD = re.compile(r"[^\W_]{4,}")
_DIGITS_FROM = 8
_BOUNDED_TO = 8
"""Words shorter than this must stand alone; in a longer one's place nothing stands by chance."""


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
        self._kept_within: set[bytes] = set()  # as a part of something longer
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

    def add_small_vectors(self, data: bytes) -> None:
        """Vectors with a byte for each number."""
        self._add_numbers(INT8, data)

    def add_vector_key(self, key: bytes) -> None:
        if len(key) >= WORD:
            self._exact[key] = VECTOR_KEY

    def add_tokens(self, ids: NDArray[np.int64]) -> None:
        """Token ids of a text, in its order."""
        for kind, data in token_forms(ids):
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
            in_json = escaped(batch)
            if len(in_json) != len(data):
                wide = keys_of(words_of(in_json), WIDE)
                self._gone[ESCAPED].append(np.unique(wide[self._escaped_keys.found_at(wide)]))
            for found, offset in exact_matches(data, self._matcher):
                is_whole = stands_alone(data, offset, found, self._matcher.exact[found])
                (self._kept_exact if is_whole else self._kept_within).add(found)

    def _prepare(self) -> None:
        if self._matcher is not None:
            return
        texts = [text.encode("utf-8", "surrogatepass") for text in self._texts]
        self._text_keys = KeySet(concatenated(text_windows(data) for data in texts))
        in_json = [escaped(text) for text in self._texts]
        pairs = zip(in_json, texts, strict=True)
        self._escaped_keys = KeySet(
            concatenated(escaped_windows(one) for one, data in pairs if len(one) != len(data))
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
        gone = {kind: concatenated(parts) for kind, parts in self._gone.items()}
        windows: dict[str, Keys] = {
            UTF8: self._text_keys.without(gone[UTF8]).keys,
            ESCAPED: self._escaped_keys.without(gone[ESCAPED]).keys,
        }
        unique = KeySet(windows[UTF8])
        for kind, codec, late in ((UTF16LE, "utf-16-le", 1), (UTF16BE, "utf-16-be", 0)):
            windows[kind] = concatenated(
                wide_windows(text, unique, codec, late) for text in self._texts
            )
        for kind, parts in self._numbers.items():
            windows[kind] = concatenated(map(number_windows, parts))
        self._add_exact()
        return Needles.of(windows, self._exact, self._bounded, self._forms())

    def _add_exact(self) -> None:
        self._words -= self._but_for_one_letter()
        strings = [(word, WORDS) for word in sorted(self._words | self._short)]
        for text, kind in (*strings, *((name, NAMES) for name in sorted(self._names))):
            plain = text.encode("utf-8", "surrogatepass")
            in_json, is_word = escaped(text), kind == WORDS
            is_within = plain in self._kept_within
            if plain in self._kept_exact or (is_word and is_within):
                continue
            for form in {plain, in_json}:
                self._exact[form[:LONGEST]] = kind
                self._bounded.discard(form)
                if (is_word and len(form) < _BOUNDED_TO) or (is_within and len(form) <= LONGEST):
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
            ESCAPED: escaped(joined),
            UTF16LE: joined.encode("utf-16-le", "surrogatepass"),
            UTF16BE: joined.encode("utf-16-be", "surrogatepass"),
            **{kind: b"".join(parts) for kind, parts in self._numbers.items()},
        }


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if not word.isdigit() or len(word) >= _DIGITS_FROM:
            yield word[: LONGEST // 4]


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
