"""Pages drawn with the places of quotes, in the process that reads the file; nothing else is told of it.

A PDF's page is drawn as it is shown, a scanned one as it was recognised: level, and turned if it lay
upside down. The places come from the reader itself, so they are where the quoted text was read.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from ragkit.errors import UnreadableDocument
from ragkit.parsers import images, pdf_pdfium, pdf_places, pdf_pypdf
from ragkit.parsers.limits import ParseLimits, Reading, told_as_damage
from ragkit.parsers.ocr import NOT_DRAWN, Ocr
from ragkit.parsers.ocr_page import NotRecognised, PageImage
from ragkit.parsers.ocr_places import recognised_places
from ragkit.parsers.png import png_of, smaller
from ragkit.parsers.registry import identify, parse_as
from ragkit.types import ParsedDocument
from ragkit.types.drawings import LONGEST_SIDE, DrawnPage, PageWanted, Rectangle

MOST_PIXELS = 1_600_000
"""Of a drawn page: A4 at 128 dots to the inch, where six-point print can still be read."""
NOT_A_PAGE = "a document of this kind has no pages that could be drawn"

Places = tuple[tuple[Rectangle, ...], ...]


def drawn(
    data: bytes,
    name: str,
    wanted: Sequence[PageWanted],
    limits: ParseLimits,
    ocr: Ocr,
    passwords: tuple[str, ...] = (),
) -> list[DrawnPage]:
    """Each page with its picture, or with the reason why it has none. Raises MemoryError only."""
    reading = Reading(limits, _refuse, ocr=ocr, passwords=passwords)
    found = []
    for page in wanted:
        try:
            found.append(_drawn(data, name, page, reading))
        except UnreadableDocument as error:
            found.append(DrawnPage(reason=error.message))
    return found


def _refuse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    raise UnreadableDocument("It was not asked for.")


def _drawn(data: bytes, name: str, wanted: PageWanted, reading: Reading) -> DrawnPage:
    for inner in wanted.inside:
        data, name = _inside(data, name, inner, reading), inner
    kind = identify(data, PurePath(name).suffix.lower()).name
    with told_as_damage(kind):
        if kind == "pdf":
            picture, places = _of_pdf(data, wanted, reading)
        elif kind == "image":
            picture, places = _recognised(images.picture(data, wanted.page), wanted, reading.ocr)
        else:
            raise UnreadableDocument(NOT_A_PAGE)
        return _page(hashlib.sha256(data).hexdigest(), picture, places)


def _inside(data: bytes, name: str, wanted: str, reading: Reading) -> bytes:
    """The bytes of a document inside another, which is read for that alone."""
    found: list[bytes] = []

    def catch(inner: bytes, its_name: str, deeper: Reading) -> ParsedDocument:
        if its_name == wanted:
            found.append(inner)
        raise UnreadableDocument("It was not asked for.")

    parse_as(
        identify(data, PurePath(name).suffix.lower()),
        data,
        name,
        replace(reading, read_document=catch),
    )
    if not found:
        raise UnreadableDocument("It is not in that file, or cannot be taken out of it.")
    return found[0]


def _of_pdf(data: bytes, wanted: PageWanted, reading: Reading) -> tuple[PageImage, Places]:
    data = _openable(data, reading)
    if wanted.by_ocr:
        pictures = pdf_pdfium.pictures(data, [wanted.page - 1])
        picture = next((picture for _, picture in pictures), None)
        return _recognised(picture, wanted, reading.ocr)
    return pdf_places.drawn_page(data, wanted.page - 1, wanted.quotes, MOST_PIXELS)


def _openable(data: bytes, reading: Reading) -> bytes:
    """The bytes that PDFium can open: these, or written anew."""
    try:
        any(pdf_pdfium.pictures(data, ()))  # opens it, and draws nothing
        return data
    except UnreadableDocument:
        return pdf_pypdf.rewritten(data, reading.passwords)


def _recognised(
    picture: PageImage | None, wanted: PageWanted, ocr: Ocr
) -> tuple[PageImage, Places]:
    """The page as it is recognised, with the places of its words; without OCR there are no places."""
    if picture is None:
        raise UnreadableDocument(f"{NOT_DRAWN[0].upper()}{NOT_DRAWN[1:]}.")
    try:
        picture, places = recognised_places(picture, wanted.quotes, ocr)
    except NotRecognised:
        places = ((),) * len(wanted.quotes)
    shown, times = smaller(picture, MOST_PIXELS)
    return shown, tuple(tuple(_less(each, times) for each in place) for place in places)


def _less(place: Rectangle, times: int) -> Rectangle:
    return Rectangle(
        place.left // times, place.top // times, -(-place.right // times), -(-place.bottom // times)
    )


def _page(sha256: str, picture: PageImage, places: Places) -> DrawnPage:
    """Raises UnreadableDocument for a picture that no page can show: the other pages keep theirs."""
    if (
        not 0
        < min(picture.width, picture.height)
        <= max(picture.width, picture.height)
        <= LONGEST_SIDE
    ):
        raise UnreadableDocument(f"{NOT_DRAWN[0].upper()}{NOT_DRAWN[1:]}.")
    png = base64.b64encode(png_of(picture)).decode("ascii")
    return DrawnPage(sha256, picture.width, picture.height, png, places)
