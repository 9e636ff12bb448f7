"""Headers and footers: what repeats at the edges of a document's pages is read once.

The first page that has it keeps it, since it may be what names the document or the patient. Numbers
that count with the pages do not make a line another one; numbers of a page alone go everywhere.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from ragkit.parsers.pdf_layer import Line

_LEAST_PAGES = 3
_AT_THE_EDGE = 4
"""Lines at the top, and at the bottom, that may be a header's or a footer's."""
_ZONE = 0.15
"""Share of the page's height, at its top and at its bottom, where they lie."""
_WHITE = 0.5
"""Of a line's height: what parts it from the rest of the page. Lines of a text have 0 to 0.3."""
_LONGEST = 200
_NUMBER = re.compile(r"\d{1,5}")
_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:page|p[áa]gina|seite|p[áa]g\.?|p\.|s\.)\s*)?\[?(\d{1,5})\]?"
    r"(?:\s*(?:of|de|von|sur|/)\s*\d{1,5})?[-–—|\s]*",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"page|p[áa]g|seite|\d\s*(?:of|de|von|sur|/)\s*\d", re.IGNORECASE)

PageLines = Sequence[Line]


def without_repeats(pages: Sequence[PageLines], heights: Sequence[float]) -> list[list[Line]]:
    """The lines of each page without repeated headers and footers and without page numbers.

    heights: of each page in points, 0 where the places of its lines are not known.
    """
    seen: dict[str, set[int]] = defaultdict(set)
    edges = [dict(_edges(lines, height)) for lines, height in zip(pages, heights, strict=True)]
    for number, edge in enumerate(edges):
        for place, where in edge.items():
            for key in _keys(pages[number][place].text, where, number + 1):
                seen[key].add(number)
    return [
        [
            line
            for place, line in enumerate(lines)
            if place not in edge or not _goes(line.text, edge[place], number, seen)
        ]
        for number, (lines, edge) in enumerate(zip(pages, edges, strict=True))
    ]


def _edges(lines: PageLines, height: float) -> Iterator[tuple[int, str]]:
    """(place of a line, "top" or "bottom") of those that may be a header or a footer."""
    places = [place for place, line in enumerate(lines) if line.text.strip() or not height]
    if height:
        middles = {place: box.middle for place in places if (box := lines[place].box)}
        places = sorted(middles, key=lambda place: -middles[place])
    for where, order in (("top", places), ("bottom", places[::-1])):
        for place in _apart(lines, order, height):
            if lines[place].text.strip() and not lines[place].table:
                yield place, where


def _apart(lines: PageLines, order: Sequence[int], height: float) -> Sequence[int]:
    """The first lines, from the edge inwards, if white space parts them from the others.

    Without that the first line if it may be the number of the page.
    """
    alone = order[:1] if order and _PAGE_NUMBER.fullmatch(lines[order[0]].text.strip()) else ()
    for count, (place, after) in enumerate(itertools.pairwise(order[: _AT_THE_EDGE + 1]), start=1):
        outer, inner = lines[place].box, lines[after].box
        if outer is None or inner is None:
            if not lines[after].text.strip() and lines[place].text.strip():
                return order[:count]
        elif min(height - outer.middle, outer.middle) > _ZONE * height:
            return ()
        elif max(outer.bottom - inner.top, inner.bottom - outer.top) > _WHITE * outer.height:
            return order[:count]
    return alone


def _keys(text: str, where: str, number: int) -> list[str]:
    """What a line is known by: its text, and that with each of its numbers counted from the page's."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return []
    counted = [
        f"{where} {text[: found.start()]}#{int(found[0]) - number}{text[found.end() :]}"
        for found in _NUMBER.finditer(text)
    ]
    return [f"{where} {text}", *counted[:8]]


def _goes(text: str, where: str, number: int, seen: dict[str, set[int]]) -> bool:
    """Whether the line is a page's number, or repeats an earlier page's header or footer."""
    repeats = [
        pages for key in _keys(text, where, number + 1) if len(pages := seen[key]) >= _LEAST_PAGES
    ]
    found = _PAGE_NUMBER.fullmatch(text.strip())
    if found and (repeats or int(found[1]) == number + 1 or _SPOKEN.search(text)):
        return True
    return any(number > min(pages) for pages in repeats)
