"""The words beside a value that say what it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLAUSE_END = re.compile(r"[.;]\s+(?=[^\w\n]*[A-ZÁÉÍÓÚÑ])|\n\s*\n")


def nearest(kinds: Sequence[tuple[str, re.Pattern[str]]], words: str) -> str:
    """The kind whose words end last in `words`, or an empty string."""
    ends = {
        name: max(match.end() for match in found)
        for name, pattern in kinds
        if (found := list(pattern.finditer(words)))
    }
    return max(ends, key=lambda name: ends[name]) if ends else ""


def before(text: str, place: int, start: int) -> str:
    """The words of its clause before a place, from `start` on."""
    boundaries = [mark.end() for mark in _CLAUSE_END.finditer(text, start, place)]
    return text[boundaries[-1] if boundaries else start : place]


def after(text: str, place: int, end: int) -> str:
    """The words of its clause after a place, up to `end`."""
    boundary = _CLAUSE_END.search(text, place, end)
    return text[place : boundary.start() if boundary else end]
