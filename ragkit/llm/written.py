"""Text as its tokens come, each decoded and searched for stop strings once."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from ragkit.llm.vocabulary import Vocabulary


class Written:
    """Generated text with the token boundaries in it."""

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
        self._held_back = ""
        self.count = 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def is_stopped(self) -> bool:
        """Whether a stop string is complete."""
        return self._stop_at is not None

    def add(self, token: int) -> str:
        """Append a token. What is settled by it: no stop string can take it back any more."""
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
        return self._settled(part)

    def rest(self) -> str:
        """What is left to be shown once the text is at its end."""
        left, self._held_back = self._held_back, ""
        return left

    def before_stop(self) -> tuple[str, int, int]:
        """The text before the stop, the tokens wholly in it, and the characters of those tokens."""
        text = self.text[: self._stop_at]
        kept, characters = max(pair for pair in self._boundaries if pair[1] <= len(text))
        return text, kept, characters

    def _settled(self, part: str) -> str:
        before = self._held_back + part
        if self._stop_at is not None:
            self._held_back = ""
            return before[: self._stop_at - (self._length - len(before))]
        settled = len(before) - self._overlap
        self._held_back = before[max(0, settled) :]
        return before[: max(0, settled)]
