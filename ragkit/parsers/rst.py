"""reStructuredText: the file's own text, decoded, and its section titles as headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.parsers.assemble import TITLE_LENGTH, title_from
from ragkit.parsers.limits import Reading
from ragkit.parsers.text import decode
from ragkit.parsers.texttables import of_rst
from ragkit.types import Heading, Page, ParsedDocument

_ADORNMENT = re.compile(r"([!-/:-@[-`{-~])\1*\s*$")
"""A line of one punctuation character, again and again."""


def preload() -> None:
    """Nothing heavy is needed for most texts."""


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The file's text as one page, directives and roles as they stand."""
    text = decode(data).replace("\x00", " ")
    reading.limits.check_characters(len(text))
    found = tuple(headings(text))
    first = found[0].text if found else ""
    title = first if 0 < len(first) <= TITLE_LENGTH else title_from(text)
    page = Page(number=None, start=0, text=text)
    return ParsedDocument((page,), found, title, tables=of_rst(text))


def headings(text: str) -> Iterator[Heading]:
    """Underlined titles, overlined or not; spans cover the words only.

    A level belongs to the first use of its adornment, as in docutils: the character, and whether a
    line stands above the title too.
    """
    styles: list[tuple[str, bool]] = []
    lines = text.splitlines(keepends=True)
    start = 0
    for number, line in enumerate(lines):
        adorned = _adorned(lines, number)
        if adorned is not None:
            if adorned not in styles:
                styles.append(adorned)
            words = line.strip()
            begin = start + line.index(words)
            yield Heading(begin, begin + len(words), styles.index(adorned) + 1, words)
        start += len(line)


def _adorned(lines: list[str], number: int) -> tuple[str, bool] | None:
    """The character under the title on this line and whether it is above it too; None for no title."""
    line, words = lines[number], lines[number].strip()
    under = _adornment(lines[number + 1]) if number + 1 < len(lines) else ""
    if not words or under in ("", "::") or _ADORNMENT.match(line):
        return None
    before = lines[number - 1] if number else ""
    over = _adornment(before)
    if over == under:
        return under[0], True
    is_free = not (line[0].isspace() or (before.strip() and not _adornment(before)))
    return (under[0], False) if is_free and len(under) >= min(len(words), 4) else None


def _adornment(line: str) -> str:
    return line.strip() if _ADORNMENT.match(line) else ""
