"""Tesseract's table of words -> the lines and paragraphs of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COLUMNS = 12
_WORD_LEVEL = "5"
_CAPITAL_I = re.compile(r"^\|(?= [a-z])(?!.*\|)", re.MULTILINE)
"""A bar that begins a line and goes on in lower case is the English "I", read as a column's rule."""


def text_of(table: str) -> tuple[str, float]:
    """(text, confidence 0 to 1) of what `tesseract ... tsv` writes.

    Lines stand in reading order, an empty line between paragraphs. The confidence is the mean over
    the words, weighted by their length.
    """
    paragraphs: dict[tuple[str, ...], dict[str, list[str]]] = {}
    letters, sure = 0, 0.0
    for place, line, confidence, word in _words(table):
        paragraphs.setdefault(place, {}).setdefault(line, []).append(word)
        letters += len(word)
        sure += confidence * len(word)
    text = "\n\n".join(
        "\n".join(" ".join(words) for words in lines.values()) for lines in paragraphs.values()
    )
    return _CAPITAL_I.sub("I", text), round(sure / letters, 4) if letters else 0.0


def _words(table: str) -> Iterator[tuple[tuple[str, ...], str, float, str]]:
    """(page, block and paragraph; line; confidence 0 to 1; word) of the rows that hold a word."""
    for row in table.split("\n")[1:]:
        cells = row.split("\t")
        if len(cells) == _COLUMNS and cells[0] == _WORD_LEVEL and cells[11].strip():
            confidence = float(cells[10]) / 100
            if confidence >= 0:
                yield tuple(cells[1:4]), cells[4], min(1.0, confidence), cells[11].strip()
