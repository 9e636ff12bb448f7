"""A model's vocabulary: text to tokens and back."""

from __future__ import annotations

import ctypes
from typing import Any

from ragkit.llm.handle import ModelHandle

_LONGEST_PIECE = 256
_SHORT = 8
"""Characters of texts whose tokens are remembered: numbers and marks that are chosen among again and
again. Nine of them take half a millisecond, a twentieth of a token of a small model."""
_MOST_REMEMBERED = 4096


class Vocabulary:
    """Tokens of one loaded model.

    library: the module `llama_cpp`, handed in by the engine that owns it. Once the model is closed,
    what needs it raises Interrupted.
    """

    def __init__(self, library: Any, handle: ModelHandle) -> None:
        self._library = library
        self._handle = handle
        with handle.use() as model:
            self._vocab = library.llama_model_get_vocab(model)
        self.size: int = library.llama_vocab_n_tokens(self._vocab)
        self._pieces: dict[int, bytes] = {}
        self._short: dict[tuple[str, bool], list[int]] = {}

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Tokens of `text`. Only with `special` can <|im_end|> and its like become one control token."""
        if len(text) > _SHORT:
            return self._read_tokens(text, special)
        key = (text, special)
        if key not in self._short:
            if len(self._short) >= _MOST_REMEMBERED:
                self._short.clear()
            self._short[key] = self._read_tokens(text, special)
        return list(self._short[key])

    def _read_tokens(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            buffer = (self._library.llama_token * room)()
            with self._handle.use():
                count = self._library.llama_tokenize(
                    self._vocab, data, len(data), buffer, room, False, special
                )
            if count >= 0:
                return list(buffer[:count])
            room = -count

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for, possibly a part of a character; none for a control token."""
        if token not in self._pieces:
            self._pieces[token] = self._read_piece(token, special=False)
        return self._pieces[token]

    def ends_turn(self, token: int) -> bool:
        with self._handle.use():
            return bool(self._library.llama_vocab_is_eog(self._vocab, token))

    def is_control(self, token: int) -> bool:
        with self._handle.use():
            return bool(self._library.llama_vocab_is_control(self._vocab, token))

    @property
    def opening_token(self) -> int | None:
        """The token that every sequence begins with, if the model was trained with one."""
        with self._handle.use():
            if not self._library.llama_vocab_get_add_bos(self._vocab):
                return None
            token = int(self._library.llama_vocab_bos(self._vocab))
        return token if token >= 0 else None

    def special_texts(self) -> tuple[str, str]:
        """How the beginning and end tokens are written in a chat template, "" where there is none."""
        with self._handle.use():
            tokens = (
                self._library.llama_vocab_bos(self._vocab),
                self._library.llama_vocab_eos(self._vocab),
            )
        first, last = (
            self._read_piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""
            for token in tokens
        )
        return first, last

    def _read_piece(self, token: int, *, special: bool) -> bytes:
        room = _LONGEST_PIECE
        while True:
            buffer = ctypes.create_string_buffer(room)
            with self._handle.use():
                count = self._library.llama_token_to_piece(
                    self._vocab, token, buffer, room, 0, special
                )
            if count >= 0:
                return buffer.raw[:count]
            room = -count
