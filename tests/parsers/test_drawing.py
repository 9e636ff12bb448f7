"""Pages drawn with the places of quotes: what is under a rectangle is what was quoted."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ragkit.parsers.drawing import MOST_PIXELS, drawn
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr import NO_OCR, Ocr
from ragkit.parsers.ocr_page import PageImage
from ragkit.parsers.pool import WorkerPool
from ragkit.parsers.quote_places import count_earlier, letters_of, places_of
from ragkit.parsers.tesseract import OcrSettings
from ragkit.parsers.wire import BadFrame
from ragkit.parsers.wire_drawings import drawn_from_plain, drawn_to_plain
from ragkit.protocols import ParseRequest
from ragkit.types.drawings import DrawnPage, PageWanted, QuoteToFind, Rectangle
from tests.parsers.samples import drawn_pdf, encoded, mail, pdf, picture, scan

RENT = "The monthly rent is 4,200 euros."


def draw(
    data: bytes,
    *quotes: str,
    name: str = "a.pdf",
    page: int = 1,
    inside: tuple[str, ...] = (),
    earlier: int = 0,
    ocr: Ocr | None = None,
    passwords: tuple[str, ...] = (),
) -> DrawnPage:
    find = tuple(QuoteToFind(quote, earlier) for quote in quotes)
    wanted = PageWanted(page, find, inside, by_ocr=ocr is not None)
    (found,) = drawn(data, name, [wanted], ParseLimits(), ocr or NO_OCR, passwords)
    return found


def under(data: bytes, found: DrawnPage, number: int = 0, page: int = 1) -> str:
    """The letters that PDFium finds in the rectangles of a quote, by their places alone."""
    with pypdfium2.PdfDocument(data) as file:
        sheet = file[page - 1]
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        scale = found.width / width
        return letters_of(
            text.get_text_bounded(
                r.left / scale, height - r.bottom / scale, r.right / scale, height - r.top / scale
            )
            for r in found.places[number]
        ).text


def image_of(found: DrawnPage) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(found.png)))
    image.load()
    return image


# Finding


@pytest.mark.parametrize(
    ("quote", "page"),
    [
        ("A long word is hyphenated.", ["A long word is hy-", "phenated."]),
        ("Name | Dose | 5 mg", ["Name", "Dose", "5 mg"]),
        ("the ﬁrst oﬃce", ["the first", "office"]),
        ("IN CAPITALS", ["in capitals"]),
    ],
)
def test_words_are_found_whatever_was_made_of_them(quote: str, page: list[str]) -> None:
    (found,) = places_of(quote, 0, letters_of(page))
    assert len(found) == len(letters_of([quote]).text)


def test_of_equal_words_those_are_meant_that_come_after_as_many() -> None:
    letters = letters_of(["one two one two one two"])
    assert count_earlier("one two", "one two one two ") == 2
    assert [places_of("one two", n, letters)[0].start for n in (0, 1, 2, 9)] == [0, 6, 12, 12]


def test_words_in_another_order_are_found_piece_by_piece_and_strange_ones_not_at_all() -> None:
    letters = letters_of(["dose of amlodipine", "other text", "five milligrams daily"])
    found = places_of("five milligrams daily dose of amlodipine", 0, letters)
    assert ["".join(letters.text[n] for n in each) for each in found] == [
        "fivemilligramsdaily", "doseofamlodipine",
    ]  # fmt: skip
    assert places_of("nothing of this is written here", 0, letters) == []
    assert places_of("____", 0, letters) == []


# PDF


def test_a_quote_over_two_lines_has_a_rectangle_for_each() -> None:
    data = pdf([f"First line.\n{RENT} It is\npayable on the first day.\nLast line."])
    found = draw(data, "It is\npayable on the first day.", RENT)
    assert [len(place) for place in found.places] == [2, 1]
    assert under(data, found, 0) == "itispayableonthefirstday"
    assert under(data, found, 1) == "themonthlyrentis4200euros"


def test_the_picture_is_of_the_page_and_not_too_large() -> None:
    found = draw(pdf(["One.", RENT]), RENT, page=2)
    image = image_of(found)
    assert image.size == (found.width, found.height)
    assert found.width * found.height <= MOST_PIXELS * 1.01
    place = found.places[0][0]
    inked = image.convert("L").crop((place.left, place.top, place.right, place.bottom))
    assert inked.getextrema()[0] < 60, "there are letters under the mark"


def columns(canvas: Canvas) -> None:
    for row in range(12):
        canvas.drawString(60, 760 - 15 * row, f"left column line {row} of some words here")
        canvas.drawString(330, 760 - 15 * row, f"right column line {row} of some words here")


def test_a_quote_within_one_of_two_columns_marks_no_word_of_the_other() -> None:
    data = drawn_pdf(columns)
    found = draw(
        data, "left column line 3 of some words here\nleft column line 4 of some words here"
    )
    assert under(data, found) == "leftcolumnline3ofsomewordshereleftcolumnline4ofsomewordshere"


def table(canvas: Canvas) -> None:
    for row, cells in enumerate(
        [("Drug", "Dose", "Route"), *(("Amlodipine", f"{n} mg", "oral") for n in range(9))]
    ):
        for column, cell in enumerate(cells):
            canvas.drawString(72 + 150 * column, 700 - 20 * row, cell)
    for row in range(11):
        canvas.line(66, 715 - 20 * row, 500, 715 - 20 * row)


def test_a_row_of_a_table_is_marked_though_bars_stand_between_its_cells() -> None:
    data = drawn_pdf(table)
    found = draw(data, "Amlodipine | 7 mg | oral")
    assert under(data, found) == "amlodipine7mgoral"


def test_the_same_sentence_twice_is_marked_where_it_was_quoted() -> None:
    data = pdf([f"{RENT}\nBetween.\n{RENT}"])
    first, second = draw(data, RENT), draw(data, RENT, earlier=1)
    assert second.places[0][0].top > first.places[0][0].bottom


def turned(canvas: Canvas) -> None:
    canvas.setPageRotation(90)
    canvas.drawString(72, 300, RENT)


def test_a_page_that_is_shown_turned_is_marked_as_it_is_shown() -> None:
    found = draw(drawn_pdf(turned), RENT)
    (place,) = found.places[0]
    assert place.bottom - place.top > 4 * (place.right - place.left), "the line runs downwards"
    image = image_of(found).convert("L").crop((place.left, place.top, place.right, place.bottom))
    assert image.getextrema()[0] < 60


def test_words_that_are_not_on_the_page_have_no_place_but_the_page_its_picture() -> None:
    found = draw(pdf([RENT]), "Nothing like that was ever agreed by anyone.")
    assert (bool(found.png), found.places) == (True, ((),))


def test_a_protected_file_is_drawn_with_its_password_and_else_says_why() -> None:
    data = pdf([RENT], password="secret")
    assert draw(data, RENT, passwords=("wrong", "secret")).places[0]
    locked = draw(data, RENT)
    assert (locked.png, "password" in locked.reason) == ("", True)


@pytest.mark.parametrize(
    ("data", "name", "page"),
    [
        (pdf([RENT])[:300], "a.pdf", 1),
        (pdf([RENT]), "a.pdf", 9),
        (RENT.encode(), "a.txt", 1),
        (b"", "a.pdf", 1),
    ],
    ids=["cut off", "no such page", "no pages", "empty"],
)
def test_what_cannot_be_drawn_says_why(data: bytes, name: str, page: int) -> None:
    found = draw(data, RENT, name=name, page=page)
    assert (found.png, bool(found.reason)) == ("", True)


# Pictures

ROW = "5\t1\t1\t1\t1\t{number}\t{left}\t{top}\t{width}\t20\t96\t{word}"


def recognising(*words: tuple[str, int, int, int]) -> Ocr:
    """(word, left, top, width): what tesseract would say."""

    def ask(image: PageImage, page: int, pages: int) -> str:
        rows = (
            ROW.format(number=n, word=word, left=left, top=top, width=width)
            for n, (word, left, top, width) in enumerate(words)
        )
        return "\n".join(("level\tpage", *rows))

    return Ocr(ask)


def test_a_scan_is_drawn_as_it_was_recognised_with_the_words_places() -> None:
    data = scan([picture("Rent 4,200 euros")])
    words = recognising(("Rent", 100, 200, 80), ("4,200", 190, 200, 90), ("euros", 290, 200, 95))
    found = draw(data, "4,200 euros", ocr=words)
    (place,) = found.places[0]
    assert found.width * found.height <= MOST_PIXELS
    assert (place.right - place.left) / (place.bottom - place.top) == pytest.approx(
        195 / 20, rel=0.2
    )
    assert draw(encoded(picture("Rent"), "PNG"), "Rent", name="a.png", ocr=words).places[0]


def test_without_ocr_a_scan_is_drawn_without_places() -> None:
    found = draw(scan([picture("Rent")]), "Rent", ocr=NO_OCR)
    assert (bool(found.png), found.places) == (True, ((),))


# Inside other files


def zipped(inner: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "Nothing.")
        archive.writestr("box/lease.pdf", inner)
    return target.getvalue()


def mailed(inner: bytes) -> bytes:
    message = mail("Lease", "See the file.")
    message.add_attachment(inner, maintype="application", subtype="pdf", filename="lease.pdf")
    return message.as_bytes()


@pytest.mark.parametrize(
    ("pack", "name", "inner_name"),
    [(zipped, "a.zip", "box/lease.pdf"), (mailed, "a.eml", "lease.pdf")],
    ids=["zip", "mail"],
)
def test_a_document_inside_another_is_drawn(
    pack: Callable[[bytes], bytes], name: str, inner_name: str
) -> None:
    inner = pdf([RENT])
    found = draw(pack(inner), RENT, name=name, inside=(inner_name,))
    assert found.sha256 == sha256(inner).hexdigest()
    assert under(inner, found) == "themonthlyrentis4200euros"
    assert draw(pack(inner), RENT, name=name, inside=("other.pdf",)).reason


# Between processes


def test_the_pool_draws_in_a_shut_in_process(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([RENT]))
    wanted = (PageWanted(1, (QuoteToFind(RENT),)), PageWanted(4, ()))
    pool = WorkerPool(workers=1, ocr=OcrSettings(enabled=False), accept_weak_isolation=True)
    with pool:
        (outcome,) = pool.parse_all([ParseRequest("a", path, ".pdf", draw=wanted)])
    first, second = outcome.drawn
    assert (outcome.document, outcome.reason) == (None, "")
    assert first.sha256 == outcome.sha256 == sha256(path.read_bytes()).hexdigest()
    assert first.places[0]
    assert (second.png, bool(second.reason)) == ("", True)


GOOD = DrawnPage(
    "0" * 64,
    10,
    10,
    base64.b64encode(b"\x89PNG\r\n\x1a\n...").decode(),
    ((Rectangle(1, 1, 2, 2),),),
)
ASKED = [PageWanted(1, (QuoteToFind("a"),))]


def test_what_a_reader_says_of_a_page_is_checked() -> None:
    (plain,) = drawn_to_plain([GOOD])
    assert drawn_from_plain([plain], ASKED) == (GOOD,)
    svg = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
    for place, value in (
        (1, 0), (1, True and "9"), (2, 10**9), (3, svg), (3, "<script>"), (3, 7),
        (4, []), (4, [[[1, 1, 2]]]), (4, [[[5, 1, 2, 2]]]), (4, [[[1, 1, 2, 1e9]]]), (0, None),
    ):  # fmt: skip
        bad = [*plain]
        bad[place] = value
        with pytest.raises(BadFrame):
            drawn_from_plain([bad], ASKED)
    for other in ([], [plain, plain], None, [[]], 3):
        with pytest.raises(BadFrame):
            drawn_from_plain(other, ASKED)
