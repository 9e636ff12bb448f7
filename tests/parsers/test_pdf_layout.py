"""Columns, tables, repeated headers, notes and form fields of PDFs; prose is never made a table."""

from __future__ import annotations

import io

import pypdf
import pytest
from pypdf.annotations import FreeText, Text
from pypdf.generic import NameObject, NumberObject

from ragkit.parsers.registry import in_process_parse
from ragkit.types import READ_PYPDF, READ_TEXT_LAYER, HiddenText, ParsedDocument
from tests.parsers import samples
from tests.parsers.samples import Canvas

LEFT = [
    "The tenant shall keep the",
    "premises in good repair and",
    "shall not let them to any",
    "other person without leave",
    "of the landlord in writing",
    "which shall not be withheld",
    "where the person is of good",
]
RIGHT = [
    "standing and able to pay",
    "the rent when it falls due.",
    "The landlord may inspect the",
    "premises upon three days of",
    "notice and shall repair the",
    "roof, the walls and the main",
    "pipes at the landlord's cost.",
]


def parse(data: bytes) -> ParsedDocument:
    return in_process_parse(data, "a.pdf")


def table_rows(document: ParsedDocument) -> list[list[str]]:
    return [document.text[table.start : table.end].split("\n") for table in document.tables]


def columns_of(document: ParsedDocument) -> list[str | None]:
    return [
        document.text[table.columns.start : table.columns.end] if table.columns else None
        for table in document.tables
    ]


def test_two_columns_written_across_are_read_one_after_the_other() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(
            72, 780, "LEASE OF THE PREMISES AT 4 HIGH STREET, TOGETHER WITH THE YARD BEHIND"
        )
        for number, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
            canvas.drawString(72, 740 - 14 * number, left)
            canvas.drawString(310, 740 - 14 * number, right)

    document = parse(samples.drawn_pdf(page))
    title = "LEASE OF THE PREMISES AT 4 HIGH STREET, TOGETHER WITH THE YARD BEHIND"
    assert document.text == "\n".join([title, *LEFT, *RIGHT]) + "\n\n"
    assert document.tables == ()


def test_two_columns_in_order_stay_as_they_are() -> None:
    def page(canvas: Canvas) -> None:
        samples.write_lines(canvas, LEFT)
        samples.write_lines(canvas, RIGHT, left=310)

    document = parse(samples.drawn_pdf(page))
    assert document.text == "\n".join([*LEFT, *RIGHT]) + "\n\n"
    assert document.tables == ()


FEES = [
    ("Service", "Unit", "Fee"),
    ("Hosting", "month", "EUR 900"),
    ("Support", "hour", "EUR 85"),
    ("Training", "day", "EUR 1,200"),
]


def fees(canvas: Canvas, top: float = 700) -> None:
    for number, row in enumerate(FEES):
        for left, cell in zip((72, 220, 330), row, strict=True):
            canvas.drawString(left, top - 16 * number, cell)


def test_cells_in_columns_are_rows_with_the_headings_of_their_columns() -> None:
    def page(canvas: Canvas) -> None:
        samples.write_lines(canvas, ["The fees are as follows, and are due in advance."])
        fees(canvas)
        samples.write_lines(canvas, ["All fees are net of tax, which is added to them."], top=600)

    document = parse(samples.drawn_pdf(page))
    assert table_rows(document) == [[" | ".join(row) for row in FEES]]
    assert columns_of(document) == ["Service | Unit | Fee"]
    assert document.text.startswith("The fees are as follows, and are due in advance.\n\nService |")
    assert document.text.endswith(
        "EUR 1,200\n\nAll fees are net of tax, which is added to them.\n\n"
    )


def test_a_grid_of_rules_holds_cells_of_several_lines() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([72, 200, 400], [700, 670, 640, 600])
        cells = [
            (0, 690, "Party"),
            (1, 690, "Duty"),
            (0, 660, "Landlord"),
            (1, 660, "repairs the roof"),
        ]
        cells += [(0, 630, "Tenant"), (1, 630, "keeps the premises in"), (1, 616, "good repair")]
        for column, height, text in cells:
            canvas.drawString((77, 205)[column], height - 12, text)

    document = parse(samples.drawn_pdf(page))
    assert table_rows(document) == [
        [
            "Party | Duty",
            "Landlord | repairs the roof",
            "Tenant | keeps the premises in good repair",
        ]
    ]
    assert columns_of(document) == ["Party | Duty"]


def prose(canvas: Canvas) -> None:
    samples.write_lines(canvas, [*LEFT, *RIGHT])


def clauses(canvas: Canvas) -> None:
    for number, line in enumerate(LEFT):
        canvas.drawString(72, 760 - 14 * number, f"{number + 1}.")
        canvas.drawString(110, 760 - 14 * number, line)


def labels(canvas: Canvas) -> None:
    for number, label in enumerate(("Name:", "Date:", "Place:", "Witness:")):
        canvas.drawString(72, 760 - 14 * number, label)
        canvas.drawString(180, 760 - 14 * number, ("A. Reyes", "3 May", "Vigo", "L. Sanz")[number])


def signatures(canvas: Canvas) -> None:
    for number, line in enumerate(("By: ____________", "Name: __________", "Date: __________")):
        canvas.drawString(72, 760 - 18 * number, line)
        canvas.drawString(330, 760 - 18 * number, line)


def justified(canvas: Canvas) -> None:
    for number, line in enumerate(LEFT + RIGHT):
        text = canvas.beginText(72, 760 - 14 * number)
        text.setWordSpace(6 + number % 3)
        text.textOut(line)
        canvas.drawText(text)


@pytest.mark.parametrize("draw", [prose, clauses, labels, signatures, justified])
def test_what_is_no_table_stays_as_it_is(draw: object) -> None:
    document = parse(samples.drawn_pdf(draw))
    assert document.tables == ()
    assert " | " not in document.text


def test_headers_are_kept_once_and_page_numbers_go() -> None:
    def page(number: int) -> object:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(72, 810, "Patient: Rosa Vidal, ward 4")
            canvas.drawString(400, 810, f"Sheet {number} of 4")
            samples.write_lines(canvas, [f"Finding {number} of the day.", "Blood pressure 120."])
            canvas.drawString(290, 30, str(number))

        return draw

    document = parse(samples.drawn_pdf(*(page(number) for number in range(1, 5))))
    assert document.text.count("Rosa Vidal") == 1
    assert "Rosa Vidal" in document.pages[0].text
    assert document.pages[2].text == "Finding 3 of the day.\nBlood pressure 120.\n\n"
    assert document.pages[0].text.endswith("Blood pressure 120.\n\n")


def test_headers_whose_numbers_do_not_count_with_the_pages_stay() -> None:
    def page(patient: int) -> object:
        return lambda canvas: (
            canvas.drawString(72, 810, f"Patient {patient}"),
            samples.write_lines(canvas, ["Blood pressure 120."]),
        )

    document = parse(samples.drawn_pdf(*(page(patient) for patient in (4711, 4803, 4712, 4999))))
    assert [page.text.split("\n")[0] for page in document.pages] == [
        *("Patient 4711", "Patient 4803", "Patient 4712", "Patient 4999"),
    ]


@pytest.mark.parametrize("shown", [0, 90])
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_table_on_its_side_is_read(turn: int, shown: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(shown)
        canvas.translate(297, 421)
        canvas.rotate(turn)
        canvas.translate(-250, -650)
        fees(canvas)

    assert table_rows(parse(samples.drawn_pdf(page))) == [[" | ".join(row) for row in FEES]]


def edited(data: bytes, *annotations: object) -> bytes:
    """The file with these annotations on its first page."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for annotation in annotations:
        writer.add_annotation(0, annotation)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_comments_are_lines_at_the_end_of_their_page() -> None:
    data = samples.pdf(["The fee is EUR 900."])
    comment = Text(rect=(50, 550, 70, 570), text="Agreed by phone\non 3 May")
    known = FreeText(rect=(50, 450, 170, 470), text="The fee is EUR 900.")
    unseen = Text(rect=(50, 350, 70, 370), text="Drop this clause")
    unseen[NameObject("/F")] = NumberObject(2)
    document = parse(edited(data, comment, known, unseen))
    assert document.text == "The fee is EUR 900.\n\nNote: Agreed by phone on 3 May\n\n"
    assert document.hidden == (HiddenText(1, "in a note that is not shown", 14),)


def test_a_comment_on_a_drawing_is_read() -> None:
    data = edited(samples.pdf([""]), Text(rect=(50, 550, 70, 570), text="Move the door"))
    (page,) = parse(data).pages
    assert (page.text, page.confidence) == ("Note: Move the door\n\n", None)


def form(*, drawn: bool) -> bytes:
    """A form with a name written into it and a place chosen; not drawn: as programs fill it in."""

    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 760, "Application")
        size = {"x": 72, "width": 200, "height": 20}
        canvas.acroForm.textfield(name="Insured", value="Rosa Vidal", y=700, **size)
        canvas.acroForm.choice(name="Place", value="Vigo", options=["Vigo", "Lugo"], y=660, **size)

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(samples.drawn_pdf(page)))
    if not drawn:
        for annotation in writer.pages[0]["/Annots"]:
            del annotation.get_object()["/AP"]
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_what_was_filled_into_a_form_is_read() -> None:
    assert parse(form(drawn=True)).text == "Application\nRosa Vidal\nVigo\n\n"
    assert parse(form(drawn=False)).text == "Application\nRosa Vidal\nVigo\n\n"


def test_the_better_of_two_readers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    garbled = samples.pdf(["\x01\x02 fee \x03\x04\x05\x06\x07"])
    monkeypatch.setattr(
        "ragkit.parsers.pdf_pypdf.page_texts", lambda data, limits, wanted: {0: "The fee is due."}
    )
    monkeypatch.setattr(
        "ragkit.parsers.pdf.score", lambda text, *rest: 0.95 if "due" in text else 0.6
    )
    (page,) = parse(garbled).pages
    assert (page.text, page.read_as, page.confidence) == ("The fee is due.\n\n", READ_PYPDF, 0.95)
    monkeypatch.undo()
    (page,) = parse(samples.pdf(["The fee is due."])).pages
    assert (page.read_as, page.confidence) == (READ_TEXT_LAYER, 1.0)
