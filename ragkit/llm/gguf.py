"""The header of a GGUF file, checked before native code reads it.

llama.cpp believes counts, lengths and offsets of a file up to limits of its own, and has had faults
there. Nothing is kept of what is read here. The format: github.com/ggml-org/ggml, docs/gguf.md.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from ragkit.errors import CheckFailed

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST_KEYS = 10_000
_MOST_TENSORS = 100_000
_MOST_ITEMS = 4_000_000
"""Of an array: the largest vocabularies have 300,000 entries."""
_LONGEST_NAME = 65_535
_LONGEST_TEXT = 4_000_000
_MOST_DIMENSIONS = 4
_MOST_NUMBERS = 1 << 44
_LARGEST_HEADER = 512 * 1024 * 1024

_COUNT, _KIND = struct.Struct("<Q"), struct.Struct("<I")
_START = struct.Struct("<4sIQQ")
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY = 8, 9


class _Wrong(ValueError):
    """What is wrong with the header, in words."""


def check_header(path: Path) -> None:
    """Raises CheckFailed unless counts, lengths, types and offsets are possible. Reads the header only."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            _Header(data).check()
    except (_Wrong, struct.error, ValueError) as error:
        what = str(error) if isinstance(error, _Wrong) else "it ends too early"
        raise CheckFailed(
            f"{path.name} is not a whole GGUF model file: {what}.",
            hint="Pull the model again, or get the file anew.",
        ) from None


class _Header:
    """A place in the file, moved over one part after the other."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0
        self._end = min(len(data), _LARGEST_HEADER)

    def check(self) -> None:
        magic, version, tensors, keys = _START.unpack_from(self._data, 0)
        self._at = _START.size
        _require(magic == MAGIC and version in _VERSIONS, "it begins otherwise")
        _require(keys <= _MOST_KEYS, f"it says that it has {keys} settings")
        _require(tensors <= _MOST_TENSORS, f"it says that it has {tensors} tensors")
        for _ in range(keys):
            self._text(_LONGEST_NAME)
            self._value(self._number(_KIND))
        offsets = [self._tensor() for _ in range(tensors)]
        room = len(self._data) - self._at
        _require(all(offset <= room for offset in offsets), "it is cut off before its last tensor")

    def _number(self, form: struct.Struct) -> int:
        value: int = form.unpack_from(self._data, self._at)[0]
        self._skip(form.size)
        return value

    def _text(self, longest: int) -> None:
        length = self._number(_COUNT)
        _require(length <= longest, f"a text of {length} bytes")
        self._skip(length)

    def _value(self, kind: int) -> None:
        if kind == _TEXT:
            self._text(_LONGEST_TEXT)
        elif kind == _ARRAY:
            self._array(self._number(_KIND), self._number(_COUNT))
        else:
            _require(kind in _SIZES, f"a setting of unknown kind {kind}")
            self._skip(_SIZES[kind])

    def _array(self, kind: int, count: int) -> None:
        _require(count <= _MOST_ITEMS, f"a list of {count} items")
        _require(kind in _SIZES or kind == _TEXT, f"a list of unknown kind {kind}")
        if kind in _SIZES:
            self._skip(count * _SIZES[kind])
            return
        # Hundreds of thousands of short texts: no call for each.
        at, end, data, unpack = self._at, self._end, self._data, _COUNT.unpack_from
        for _ in range(count):
            (length,) = unpack(data, at)
            at += 8 + length
            _require(at <= end, "it ends too early")
        self._at = at

    def _tensor(self) -> int:
        """Where its numbers begin, counted from the end of the header."""
        self._text(_LONGEST_NAME)
        dimensions = self._number(_KIND)
        _require(dimensions <= _MOST_DIMENSIONS, f"a tensor of {dimensions} dimensions")
        numbers = 1
        for _ in range(dimensions):
            numbers *= self._number(_COUNT)
        _require(0 < numbers <= _MOST_NUMBERS, f"a tensor of {numbers} numbers")
        self._number(_KIND)
        return self._number(_COUNT)

    def _skip(self, count: int) -> None:
        self._at += count
        _require(self._at <= self._end, "it ends too early")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Wrong(otherwise)
