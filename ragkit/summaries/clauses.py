"""Cutting long sentences into clauses, so that a part of one can be quoted.

A contract's sentence may fill a page, and a transcript may have no full stop at all. The strongest
marks are tried first: items and semicolons, then conjunctions after a comma, then bare ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.types import Span

LEAST = 5
"""Words on each side of a cut."""

_ENDS = re.compile(r"(?<=[\w)])\s?[.?!…]+\s+(?=\w)")
_MARKS = tuple(
    re.compile(mark, re.IGNORECASE)
    for mark in (
        r";\s+|\s(?=\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s)",
        r":\s+|\s[—–-]\s|,\s+(?=(?:and|or|but|so|which|provided|except|unless|if|including|y|o|pero"
        r"|siempre que|salvo|que|si)\b)",
        r"\s(?=(?:provided that|unless|except|but|because|so that|so|which|including|such as|if|when"
        r"|whether|siempre que|salvo|pero|porque|incluid[oa]s?|cuando|aunque)\b)",
        r"\s(?=(?:and|or|y|o|e|u)\b)|,\s+",
    )
)
_WORD = re.compile(r"\S+")


def sentences_in(text: str, span: Span) -> Iterator[Span]:
    """The sentences of a stretch written without capitals, which only its stops tell apart."""
    start = span.start
    for end in _ENDS.finditer(text, span.start, span.end):
        yield Span(start, end.start() + len(end.group().rstrip()))
        start = end.end()
    if start < span.end:
        yield Span(start, span.end)


def clauses_in(text: str, span: Span, longest: int) -> Iterator[Span]:
    """The stretch itself, or where it has more than `longest` words the clauses it is made of.

    Together they cover all but whitespace. One without any mark stays longer.
    """
    words = [match.start() for match in _WORD.finditer(text, span.start, span.end)]
    gap = _cut(text, span, words) if len(words) > longest else None
    if gap is None:
        yield span
        return
    yield from clauses_in(text, Span(span.start, gap.start), longest)
    yield from clauses_in(text, Span(gap.end, span.end), longest)


def _cut(text: str, span: Span, words: list[int]) -> Span | None:
    """The whitespace to cut at: of the strongest marks the one nearest to the middle."""
    first, last, middle = words[LEAST], words[-LEAST], words[len(words) // 2]
    for mark in _MARKS:
        cuts = list(mark.finditer(text, first - 1, last))
        if cuts:
            best = min(cuts, key=lambda match: abs(match.end() - middle))
            return Span(best.start() + len(best.group().rstrip()), best.end())
    return None
