"""Lines that only name what stands below them: a summary that quotes one says nothing. Pure."""

from __future__ import annotations

import re

from ragkit.types import Span

_MOST_WORDS = 8
_LEAST_BELOW = 9
"""Words of a line without a stop that is no heading or entry of a list itself."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENTRY = re.compile(r"\s*(?:[-*•·–—]|\(?\w{1,3}\))\s")
_SAYS = re.compile(
    r"(?i)[\d:;|%€$£]|\b(?:shall|may|must|will|is|are|was|were|has|have|had|does|not|without|no|sin|es|son|fue"
    r"|ha|han|se|est[áa]n?|debe\w*|puede\w*|den(?:ies|ied)|continue[sd]|remain(?:s|ed)|lives|takes|tolerate[sd]"
    r"|niega|refiere|presenta|vive|tolera|fuma|acude|contin[úu]a|mantiene|ingresa|recibe)\b"
)
"""What makes of a line one that says something."""
_NUMBER = re.compile(r"|(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}|[^\W\d_]{4,14})[.):-]{1,2}")
"""Before the words of a heading: nothing, "4.", "IV." or "Cuarta."."""
_STOPPED = re.compile(r"[.;?!…]\W*$")


def is_heading_line(text: str, span: Span, section: str) -> bool:
    """Whether a stretch is a short line of its own that says nothing, above a sentence or a row.

    section: its heading path; the line right below a heading is what the heading announces.
    """
    line = text[span.start : span.end]
    if "\n" in line.strip() or _STOPPED.search(line) or _SAYS.search(line) or _ENTRY.match(line):
        return False
    if len(_WORD.findall(line)) > _MOST_WORDS or not _is_alone(text, span):
        return False
    above = _line_above(text, span.start).strip(" #*:.|")
    if above and above.casefold() == section.rpartition(" > ")[2].strip(" #*:.|").casefold():
        return False
    below = _line_below(text, span.end)
    if not below or below[:1].islower():
        return False
    has_more = bool(_STOPPED.search(below)) or len(_WORD.findall(below)) >= _LEAST_BELOW
    return has_more or "|" in below


def _is_alone(text: str, span: Span) -> bool:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    rest = text[span.end : end if end >= 0 else len(text)]
    ahead = text[start : span.start].strip(" \t#*")
    return bool(_NUMBER.fullmatch(ahead)) and not rest.strip(" \t*:")


def _line_above(text: str, place: int) -> str:
    end = text.rfind("\n", 0, place)
    while end > 0 and text[end - 1].isspace():
        end -= 1
    return text[text.rfind("\n", 0, end) + 1 : end] if end > 0 else ""


def _line_below(text: str, place: int) -> str:
    following = text.find("\n", place)
    if following < 0:
        return ""
    while following < len(text) and text[following].isspace():
        following += 1
    end = text.find("\n", following)
    return text[following : end if end >= 0 else len(text)].strip()
