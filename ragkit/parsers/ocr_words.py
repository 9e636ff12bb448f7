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


def rows_of_words(table: str) -> list[list[str]]:
    """The cells of each word, in the order in which `text_of` has them: paragraph by paragraph."""
    paragraphs: dict[tuple[str, ...], dict[str, list[list[str]]]] = {}
    for cells in _rows(table):
        lines = paragraphs.setdefault(tuple(cells[1:4]), {})
        lines.setdefault(cells[4], []).append(cells)
    return [cells for lines in paragraphs.values() for row in lines.values() for cells in row]


def _words(table: str) -> Iterator[tuple[tuple[str, ...], str, float, str]]:
    """(page, block and paragraph; line; confidence 0 to 1; word) of the rows that hold a word."""
    for cells in _rows(table):
        yield tuple(cells[1:4]), cells[4], min(1.0, float(cells[10]) / 100), cells[11].strip()


def _rows(table: str) -> Iterator[list[str]]:
    """The cells of the rows that hold a word of which tesseract says how sure it is."""
    for row in table.split("\n")[1:]:
        cells = row.split("\t")
        is_word = len(cells) == _COLUMNS and cells[0] == _WORD_LEVEL and cells[11].strip()
        if is_word and float(cells[10]) >= 0:
            yield cells
