"""Fields of forms: "Name: value", several of them in one line, and "NHC | 123"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FIRST_LABEL = r"(?:^|(?<=[\n|;]))[ \t*#•-]*(?P<first>[^\W\d_][^:|\n.!?]{0,40}?)"
_INNER_LABEL = (
    r"(?<=[\s.,;(])(?P<inner>[A-ZÁÉÍÓÚÑ][\w.º°ª/-]{0,40}"
    r"(?:[ ](?:de[ ]|del[ ]|of[ ]|y[ ]|and[ ])?[a-záéíóúñ(][\w/)]{0,40}"
    r"|[ ](?:de|del|of)[ ][A-ZÁÉÍÓÚÑ]\w{0,40}){0,3})"
)
_LABEL = re.compile(
    rf"(?:{_FIRST_LABEL}|{_INNER_LABEL})[ \t]?\*{{0,2}}(?:(?<!\d):(?!//)|[ ]\|[ ]?)\*{{0,2}}"
)
"""At the beginning of a line nearly anything before a colon is a label; inside it only a word with a
capital and what belongs to it: of "Ana Ruiz Sex: F" the label is "Sex"."""
_EDGES = " \t\r\n.,;|*·"


@dataclass(frozen=True, slots=True)
class Field:
    """value is text[start:end], without the marks around it."""

    label: str
    value: str
    start: int
    end: int


def fields_of(text: str) -> tuple[Field, ...]:
    """The labelled values of a text, in order; none for running sentences."""
    return tuple(_fields(text))


def _fields(text: str) -> Iterator[Field]:
    matches = list(_LABEL.finditer(text))
    for at, match in enumerate(matches):
        following = matches[at + 1].start() if at + 1 < len(matches) else len(text)
        start, end = bare(text, match.end(), _line_end(text, match.end(), following))
        if any(sign.isalnum() for sign in text[start:end]):
            yield Field((match["first"] or match["inner"]).strip(), text[start:end], start, end)


def _line_end(text: str, start: int, limit: int) -> int:
    """The end of the first line that holds something: a value may stand under its label."""
    first = len(text[start:limit]) - len(text[start:limit].lstrip())
    end = text.find("\n", start + first, limit)
    return limit if end < 0 else end


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch without the blanks and marks at its edges."""
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def cells_of(row: str, columns: str, separator: str) -> Iterator[Field]:
    """The cells of a table's row under the titles of its columns, where there are as many of each."""
    titles, cells = columns.split(separator.strip()), row.split(separator.strip())
    if len(titles) != len(cells) or len(cells) < 2:
        return
    at = 0
    for title, cell in zip(titles, cells, strict=True):
        start, end = bare(row, at, at + len(cell))
        if start < end:
            yield Field(title.strip(), row[start:end], start, end)
        at += len(cell) + len(separator.strip())
