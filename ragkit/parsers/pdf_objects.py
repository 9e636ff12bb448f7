"""What a page draws, in the order in which it is painted: text, images, filled shapes and rules."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ragkit.parsers.pdf_grid import MOST_RULES
from ragkit.parsers.pdf_layer import Box
from ragkit.parsers.pdf_words import Sheet

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255 each."""
Matrix = tuple[float, float, float, float, float, float]
_UNTURNED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST = 6
_MOST = 30_000
"""Objects of a page of which rules and small shapes are looked at: drawings and maps have more."""
LEAST_COVER = 16.0
"""Square points: a smaller image or shape hides no word."""
_THIN = 2.0
"""Points: a filled shape that is no thicker is a rule."""
_MOST_SEGMENTS = 400
_FLAT = 2.5
"""Points: only the font of a text that is no higher is asked for its size."""
_NOT_ASKED = 100.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One object: `handle` is PDFium's. colour: what it is filled with, None where that is a pattern.

    mode: of text, how it is rendered (3 draws nothing). size: of flat text, its font's in points.
    """

    handle: Any
    box: Box
    colour: Colour | None = None
    mode: int = 0
    size: float = _NOT_ASKED


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page's objects by kind, each list with the place of each object in the order of painting."""

    texts: dict[int, Drawn]
    images: dict[int, Drawn]
    shapes: dict[int, Drawn]
    rules: tuple[Box, ...]


def drawing_of(page: Any, sheet: Sheet) -> Drawing:
    """What the page draws; of a page with very many objects, rules and small shapes only of the first.

    All its texts are in it, and whatever may hide one, so that a crowd of shapes covers up nothing.
    """
    import pypdfium2.raw as pdfium

    drawing = Drawing({}, {}, {}, ())
    rules: list[Box] = []
    for place, (handle, kind, matrix) in enumerate(_walk(page, _UNTURNED, 0)):
        box = _box(handle, matrix, sheet)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            drawing.texts[place] = _text(handle, box, matrix)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            drawing.images[place] = Drawn(handle, box)
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            path = (handle, box, matrix)
            _add_path(drawing, rules if place < _MOST else None, place, path, sheet)
    return Drawing(drawing.texts, drawing.images, drawing.shapes, tuple(rules))


def _text(handle: Any, box: Box, matrix: Matrix) -> Drawn:
    import pypdfium2.raw as pdfium

    mode = pdfium.FPDFTextObj_GetTextRenderMode(handle)
    size = _NOT_ASKED
    if min(box.height, box.right - box.left) < _FLAT:
        pdfium.FPDFTextObj_GetFontSize(handle, _SIDES[0])
        a, b, c, d, _, _ = _product(_matrix(handle), matrix)
        size = abs(_SIDES[0].value) * math.sqrt(abs(a * d - b * c))
    return Drawn(handle, box, _colour(handle, stroked=mode == 1), mode, size)


def _walk(holder: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, int, Matrix]]:
    """(object, kind, from its coordinates to the page's), forms opened."""
    import pypdfium2.raw as pdfium

    if depth == 0:
        count, get = pdfium.FPDFPage_CountObjects(holder), pdfium.FPDFPage_GetObject
    else:
        count, get = pdfium.FPDFFormObj_CountObjects(holder), pdfium.FPDFFormObj_GetObject
    for number in range(count):
        handle = get(holder, number)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind != pdfium.FPDF_PAGEOBJ_FORM:
            yield handle, kind, matrix
        elif depth < _DEEPEST:
            yield from _walk(handle, _product(_matrix(handle), matrix), depth + 1)


def _matrix(handle: Any) -> Matrix:
    import pypdfium2.raw as pdfium

    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, found):
        return _UNTURNED
    return found.a, found.b, found.c, found.d, found.e, found.f


def _product(first: Matrix, second: Matrix) -> Matrix:
    """First the one, then the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        *(a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j),
        *(e * g + f * i + k, e * h + f * j + m),
    )


_SIDES = tuple(ctypes.c_float() for _ in range(4))
_PARTS = tuple(ctypes.c_uint() for _ in range(4))


def _box(handle: Any, matrix: Matrix, sheet: Sheet) -> Box:
    import pypdfium2.raw as pdfium

    if not pdfium.FPDFPageObj_GetBounds(handle, *_SIDES):
        return Box(0.0, 0.0, 0.0, 0.0)
    left, bottom, right, top = (side.value for side in _SIDES)
    return _placed(left, bottom, right, top, matrix, sheet)


def _placed(
    left: float, bottom: float, right: float, top: float, matrix: Matrix, sheet: Sheet
) -> Box:
    if matrix == _UNTURNED:
        return sheet.place(left, bottom, right, top)
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    return sheet.place(min(xs), min(ys), max(xs), max(ys))


def _colour(handle: Any, *, stroked: bool = False) -> Colour | None:
    import pypdfium2.raw as pdfium

    get = pdfium.FPDFPageObj_GetStrokeColor if stroked else pdfium.FPDFPageObj_GetFillColor
    if not get(handle, *_PARTS):
        return None
    red, green, blue, opacity = (part.value for part in _PARTS)
    return red, green, blue, opacity


def _add_path(
    drawing: Drawing,
    rules: list[Box] | None,
    place: int,
    path: tuple[Any, Box, Matrix],
    sheet: Sheet,
) -> None:
    """As a filled shape, as rules, or as both; if `rules` is None only as a shape that can hide a word."""
    import pypdfium2.raw as pdfium

    handle, box, matrix = path
    if rules is None and box.area < LEAST_COVER:
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, fill, stroke)
    thin = min(box.right - box.left, box.height) <= _THIN
    if fill.value and not thin:
        drawing.shapes[place] = Drawn(handle, box, _colour(handle))
    if rules is None or len(rules) > MOST_RULES:
        return
    if stroke.value or (fill.value and thin):
        rules.extend([box] if thin else _segments(handle, matrix, sheet))


def _segments(handle: Any, matrix: Matrix, sheet: Sheet) -> Iterator[Box]:
    """The straight lines of a stroked path that run along the page or across it."""
    import pypdfium2.raw as pdfium

    last = first = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    local = _matrix(handle)
    whole = _product(local, matrix)
    for number in range(min(pdfium.FPDFPath_CountSegments(handle), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(handle, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield from _straight(last, point, whole, sheet)
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield from _straight(point, first, whole, sheet)
        last = point


def _straight(
    start: tuple[float, float], end: tuple[float, float], matrix: Matrix, sheet: Sheet
) -> Iterator[Box]:
    (left, right), (bottom, top) = (sorted(pair) for pair in zip(start, end, strict=True))
    box = _placed(left, bottom, right, top, matrix, sheet)
    if min(box.right - box.left, box.height) <= _THIN < max(box.right - box.left, box.height):
        yield box
