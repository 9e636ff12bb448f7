"""Text of a PDF that a reader of its page cannot see: found by looking, where an object is suspicious.

Most pages cost a look at each object they draw. An object is suspicious when its colour is close to
white or to that of a shape beneath it, when it is (nearly) transparent or rendered as nothing, when
something is painted over it later, when it is tiny or lies outside the page. Only then the page is
drawn twice, with and without its suspicious objects: words that make no difference are hidden. So
white text on a dark ground is what it looks like.

What lies invisibly on a scan, or beneath it, is the text that a scanner's OCR read of it, and stays.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ragkit.parsers.pdf_layer import WORD, Box
from ragkit.parsers.pdf_objects import LEAST_COVER, Colour, Drawing, Drawn
from ragkit.parsers.pdf_words import Sheet, char_boxes

WHITE, COLOURED = "white on white", "in the colour of its background"
TINY, OUTSIDE = "tiny", "off the page"
INVISIBLE, BEHIND_IMAGE, BEHIND_SHAPE = "drawn invisibly", "behind an image", "behind a shape"
_DRAWS_NOTHING = (3, 7)
"""Render modes of text: nothing, and nothing but a path to clip by."""
_LIGHT = 190
_TRANSPARENT = 40
_ALIKE = 40
_SMALLEST = 2.2
"""Points: the height of a line of letters that nobody can read on paper; its boxes are that of a font."""
_MOST_PAIRS = 1_000_000
"""Texts and shapes of a page that are held against each other; maps and drawings have more."""
_SCAN = 0.5
"""Share of the page that images cover if the page is a scan."""
_SCALE = 1.5
"""Pixels to a point at which a page is drawn to be looked at."""
_MOST_PIXELS = 6_000_000
"""Of a drawn page, with 30 bytes each: a larger one is drawn at a smaller scale. An A3 sheet has 2.3."""
_DIFFERENCE, _INK = 12, 0.02
"""A pixel differs by more levels of 256; more of a word's box differ if the word can be seen."""


def suspects(drawing: Drawing, sheet: Sheet) -> dict[int, str]:
    """The texts (by their place) that may be hidden, each with the way in which it would be."""
    found = {
        place: kind for place, text in drawing.texts.items() if (kind := _by_itself(text, sheet))
    }
    by_others = _covered(drawing) | _same_colour(drawing)
    return by_others | found


def _by_itself(text: Drawn, sheet: Sheet) -> str:
    """How a text would be hidden that is alone on its page; "" if it would be seen."""
    width, height = sheet.shown
    if max(text.box.right - text.box.left, text.box.height) <= 0:
        return ""
    if text.mode in _DRAWS_NOTHING:
        return INVISIBLE
    if not text.box.meets(Box(0.0, 0.0, width, height)):
        return OUTSIDE
    if text.size < _SMALLEST:
        return TINY
    if text.colour is None:
        return ""
    if text.colour[3] <= _TRANSPARENT:
        return INVISIBLE
    return WHITE if min(text.colour[:3]) >= _LIGHT else ""


def _covered(drawing: Drawing) -> dict[int, str]:
    """Texts over which an image or a filled shape is painted later."""
    covers = {place: (shape, BEHIND_SHAPE) for place, shape in drawing.shapes.items()}
    covers |= {place: (image, BEHIND_IMAGE) for place, image in drawing.images.items()}
    found: dict[int, str] = {}
    largest = sorted(covers.items(), key=lambda cover: -cover[1][0].box.area)
    for place, (cover, kind) in largest[: _MOST_PAIRS // max(1, len(drawing.texts))]:
        if cover.box.area >= LEAST_COVER:
            under = (
                n for n, text in drawing.texts.items() if n < place and text.box.meets(cover.box)
            )
            found |= dict.fromkeys(under, kind)
    return found


def _same_colour(drawing: Drawing) -> dict[int, str]:
    """Texts on a filled shape of nearly their own colour."""
    colours = {text.colour for text in drawing.texts.values()}
    found: dict[int, str] = {}
    shapes = sorted(drawing.shapes.items(), key=lambda shape: -shape[1].box.area)
    for before, shape in shapes[: _MOST_PAIRS // max(1, len(drawing.texts))]:
        alike = {colour for colour in colours if _alike(colour, shape.colour)}
        if alike:
            on_it = (
                place
                for place, text in drawing.texts.items()
                if before < place and text.colour in alike and text.box.meets(shape.box)
            )
            found |= dict.fromkeys(on_it, COLOURED)
    return found


def _alike(first: Colour | None, second: Colour | None) -> bool:
    if first is None or second is None:
        return False
    return all(abs(a - b) < _ALIKE for a, b in zip(first[:3], second[:3], strict=True))


def hidden_ranges(
    page: Any, textpage: Any, text: str, drawing: Drawing, sheet: Sheet
) -> list[tuple[int, int, str]]:
    """(start, end, kind) of what is hidden of the page's text, whose characters PDFium counts alike.

    drawing: in the page's own coordinates. sheet: as the page is shown.
    """
    suspicious = suspects(drawing, sheet.flat)
    if not suspicious:
        return []
    kinds = {_address(drawing.texts[place].handle): kind for place, kind in suspicious.items()}
    pieces = list(_pieces(textpage, text, kinds))
    if _is_scan(drawing, sheet):
        pieces = _without_scanners_text(pieces, text)
    if not pieces:
        return []
    scale = min(_SCALE, math.sqrt(_MOST_PIXELS / max(1.0, sheet.width * sheet.height)))
    handles = [drawing.texts[place].handle for place in suspicious]
    differs = _difference(page, handles, scale)
    places = char_boxes(textpage)
    return [
        (start, end, TINY if shown else kind)
        for start, end, kind in pieces
        if (boxes := [sheet.place(*places(number)) for number in range(start, end)])
        and (not (shown := _is_seen(differs, boxes, sheet, scale)) or _are_tiny(boxes))
    ]


def _address(handle: Any) -> int | None:
    return ctypes.cast(handle, ctypes.c_void_p).value


def _pieces(
    textpage: Any, text: str, kinds: dict[int | None, str]
) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of the words and parts of words that suspicious objects write."""
    import pypdfium2.raw as pdfium

    for word in WORD.finditer(text):
        start, last = word.start(), ""
        for number in range(word.start(), word.end()):
            handle = pdfium.FPDFText_GetTextObject(textpage, number)
            kind = kinds.get(_address(handle), "") if handle else last
            if kind != last:
                if last:
                    yield start, number, last
                start, last = number, kind
        if last:
            yield start, word.end(), last


def _is_scan(drawing: Drawing, sheet: Sheet) -> bool:
    width, height = sheet.shown
    return sum(image.box.area for image in drawing.images.values()) > _SCAN * width * height


def _without_scanners_text(
    pieces: list[tuple[int, int, str]], text: str
) -> list[tuple[int, int, str]]:
    """All pieces but those that lie invisibly on a scan, or beneath it, where they are most of its text."""
    read = [piece for piece in pieces if piece[2] in (INVISIBLE, BEHIND_IMAGE)]
    if 2 * sum(end - start for start, end, _ in read) < len("".join(text.split())):
        return pieces
    return [piece for piece in pieces if piece not in read]


def _difference(page: Any, handles: list[Any], scale: float) -> npt.NDArray[np.bool_]:
    """Where the page, as drawn, looks otherwise without these objects: rows from the top."""
    import pypdfium2.raw as pdfium

    whole = _drawn(page, scale)
    for handle in handles:
        pdfium.FPDFPageObj_SetIsActive(handle, False)
    without = _drawn(page, scale)
    for handle in handles:
        pdfium.FPDFPageObj_SetIsActive(handle, True)
    return np.abs(whole - without).max(axis=2) > _DIFFERENCE  # type: ignore[no-any-return]


def _drawn(page: Any, scale: float) -> npt.NDArray[np.int16]:
    return page.render(scale=scale).to_numpy()[:, :, :3].astype(np.int16)  # type: ignore[no-any-return]


def _is_seen(differs: npt.NDArray[np.bool_], boxes: list[Box], sheet: Sheet, scale: float) -> bool:
    """Whether enough of the pixels in these places (as the page is shown) differ."""
    seen = pixels = 0
    for box in boxes:
        left, right = (max(0, round(x * scale)) for x in (box.left, box.right))
        top, bottom = (max(0, round((sheet.shown[1] - y) * scale)) for y in (box.top, box.bottom))
        part = differs[top : bottom + 1, left : right + 1]
        seen, pixels = seen + int(part.sum()), pixels + part.size
    return pixels > 0 and seen > _INK * pixels


def _are_tiny(boxes: list[Box]) -> bool:
    return (
        max(min(box.height, box.right - box.left) for box in boxes) < _SMALLEST
        and max(box.height for box in boxes) < 2 * _SMALLEST
    )


def counted(ranges: Iterable[tuple[int, int, str]]) -> dict[str, int]:
    """How many characters are hidden in each way."""
    found: Counter[str] = Counter()
    for start, end, kind in ranges:
        found[kind] += end - start
    return dict(found)


def masked(text: str, ranges: Iterable[tuple[int, int, str]]) -> str:
    """The text with spaces in the place of what is hidden, so that all else keeps its place."""
    characters = list(text)
    for start, end, _ in ranges:
        characters[start:end] = " " * (end - start)
    return "".join(characters)
