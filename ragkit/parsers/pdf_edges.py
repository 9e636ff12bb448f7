"""Headers and footers: what repeats at the edges of a document's pages is read once.

The first page that has it keeps it, since it may be what names the document or the patient. A line goes
where most pages say it word for word, or say it but for the number of the page ("page 3", "3 of 9");
lone numbers go where they count with nearly all pages. What counts otherwise ("Day 2", "Invoice 1002")
stays: only one page says it.
"""

from __future__ import annotations

import itertools
import math
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
_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:page|p[áa]gina|seite|p[áa]g\.?|p\.|s\.)\s*)?\[?(\d{1,5})\]?"
    r"(?:\s*(?:of|de|von|sur|/)\s*\d{1,5})?[-–—|\s]*",
    re.IGNORECASE,
)
_PAGE = re.compile(r"page|p[áa]g|seite", re.IGNORECASE)
_SPOKEN = re.compile(
    r"\b(?:page|p[áa]gina|seite|p[áa]g\.?)\s*(\d{1,5})\b"
    r"|(?<![\d/.,-])(\d{1,5})\s*(?:of|de|von|sur|/)\s*(\d{1,5})(?![\d/.,-])",
    re.IGNORECASE,
)
"""A number within a line that says of itself that it is a page's; or one of several, and of how many."""
_NEARLY_ALL = 0.8

_COUNTED = re.compile(r"#-?\d+")
"""In a key, what stands for a number that counts with the pages: how far it is from the page's."""

PageLines = Sequence[Line]


def without_repeats(pages: Sequence[PageLines], heights: Sequence[float]) -> list[list[Line]]:
    """The lines of each page without repeated headers and footers and without page numbers.

    heights: of each page in points, 0 where the places of its lines are not known.
    """
    edges = [
        _beside_a_body(dict(_edges(lines, height)), lines)
        for lines, height in zip(pages, heights, strict=True)
    ]
    repeats = _repeats(pages, edges)

    def goes(number: int, place: int) -> bool:
        text = pages[number][place].text
        keys = _keys(text, edges[number][place], number + 1, len(pages))
        return _goes(keys, text, number, repeats)

    return [
        [
            line
            for place, line in enumerate(lines)
            if place not in edges[number] or not goes(number, place)
        ]
        for number, lines in enumerate(pages)
    ]


def _repeats(pages: Sequence[PageLines], edges: Sequence[dict[int, str]]) -> dict[str, int]:
    """The keys of lines that repeat on enough pages, each with the first page that has it."""
    seen: dict[str, set[int]] = defaultdict(set)
    at_edge: dict[str, set[int]] = defaultdict(set)
    for number, edge in enumerate(edges):
        for place, where in edge.items():
            at_edge[where].add(number)
            for key in _keys(pages[number][place].text, where, number + 1, len(pages)):
                seen[key].add(number)
    written = sum(any(line.text.strip() for line in lines) for lines in pages)
    found = {}
    for key, numbers in seen.items():
        where, _, text = key.partition(" ")
        # Left and right pages may have other headers: half of an odd number of pages.
        least = written // 2
        if _is_lone_number(text):
            least = math.ceil(_NEARLY_ALL * len(at_edge[where]))
        if len(numbers) >= max(_LEAST_PAGES, least):
            found[key] = min(numbers)
    return found


def _is_lone_number(text: str) -> bool:
    """Whether it is a number or the counted key of one."""
    return "#" in text and _PAGE_NUMBER.fullmatch(_COUNTED.sub("1", text)) is not None


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


def _beside_a_body(edges: dict[int, str], lines: PageLines) -> dict[int, str]:
    """No more than page numbers where there is hardly anything else: then it is the page's text."""
    written = sum(1 for line in lines if line.text.strip())
    if 2 * len(edges) <= written:
        return edges
    return {
        place: where
        for place, where in edges.items()
        if _PAGE_NUMBER.fullmatch(lines[place].text.strip())
    }


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


def _keys(text: str, where: str, number: int, pages: int) -> list[str]:
    """What a line is known by: its text, and that with its page number counted from the page's own."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return []
    alone = _PAGE_NUMBER.fullmatch(text)
    counted = [
        f"{where} {text[:start]}#{int(text[start:end]) - number}{text[end:]}"
        for start, end in ([alone.span(1)] if alone else _spoken(text, pages))
    ]
    return counted if alone else [f"{where} {text}", *counted]


def _spoken(text: str, pages: int) -> Iterator[tuple[int, int]]:
    """Where the numbers stand that the line itself calls a page's, or that are of as many as there are."""
    for found in itertools.islice(_SPOKEN.finditer(text), 8):
        if found[1]:
            yield found.span(1)
        elif int(found[3]) == pages:
            yield found.span(2)


def _goes(keys: Sequence[str], text: str, number: int, repeats: dict[str, int]) -> bool:
    """Whether the line is a page's number, or repeats an earlier page's header or footer."""
    known = [key for key in keys if key in repeats]
    if _PAGE_NUMBER.fullmatch(text.strip()):
        return bool(known) or _PAGE.search(text) is not None
    return any(number > repeats[key] for key in known)
