"""The line put before a chunk when it is embedded and indexed, never when it is quoted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ragkit.chunking.structure import PATH_SEPARATOR
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

    def of(self, facts: DocumentFacts) -> Callable[[str, str], str]:
        """A function from a section's heading path to the header of its chunks.

        Its second argument is what rows of a table lack: the headings of their columns.
        """
        title = self._cut(facts.title or facts.kind, int(_TITLE_SHARE * self._most))
        names = self._cut(", ".join(facts.names), int(_NAMES_SHARE * self._most))
        document = [part for part in (title, names, facts.date) if part]

        @cache
        def header(path: str, columns: str) -> str:
            if columns:
                return self._of_rows([title, names, facts.date, path], columns)
            headings = path.split(PATH_SEPARATOR) if path else []
            if len(headings) > 1 and headings[0].casefold() == title.casefold():
                del headings[0]  # a page's first heading is its title, which stands there already
            # The outermost headings go first: the innermost says what the chunk is about.
            while len(headings) > 1 and not self._fits([*document, PATH_SEPARATOR.join(headings)]):
                del headings[0]
            line = [*document, *([PATH_SEPARATOR.join(headings)] if headings else [])]
            return self._cut(_SEPARATOR.join(line), self._most)

        return header

    def _of_rows(self, document: list[str], columns: str) -> str:
        """Title, names, date and section as far as the columns leave them room: without these a row
        cannot be found by what its cells are."""
        title, names, date, path = document
        kept = [title, "", "", "", self._cut(columns, self._most - self._tokens_of(title) - 1)]
        for place, part in (
            (3, path.rpartition(PATH_SEPARATOR)[2]),
            (3, path),
            (1, names),
            (2, date),
        ):
            tried = [*kept[:place], part, *kept[place + 1 :]]
            kept = tried if self._fits([found for found in tried if found]) else kept
        return self._cut(_SEPARATOR.join(part for part in kept if part), self._most)

    def _tokens_of(self, text: str) -> int:
        return len(self._tokens.token_spans(text))

    def _fits(self, parts: list[str]) -> bool:
        return self._tokens_of(_SEPARATOR.join(parts)) <= self._most

    def _cut(self, text: str, most: int) -> str:
        spans = self._tokens.token_spans(text)
        return text if len(spans) <= most else text[: int(spans[most - 1, 1])].rstrip(" ,·>")
