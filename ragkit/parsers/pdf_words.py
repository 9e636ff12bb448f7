"""What PDFium reads of a page's text layer: the text, and where each of its words stands."""

from __future__ import annotations

import ctypes
import functools
import itertools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ragkit.parsers.lines import LINE_END_HYPHEN
from ragkit.parsers.pdf_layer import SECOND_HALF, WORD, Box, Word

_SAMPLED = 60
"""Glyphs of a page that are asked whether the file gives them a meaning, and how they are turned."""
_MOST_TURNED = 0.8
_SPREAD, _SPREAD_BEYOND, _LEAST_SPREAD = 1.0, 1.35, 2
"""Points to a character, in heights of the line: more than that, or than that many times the usual, on
that many lines of a page, means white space within lines. Prose has 0.4 to 0.8."""
_GAP, _LEAST_BESIDE = 8.0, 2
"""Points between two texts that stand beside each other, and at how many heights they must."""
_NUMBER, _PROSE = 30.0, 150.0
"""Points: the widest number or bullet of a paragraph, and the narrowest paragraph beside it."""
_HYPHEN = 2
"""How PDFium numbers a hyphen at a line's end."""
_WHOLE_LINE = re.compile(
    rf"[^\s{LINE_END_HYPHEN}](?:[^\n{LINE_END_HYPHEN}]*[^\s{LINE_END_HYPHEN}])?"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a page lies: its box in its own coordinates, and by how many quarters it is shown turned."""

    left: float
    bottom: float
    width: float
    height: float
    quarters: int = 0

    @property
    def shown(self) -> tuple[float, float]:
        """Width and height as shown."""
        return (self.height, self.width) if self.quarters % 2 else (self.width, self.height)

    def place(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A box of the page's own coordinates as shown."""
        left, right = left - self.left, right - self.left
        bottom, top = bottom - self.bottom, top - self.bottom
        if self.quarters == 1:
            return Box(bottom, self.width - right, top, self.width - left)
        if self.quarters == 2:
            return Box(
                self.width - right, self.height - top, self.width - left, self.height - bottom
            )
        if self.quarters == 3:
            return Box(self.height - top, left, self.height - bottom, right)
        return Box(left, bottom, right, top)

    @property
    def flat(self) -> Sheet:
        """The sheet as it is in its own coordinates, not turned."""
        return Sheet(self.left, self.bottom, self.width, self.height)

    def turned(self, quarters: int) -> Sheet:
        """The sheet shown with that many more quarters, clockwise."""
        turn = (self.quarters + quarters) % 4
        return Sheet(self.left, self.bottom, self.width, self.height, turn)


def sheet_of(page: Any) -> Sheet:
    left, bottom, right, top = page.get_bbox()
    return Sheet(left, bottom, right - left, top - bottom, page.get_rotation() // 90 % 4)


def text_of(textpage: Any) -> str:
    """The page's text, character by character as PDFium counts them; lines end in " \\n".

    A character that takes two of PDFium's numbers is followed by SECOND_HALF.
    """
    import pypdfium2.raw as pdfium

    text: str = textpage.get_text_range()
    count = pdfium.FPDFText_CountChars(textpage)
    if len(text) != count:
        text = _joined(pdfium.FPDFText_GetUnicode(textpage, number) for number in range(count))
    return text.replace("\r\n", " \n").replace("\r", "\n")


def _joined(units: Iterable[int]) -> str:
    """As many characters as there are units of UTF-16; what is none becomes a replacement character."""
    units = list(units)
    found: list[str] = []
    for unit, after in itertools.zip_longest(units, units[1:], fillvalue=0):
        if len(found) > 0 and found[-1] > "\uffff":
            found.append(SECOND_HALF)
        elif 0xD800 <= unit < 0xDC00 <= after < 0xE000:
            found.append(chr(0x10000 + ((unit - 0xD800) << 10) + after - 0xDC00))
        else:
            found.append(_character(unit))
    return "".join(found)


def _character(unit: int) -> str:
    if unit == _HYPHEN:
        return LINE_END_HYPHEN
    is_none = unit == 0 or 0xD800 <= unit < 0xE000 or unit > 0xFFFD
    return "\ufffd" if is_none else chr(unit)


def unmapped_share(textpage: Any) -> float:
    """The share of the page's glyphs, 0 to 1, that the file gives no meaning; of a sample."""
    import pypdfium2.raw as pdfium

    sample = _sample(textpage)
    without: int = sum(
        pdfium.FPDFText_HasUnicodeMapError(textpage, number) == 1 for number in sample
    )
    return without / max(1, len(sample))


def _sample(textpage: Any) -> range:
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFText_CountChars(textpage)
    return range(0, count, max(1, count // _SAMPLED))


def quarters_of(textpage: Any) -> int | None:
    """By how many quarters, clockwise, a page must be turned for most glyphs to stand; None if that differs.

    PDFium's angles are in radians, clockwise.
    """
    import pypdfium2.raw as pdfium

    drawn = [n for n in _sample(textpage)[::2] if not pdfium.FPDFText_IsGenerated(textpage, n)]
    angles = [pdfium.FPDFText_GetCharAngle(textpage, number) for number in drawn]
    turns = [round(angle / (math.pi / 2)) % 4 for angle in angles]
    common = max(set(turns), key=turns.count, default=0)
    return -common % 4 if turns.count(common) > _MOST_TURNED * len(turns) else None


def words_of(textpage: Any, text: str, sheet: Sheet) -> tuple[Word, ...]:
    """Every word with its place. text: the layer's, character by character PDFium's."""
    return _placed(textpage, WORD.finditer(text), sheet)


def whole_lines(textpage: Any, text: str, sheet: Sheet) -> tuple[Word, ...]:
    """Each line as if it were one word."""
    return _placed(textpage, _WHOLE_LINE.finditer(text), sheet)


def run_together(textpage: Any, text: str) -> bool:
    """Whether a line ends wholly above or below where it begins: PDFium took two lines for one."""
    places = char_boxes(textpage)
    for found in _WHOLE_LINE.finditer(text):
        _, bottom, _, top = places(found.start())
        _, last_bottom, _, last_top = places(found.end() - 1)
        if last_top < bottom or last_bottom > top:
            return True
    return False


def is_plain(lines: Sequence[Word], objects: Iterable[Box]) -> bool:
    """Whether nothing on the page stands beside anything else: no columns, no cells of a table.

    objects: those that draw its text, which often are words or cells. Cheaper than its words' places.
    """
    if _are_beside(objects) or _are_beside(line.box for line in lines):
        return False
    spread = sorted(
        (line.box.right - line.box.left) / max(1.0, len(line.text) * line.box.height)
        for line in lines
        if " " in line.text or "\xa0" in line.text
    )
    usual = spread[len(spread) // 2] if spread else 0.0
    most = min(_SPREAD, _SPREAD_BEYOND * usual)
    return sum(value > most for value in spread) < _LEAST_SPREAD


def _are_beside(boxes: Iterable[Box]) -> bool:
    """Whether white space parts boxes at the same height, at that many heights."""
    rows: list[tuple[float, float]] = []
    beside, bottom = 0, math.inf
    for box in sorted(boxes, key=lambda box: -box.middle):
        if box.right <= box.left:
            continue
        if box.middle < bottom:
            beside += _has_gap(rows)
            rows, bottom = [], box.bottom
        rows.append((box.left, box.right))
    return beside + _has_gap(rows) >= _LEAST_BESIDE


def _has_gap(spans: Sequence[tuple[float, float]]) -> bool:
    end = math.inf
    spans = sorted(spans)
    far = max((right for _, right in spans), default=0.0)
    for left, right in spans:
        numbers_prose = end - spans[0][0] < _NUMBER and far - left > _PROSE
        if left - end > _GAP and not numbers_prose:
            return True
        end = right if math.isinf(end) else max(end, right)
    return False


def _placed(textpage: Any, found: Iterable[re.Match[str]], sheet: Sheet) -> tuple[Word, ...]:
    places = char_boxes(textpage)
    words = []
    for match in found:
        first, last = places(match.start()), places(match.end() - 1)
        sides = (*map(min, first[:2], last[:2]), *map(max, first[2:], last[2:]))
        words.append(Word(match[0], match.start(), sheet.place(*sides)))
    return tuple(words)


def char_boxes(textpage: Any) -> Callable[[int], tuple[float, float, float, float]]:
    """Of a character by its number: left, bottom, right, top in the page's own coordinates.

    Called thousands of times for a page, so through a pointer that converts nothing: half the time.
    """
    function = _box_function()
    handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    found = (ctypes.c_float * 4)()
    address = ctypes.addressof(found)

    def box(number: int) -> tuple[float, float, float, float]:
        function(handle, number, address)
        left, top, right, bottom = found
        return left, bottom, right, top

    return box


@functools.cache
def _box_function() -> Any:
    import pypdfium2.raw as pdfium

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    address = ctypes.cast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_void_p).value
    assert address is not None
    return kind(address)
