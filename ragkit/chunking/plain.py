"""Headings that nothing marks but their place: a few words alone between blank lines, with text below.

Plain text, mails and pages saved as text have no others ("Symptoms", "Governing law", "How is it
treated?"). On 306 pages about diseases 2,581 of 2,891 chunks had no section path without these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ragkit.chunking.lines import MARKER, is_row
from ragkit.types import Heading, Span

_LONGEST = 70
_MOST_WORDS = 8
"""Of a heading that is no question; longer lines alone are sentences, captions and slogans."""
_LONGEST_QUESTION = 100
_LEAST_BELOW = 60
"""Characters of the line below: under a heading stands a paragraph, under a signature another line."""
_FEWEST_REPEATS = 3
"""A line that stands alone so often in one document is printed on every page; it heads nothing."""
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,})[ \t]*")
_LINE = re.compile(r"[^\n\r\f]*")
_BLANK = re.compile(r"\n[ \t\r\f]*\n|\f")
_CLOSED = re.compile(r"[.:;!?”\"')\]*_=|-]\s*$")
_NO_HEADING = re.compile(
    r"[@|\t_]|\s{3}|\.{3}|\*\*\*|^(?:page|página)\b|^[^\W\d_]*\W*\d+$", re.IGNORECASE
)
_QUESTION = re.compile(r"(?:(?:Q|P|FAQ)\s?\d{0,3}[.:)]\s*)?[¿A-ZÁÉÍÓÚÑ][^?\n]+\?")
_LABEL = re.compile(r"(?=.{0,60}[A-ZÁÉÍÓÚÑ]{4})[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ &/,'’()-]{3,60}:\s+(?=\S)")
_LEAST_SAID = 40
"""Characters after a label in capitals: "METHODS: Sixty patients ..." heads them, "NAME: Ann Lee" does not."""


def underlined(text: str, span: Span) -> int:
    """Level of a title with a line drawn below it, 0 for none: 1 by "=", 2 by any other sign."""
    line = text[span.start : span.end]
    title, _, drawn = line.partition("\n")
    if not drawn:
        below = _LINE.match(text, _next_line(text, span.end))
        drawn = below.group() if below else ""
    if not _UNDERLINE.fullmatch(drawn) or not 1 <= len(title.strip()) <= _LONGEST_QUESTION:
        return 0
    return 0 if is_row(title) or _UNDERLINE.fullmatch(title) else 1 if drawn[0] == "=" else 2


def label_end(text: str, span: Span) -> int:
    """Where a label in capitals at the start of a paragraph ends, its colon included; 0 for none."""
    line = _LINE.match(text, span.start)
    label = _LABEL.match(text, span.start, span.end)
    if label is None or line is None or line.end() - label.end() < _LEAST_SAID:
        return 0
    before = span.start
    while before and text[before - 1] in " \t":
        before -= 1
    starts_line = before == 0 or text[before - 1] in "\n\f"
    return len(label.group().rstrip()) + span.start if starts_line else 0


def lone_headings(text: str, sentences: Sequence[Span]) -> dict[int, Heading]:
    """The headings that stand alone, by the number of the sentence that each is."""
    found: dict[int, Heading] = {}
    for index, span in enumerate(sentences[:-1]):
        words = text[span.start : span.end]
        level = _level(words)
        if level and _stands_alone(text, sentences, index):
            found[index] = Heading(
                span.start, span.end, level, " ".join(words.split()).rstrip(" :")
            )
    repeated = Counter(heading.text.casefold() for heading in found.values())
    return {
        index: heading
        for index, heading in found.items()
        if repeated[heading.text.casefold()] < _FEWEST_REPEATS
    }


def _level(words: str) -> int:
    """2 for a few words, 3 for a question, 0 for anything that does not read as a heading."""
    if len(words) > _LONGEST_QUESTION or "\n" in words or MARKER.match(words) or is_row(words):
        return 0
    if _QUESTION.fullmatch(words):
        return 3
    if len(words) > _LONGEST or len(words.split()) > _MOST_WORDS or _NO_HEADING.search(words):
        return 0
    is_capital = words[0].isupper() and any(sign.islower() for sign in words)
    return 2 if is_capital and words[-1] not in ".,;:!?" else 0


def _stands_alone(text: str, sentences: Sequence[Span], index: int) -> bool:
    """Whether blank lines are around it, a sentence has ended before it, and a paragraph is below."""
    span, after = sentences[index], sentences[index + 1]
    before = sentences[index - 1].end if index else 0
    gap = text[before : span.start]
    if before and not (_BLANK.search(gap) and _CLOSED.search(text, max(0, before - 3), before)):
        return False
    if not _BLANK.search(text[span.end : after.start]):
        return False
    below = _LINE.match(text, after.start)
    opens = text[after.start]
    is_long = below is not None and below.end() - below.start() >= _LEAST_BELOW
    return bool(MARKER.match(text, after.start)) or (is_long and not opens.islower())


def _next_line(text: str, position: int) -> int:
    at = text.find("\n", position)
    return at + 1 if at >= 0 and not text[position:at].strip() else len(text)
