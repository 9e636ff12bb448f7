"""One answer being generated: a list of tokens, and the choice of the next one.

Everything is done on the list of tokens; the engine brings its memory in line with it, computing
only what is new. So taking tokens back costs nothing, and what `generate` returns is exactly what
the sequence holds.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import UsageFault
from ragkit.llm.vocabulary import Vocabulary

Logits = NDArray[np.float32]
LogitsAfter = Callable[[list[int]], Logits]
"""The engine's one service: logits, shape (vocabulary,), of what follows a list of tokens."""


class LlamaGeneration:
    """Implements protocols.Generation. `release` is called once, when it is closed."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        tokens: list[int],
        context: int,
        logits_after: LogitsAfter,
        release: Callable[[], None],
    ) -> None:
        self._vocabulary = vocabulary
        self._tokens = tokens
        self._context = context
        self._logits_after = logits_after
        self._release: Callable[[], None] | None = release
        self._ended = False

    @property
    def ended(self) -> bool:
        return self._ended

    def write(self, text: str) -> None:
        """Append `text`. Raises UsageFault if the context is full."""
        added = self._vocabulary.tokenize(text)
        needed = len(self._tokens) + len(added) + 1
        if needed > self._context:
            raise UsageFault(f"the text needs {needed} tokens and the model has {self._context}")
        self._tokens += added

    def generate(self, *, max_tokens: int, stop: Sequence[str]) -> str:
        """Greedy text up to the first of `stop`, the end of turn, max_tokens or the full context."""
        written = _Written(self._vocabulary, stop)
        for _ in range(min(max_tokens, self._context - len(self._tokens) - 1)):
            token = int(np.argmax(self._next_logits()))
            if self._vocabulary.ends_turn(token) or self._vocabulary.is_control(token):
                self._ended = True
                break
            self._tokens.append(token)
            if written.add(token):
                return self._cut(written)
        return written.text

    def choose(self, options: Sequence[str]) -> str:
        """The likeliest option, going token by token along the branches the options leave open."""
        if not options:
            raise ValueError("there must be an option to choose")
        left = {option: self._vocabulary.tokenize(option) for option in options}
        depth = 0
        while len(left) > 1:
            branches = {tokens[depth] for tokens in left.values() if len(tokens) > depth}
            complete = [option for option, tokens in left.items() if len(tokens) == depth]
            token = self._branch(branches, may_end=bool(complete))
            if token is None:
                return complete[0]
            self._tokens.append(token)
            depth += 1
            left = {o: t for o, t in left.items() if len(t) >= depth and t[depth - 1] == token}
        option, tokens = next(iter(left.items()))
        self._tokens += tokens[depth:]
        return option

    def close(self) -> None:
        if self._release is not None:
            self._release()
            self._release = None

    def _next_logits(self) -> Logits:
        if self._release is None:
            raise RuntimeError("this generation is closed")
        return self._logits_after(self._tokens)

    def _branch(self, branches: set[int], *, may_end: bool) -> int | None:
        """The likeliest of the branches, or None to end where a whole option is complete.

        "1" ends before "12" unless a continuing token is the likeliest of all tokens.
        """
        if len(branches) == 1 and not may_end:
            return next(iter(branches))
        logits = self._next_logits()
        best = max(branches, key=lambda token: float(logits[token]))
        if may_end and float(logits[best]) < float(logits.max()):
            return None
        return best

    def _cut(self, written: _Written) -> str:
        """Take back what was generated past the stop; the part of a token before it is written anew."""
        text, kept, kept_characters = written.before_stop()
        del self._tokens[len(self._tokens) - (written.count - kept) :]
        if text[kept_characters:]:
            self.write(text[kept_characters:])
        return text


class _Written:
    """Generated text with the token boundaries in it; each token is decoded and searched once."""

    def __init__(self, vocabulary: Vocabulary, stop: Sequence[str]) -> None:
        self._vocabulary = vocabulary
        self._stop = tuple(mark for mark in stop if mark)
        self._overlap = max((len(mark) for mark in self._stop), default=1) - 1
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._parts: list[str] = []
        self._tail = ""
        self._length = 0
        self._boundaries: list[tuple[int, int]] = [(0, 0)]
        self._stop_at: int | None = None
        self.count = 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, token: int) -> bool:
        """Append a token; whether a stop string is now complete."""
        part = self._decoder.decode(self._vocabulary.piece(token))
        self.count += 1
        self._parts.append(part)
        window = self._tail + part
        self._length += len(part)
        if not self._decoder.getstate()[0]:  # a token may end inside a character
            self._boundaries.append((self.count, self._length))
        found = [window.find(mark) for mark in self._stop]
        places = [place for place in found if place >= 0]
        if places:
            self._stop_at = self._length - len(window) + min(places)
        self._tail = window[max(0, len(window) - self._overlap) :]
        return bool(places)

    def before_stop(self) -> tuple[str, int, int]:
        """The text before the stop, the tokens wholly in it, and the characters of those tokens."""
        text = self.text[: self._stop_at]
        kept, characters = max(pair for pair in self._boundaries if pair[1] <= len(text))
        return text, kept, characters
