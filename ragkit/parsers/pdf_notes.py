"""What people wrote beside a page: the words of comments, which are not drawn on it."""

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
