"""Text of a presentation that is not shown: hidden slides and shapes, and what lies off its slide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ragkit.types import HiddenText

BY_FORMAT, OFF = "hidden by its format", "off the page"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_NO = ("0", "false")


def take_hidden(slide: Any, number: int, presentation: Any) -> list[HiddenText]:
    """Remove what is not shown from the slide; how much text that was, by kind."""
    pieces = dict.fromkeys((BY_FORMAT, OFF), "")
    is_hidden = slide._element.get("show", "1") in _NO
    width, height = presentation.slide_width, presentation.slide_height
    for shape in list(slide.shapes):
        kind = BY_FORMAT if is_hidden or _is_switched_off(shape) else ""
        if not kind and _is_off(shape, width, height):
            kind = OFF
        if kind:
            pieces[kind] += "".join(_texts(shape.element))
            shape.element.getparent().remove(shape.element)
    if is_hidden and slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
        pieces[BY_FORMAT] += notes.text
        notes.clear()
    counts = ((kind, len("".join(text.split()))) for kind, text in pieces.items())
    return [HiddenText(number, kind, count) for kind, count in counts if count]


def _texts(element: Any) -> Iterator[str]:
    return (part.text or "" for part in element.iter(f"{_DRAWING}t"))


def _is_switched_off(shape: Any) -> bool:
    properties = next(iter(shape.element.xpath("./*/p:cNvPr")), None)
    return properties is not None and properties.get("hidden", "0") not in _NO


def _is_off(shape: Any, width: int, height: int) -> bool:
    """Whether a shape with a place of its own lies wholly beside its slide."""
    place = (shape.left, shape.top, shape.width, shape.height)
    if any(length is None for length in place):
        return False
    left, top, wide, high = place
    return bool(left + wide <= 0 or top + high <= 0 or left >= width or top >= height)
