"""Lines of a text grouped into units: paragraphs, list items, table rows and label lines.

A newline inside a paragraph is either a hard wrap (the sentence goes on) or meant (the next row,
item or field). A wrap is told by arithmetic: if the first word of the next line would have fitted
on this line, whoever broke it meant it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.types import Span

_LINE = re.compile(r"[^\n\r\f\v\x85\u2028\u2029]+|\n|\r\n?|[\f\v\x85\u2028\u2029]")
_WORD = re.compile(r"\S+")
MARKER = re.compile(
    r"(?:[-*•●▪‣◦·–—o]|#{1,6}|\d{1,3}[.)]|\(?[A-Za-z]{1,4}\)|\d{1,3}(?:\.\d{1,3})+[.)]?|[A-Z]\.)"
    r"[ \t\u00a0]"
)
"""A list item or numbered clause at the start of a line: "- ", "8.2 ", "(a) ", "IV) "."""
_LABEL = re.compile(r"[^\W\d_][^:.!?\n]{0,40}:(?=\s|\S)")
_COMMA_FIELD = re.compile(r"[,;](?![\s\d])|(?<!\d)[,;](?=\S)")
_GAP = re.compile(r"\S(?: {3,}|\t)(?=\S)")
_PROSE = re.compile(r"[a-z][.;:] +[A-Z\d(]")
_HEADING_WORD = re.compile(
    r"(?:ARTICLE|SECTION|Article|Section|EXHIBIT|SCHEDULE|ANNEX|APPENDIX|CL[ÁA]USULA|Cl[áa]usula"
    r"|ART[ÍI]CULO|Art[íi]culo|CAP[ÍI]TULO|Cap[íi]tulo|ANEXO|Anexo)\s+[\w.]+"
)

WIDEST_WRAP = 200
"""Characters. Longer lines are paragraphs of their own: nobody wraps that wide."""
_NARROWEST_WRAP = 60
_WRAP_SLACK = 0.85
"""Wrapped lines of proportional fonts are ragged; a line this full was still wrapped."""
LONGEST_ROW = 300
"""Characters. A longer line with gaps or bars is prose that happens to hold some."""


def is_row(line: str) -> bool:
    """Whether a line is a row of a table: bars, tabs, columns of spaces or fields with commas."""
    if len(line) > LONGEST_ROW:
        return False
    marker = MARKER.match(line)
    body = line[marker.end() :].lstrip() if marker else line
    return (
        line.startswith("|")
        or " | " in body
        or body.count("|") >= 2
        or "\t" in body
        or (len(_GAP.findall(body)) >= 2 and not _PROSE.search(body))
        or len(_COMMA_FIELD.findall(body)) >= 2
    )


def units(text: str, start: int, end: int) -> Iterator[tuple[Span, bool]]:
    """(span, whether it is one row) of every unit from `start` to `end`, in order.

    Blank lines always separate units.
    """
    for block in _blocks(text, start, end):
        width = max(_NARROWEST_WRAP, max(line.end - line.start for line in block))
        rows = [is_row(text[line.start : line.end]) for line in block]
        first = 0
        for index in range(1, len(block) + 1):
            if index < len(block) and not rows[index] and not rows[index - 1]:
                before, after = block[index - 1], block[index]
                if _continues(
                    text[before.start : before.end], text[after.start : after.end], width
                ):
                    continue
            yield Span(block[first].start, block[index - 1].end), rows[first]
            first = index


def _blocks(text: str, start: int, end: int) -> Iterator[list[Span]]:
    """Runs of lines without a blank line between them; lines without their outer whitespace."""
    block: list[Span] = []
    breaks = 0
    for match in _LINE.finditer(text, start, end):
        line = match.group()
        stripped = line.strip()
        if not stripped:
            breaks += line in ("\n", "\r", "\r\n", "\v", "\x85", "\u2028", "\u2029")
            breaks += 2 * (line in ("\f", "\u2029"))
            continue
        if block and breaks > 1:
            yield block
            block = []
        at = match.start() + len(line) - len(line.lstrip())
        block.append(Span(at, at + len(stripped)))
        breaks = 0
    if block:
        yield block


def _continues(line: str, following: str, width: int) -> bool:
    """Whether `following` goes on with the sentence of `line`; `width` is the longest line's."""
    if MARKER.match(following) or _HEADING_WORD.match(following):
        return False
    if following[0].islower():
        return True
    if _LABEL.match(following) or width > WIDEST_WRAP:
        return False
    word = _WORD.match(following)
    needed = len(line) + 1 + (word.end() if word else 0)
    return needed > _WRAP_SLACK * width
