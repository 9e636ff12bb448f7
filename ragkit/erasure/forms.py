"""Forms: how a text, a vector or token ids may stand in a file, and the keys of their stretches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ragkit.erasure.windows import STRETCH, WIDE, Keys, KeySet, keys_of, words_of

UTF8, ESCAPED, UTF16LE, UTF16BE = "UTF-8", "JSON-escaped", "UTF-16LE", "UTF-16BE"
FLOAT32, FLOAT16, INT8, VECTOR_KEY = "float32", "float16", "int8", "vector key"
INT32, INT16 = "token ids, int32", "token ids, int16"
NAMES, WORDS = "names", "words"
TEXTS = (UTF8, ESCAPED, UTF16LE, UTF16BE)
NUMBERS = (FLOAT32, FLOAT16, INT8, INT32, INT16)
"""Encodings of numbers: what the documents that stay have of these is taken out when something is found."""

FEWEST_LETTERS = 8
"""Of a window's bytes: fewer are a ruled line or an indentation."""
FEWEST_NONZERO = 6
"""Of a window's bytes of numbers."""
_LETTERS = np.zeros(256, np.int32)
_LETTERS[[*range(48, 58), *range(65, 91), *range(97, 123), *range(128, 256)]] = 1
LETTER_BYTES = _LETTERS.astype(np.bool_)


def length_of(kind: str) -> int:
    """Bytes of a window in an encoding: 16 signs of text in UTF-16, four float32, eight float16."""
    return WIDE if kind in (ESCAPED, UTF16LE, UTF16BE) else STRETCH


def number_keys(
    vectors: NDArray[np.float32] | None, tokens: NDArray[np.int64] | None
) -> Iterator[tuple[str, Keys]]:
    """(encoding, keys) of the numbers of documents that stay, to be taken out of the needles."""
    forms: list[tuple[str, bytes]] = []
    for vector in () if vectors is None else vectors:
        forms.append((FLOAT32, vector.astype("<f4").tobytes()))
        forms.append((FLOAT16, vector.astype("<f2").tobytes()))
    if tokens is not None:
        forms += token_forms(tokens)
    for kind, data in forms:
        yield kind, number_windows(data)


def escaped(text: str) -> bytes:
    """As json.dumps writes it, with every sign that is not ASCII escaped."""
    return json.dumps(text)[1:-1].encode("ascii")


def text_windows(data: bytes) -> Keys:
    """Keys of the windows of a text at all offsets, but of those that say nothing."""
    keys = keys_of(words_of(data), STRETCH)
    return keys[_speaks(data, STRETCH, _LETTERS, FEWEST_LETTERS)]


def escaped_windows(data: bytes) -> Keys:
    """Those in which something is escaped: the others are the same as in UTF-8."""
    keys = keys_of(words_of(data), WIDE)
    escapes = np.frombuffer(data, np.uint8) == ord("\\")
    return keys[_sums(escapes, WIDE) > 0] if len(keys) else keys


def wide_windows(text: str, unique: KeySet, codec: str, late: int) -> Keys:
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


def number_windows(data: bytes) -> Keys:
    """Keys of the windows of an array's bytes at all offsets, but of those that are mostly zero."""
    keys = keys_of(words_of(data), STRETCH)
    nonzero = np.ones(256, np.int32)
    nonzero[0] = 0
    return keys[_speaks(data, STRETCH, nonzero, FEWEST_NONZERO)]


def token_forms(ids: NDArray[np.int64]) -> list[tuple[str, bytes]]:
    forms = [(INT32, ids.astype("<i4").tobytes())]
    if len(ids) and ids.max() < 1 << 16:
        forms.append((INT16, ids.astype("<u2").tobytes()))
    return forms


def concatenated(parts: Iterable[Keys]) -> Keys:
    found = [part for part in parts if len(part)]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)


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
