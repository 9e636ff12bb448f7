"""What people wrote beside a page or filled into its form: comments, which are not drawn, and fields."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_UNSEEN_FLAGS = 2 | 32
"""Hidden, and not viewed."""


@dataclass(frozen=True, slots=True)
class Note:
    """seen: whether a reader of the page may see it."""

    text: str
    seen: bool = True


TEXT, LIST, CHECKBOX, RADIO = "text", "list", "checkbox", "radio"
"""Kinds of fields. A list draws all it offers; a text, or a choice of one, draws no more than its value."""
_PASSWORD = 1 << 13
_MOST_OPTIONS = 2_000
_MOST_FIELDS = 1_000
"""Fields of a page that are put beside their labels; a page with more is read as it is drawn."""


@dataclass(frozen=True, slots=True)
class Widget:
    """One box of a form that a reader of the page may see.

    sides: left, bottom, right, top in the page's own coordinates. value: what is filled in or chosen; of
    a button, what it means when it is on.
    """

    kind: str
    sides: tuple[float, float, float, float]
    value: str
    is_on: bool = False

    def holds(self, sides: tuple[float, float, float, float]) -> bool:
        """Whether the middle of another box lies in this one."""
        left, bottom, right, top = self.sides
        across = left <= (sides[0] + sides[2]) / 2 <= right
        return across and bottom <= (sides[1] + sides[3]) / 2 <= top


def widgets_of(page: Any, form: Any) -> list[Widget]:
    """The fields on a page, before it is flattened, which loses them. form: PDFium's handle of the form."""
    import pypdfium2.raw as pdfium

    found: list[Widget] = []
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            found += _widgets(form, annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found if len(found) <= _MOST_FIELDS else []


def _widgets(form: Any, annotation: Any) -> Iterator[Widget]:
    import pypdfium2.raw as pdfium

    kinds = {
        pdfium.FPDF_FORMFIELD_TEXTFIELD: TEXT,
        pdfium.FPDF_FORMFIELD_COMBOBOX: TEXT,
        pdfium.FPDF_FORMFIELD_LISTBOX: LIST,
        pdfium.FPDF_FORMFIELD_CHECKBOX: CHECKBOX,
        pdfium.FPDF_FORMFIELD_RADIOBUTTON: RADIO,
    }
    kind = kinds.get(pdfium.FPDFAnnot_GetFormFieldType(form, annotation), "")
    place = pdfium.FS_RECTF()
    if not kind or pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN_FLAGS:
        return
    if pdfium.FPDFAnnot_GetRect(annotation, place):
        (left, right), (low, high) = (
            sorted(pair) for pair in ((place.left, place.right), (place.bottom, place.top))
        )
        is_on = bool(pdfium.FPDFAnnot_IsChecked(form, annotation))
        value = " ".join(_value(form, annotation, kind).split())
        yield Widget(kind, (left, low, right, high), value, is_on)


def _value(form: Any, annotation: Any, kind: str) -> str:
    import pypdfium2.raw as pdfium

    if kind in (CHECKBOX, RADIO):
        return _string(pdfium.FPDFAnnot_GetFormFieldExportValue, form, annotation)
    if kind == TEXT and pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return ""
    count = min(pdfium.FPDFAnnot_GetOptionCount(form, annotation), _MOST_OPTIONS)
    chosen = [
        _string(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, number)
        for number in range(count)
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, number)
    ]
    return ", ".join(chosen) or _string(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)


def notes_of(page: Any) -> list[Note]:
    """The comments on a page, before it is flattened, which loses them."""
    import pypdfium2.raw as pdfium

    found: list[Note] = []
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            found += _notes(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _notes(annotation: Any) -> Iterator[Note]:
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    if kind in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_WIDGET):
        return
    seen = not pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN_FLAGS
    text = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
    if text := " ".join(text.split()):
        yield Note(text, seen)


def _string(get: Any, *arguments: Any) -> str:
    """What one of PDFium's functions gives that fill a buffer with UTF-16."""
    import pypdfium2.raw as pdfium

    length = get(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(length)
    pointer = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    get(*arguments, pointer, length)
    return buffer.raw[: max(0, length - 2)].decode("utf-16-le", "replace")
