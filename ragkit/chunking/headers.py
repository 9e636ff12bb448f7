"""The line put before a chunk when it is embedded and indexed, never when it is quoted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ragkit.protocols import TokenCounter
from ragkit.types import DocumentFacts

_SEPARATOR = " · "
_TITLE_SHARE = 0.25
_NAMES_SHARE = 0.35
"""Of the header's tokens; the date has five, and the section path what is left.

The whole path does better than its last heading alone: recall at 8 inside the right contract 0.783
against 0.772 (36 contracts). Without title and names it would be 0.807, but where routing tells
nothing 0.33 against 0.49."""


class HeaderWriter:
    """Writes headers of at most `most_tokens` tokens: title, names, date, section path."""

    def __init__(self, tokens: TokenCounter, most_tokens: int) -> None:
        self._tokens = tokens
        self._most = most_tokens

    def of(self, facts: DocumentFacts) -> Callable[[str], str]:
        """A function from a section's heading path to the header of its chunks."""
        title = self._cut(facts.title or facts.kind, int(_TITLE_SHARE * self._most))
        names = self._cut(", ".join(facts.names), int(_NAMES_SHARE * self._most))
        document = [part for part in (title, names, facts.date) if part]

        @cache
        def header(path: str) -> str:
            headings = path.split(" > ") if path else []
            # The outermost headings go first: the innermost says what the chunk is about.
            while len(headings) > 1 and not self._fits([*document, " > ".join(headings)]):
                del headings[0]
            line = _SEPARATOR.join([*document, *([" > ".join(headings)] if headings else [])])
            return self._cut(line, self._most)

        return header

    def _fits(self, parts: list[str]) -> bool:
        return len(self._tokens.token_spans(_SEPARATOR.join(parts))) <= self._most

    def _cut(self, text: str, most: int) -> str:
        spans = self._tokens.token_spans(text)
        return text if len(spans) <= most else text[: int(spans[most - 1, 1])].rstrip(" ,·>")
