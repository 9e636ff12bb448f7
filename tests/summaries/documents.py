"""Texts as the part is given them: with their sentences and sections."""

from __future__ import annotations

import re

from ragkit.summaries.candidates import Candidate, candidates_of
from ragkit.types import Span


def lines(text: str) -> list[Span]:
    """Every line as a sentence."""
    return [Span(match.start(), match.end()) for match in re.finditer(r"[^\n]+", text)]


def candidates(text: str, sections: dict[str, str] | None = None) -> list[Candidate]:
    """Of a text with a sentence on each line; sections: by the first word of a line."""
    spans = lines(text)
    paths = [(sections or {}).get(text[s.start : s.end].split()[0], "") for s in spans]
    return candidates_of(text, spans, paths)
