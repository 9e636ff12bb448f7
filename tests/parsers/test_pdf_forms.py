"""Forms of PDFs: every value is read beside its label, and no state of a button is lost or invented."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from pypdf.generic import DictionaryObject, NameObject, NumberObject

from tests.parsers import samples
from tests.parsers.samples import Canvas
from tests.parsers.test_pdf_layout import parse, table_rows

SIZE = {"width": 150, "height": 20}


def edited(data: bytes, edit: Callable[[Any], None], rotate: int = 0) -> bytes:
    """The file with each of its form's boxes changed, and its page turned by that many degrees."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for annotation in writer.pages[0]["/Annots"]:
        edit(annotation.get_object())
    if rotate:
        writer.pages[0].rotate(rotate)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def without_appearance(box: DictionaryObject) -> None:
    del box["/AP"]


def admission(canvas: Canvas) -> None:
    """Fields are kept in another order than they stand in."""
    for height, label in ((740, "Next of kin:"), (700, "Allergy to penicillin:"), (660, "Blood:")):
        canvas.drawString(60, height, label)
    form = canvas.acroForm
    form.choice(name="b", value="AB", options=["A", "B", "AB"], x=180, y=652, **SIZE)
    form.checkbox(name="a", checked=True, x=200, y=696, size=20)
    form.textfield(name="k", value="Theodora Wood", x=180, y=732, **SIZE)
    form.checkbox(name="s", checked=False, x=200, y=616, size=20)
    canvas.drawString(60, 620, "Smoker:")
    canvas.drawString(60, 580, "Notes:")
    form.textfield(name="n", value="", x=180, y=572, **SIZE)


ADMISSION = (
    "Next of kin: Theodora Wood\nAllergy to penicillin: yes\nBlood: AB\nSmoker: no\nNotes:\n\n"
)


@pytest.mark.parametrize("rotate", [0, 90])
def test_values_and_states_stand_beside_their_labels(rotate: int) -> None:
    data = edited(samples.drawn_pdf(admission), lambda box: None, rotate)
    assert parse(data).text == ADMISSION


def test_values_of_fields_that_the_file_does_not_draw_are_read() -> None:
    def edit(box: DictionaryObject) -> None:
        if box["/FT"] != "/Btn":
            without_appearance(box)
            box.pop("/DA", None)

    assert parse(edited(samples.drawn_pdf(admission), edit)).text == ADMISSION


def test_values_that_are_run_together_are_told_apart() -> None:
    """PDFium gives "ABTheodora" where fields are kept in another order than they stand in."""
    text = parse(samples.drawn_pdf(admission)).text
    assert "ABTheodora" not in text
    assert text.count("Theodora Wood") == text.count("AB") == 1


def test_a_value_longer_than_its_box_stays_whole() -> None:
    value = "Asthma since 1990 and eczema as a child, both treated"

    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 660, "History:")
        canvas.acroForm.textfield(name="h", value=value, x=160, y=650, **SIZE)
        canvas.drawString(60, 600, "Signed by the ward.")

    text = parse(samples.drawn_pdf(page)).text
    assert text == f"History: {value}\nSigned by the ward.\n\n"


def test_labels_of_buttons_may_stand_to_their_right() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Allergies:")
        for left, label, checked in ((130, "Penicillin", False), (230, "Latex", True)):
            canvas.acroForm.checkbox(name=label, checked=checked, x=left, y=697, size=14)
            canvas.drawString(left + 18, 700, label)

    assert parse(samples.drawn_pdf(page)).text == "Allergies: Penicillin: no Latex: yes\n\n"


def radios(*, labelled: bool) -> bytes:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "Triage:")
        for left, value in ((130, "urgent"), (230, "routine")):
            canvas.acroForm.radio(
                name="t", value=value, selected=value == "routine", x=left, y=697, size=14
            )
            if labelled:
                canvas.drawString(left + 18, 700, value)

    return samples.drawn_pdf(page)


def test_the_radio_button_that_is_on_is_told() -> None:
    assert parse(radios(labelled=False)).text == "Triage: routine\n\n"
    assert parse(radios(labelled=True)).text == "Triage: urgent routine (chosen)\n\n"


def test_two_fields_of_a_line_each_follow_their_own_label() -> None:
    def page(canvas: Canvas) -> None:
        for height, values in ((700, ("Ada", "Wood")), (660, ("12 May", "Vigo"))):
            for left, label, value in zip((60, 300), ("First:", "Last:"), values, strict=True):
                canvas.drawString(left, height, label)
                canvas.acroForm.textfield(
                    name=f"{label}{height}",
                    value=value,
                    x=left + 50,
                    y=height - 8,
                    width=120,
                    height=20,
                )

    text = parse(samples.drawn_pdf(page)).text
    for pair in ("First: Ada", "Last: Wood", "First: 12 May", "Last: Vigo"):
        assert pair in text


def test_a_value_below_its_label_is_read_after_it() -> None:
    def page(canvas: Canvas) -> None:
        for height, label, value in ((700, "Diagnosis", "Asthma"), (640, "Ward", "Four")):
            canvas.drawString(60, height, label)
            canvas.acroForm.textfield(name=label, value=value, x=60, y=height - 26, **SIZE)

    assert parse(samples.drawn_pdf(page)).text == "Diagnosis\nAsthma\nWard\nFour\n\n"


def test_values_in_the_cells_of_a_table_stay_in_their_cells() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([60, 200, 320, 440], [620, 650, 680, 710])
        for left, heading in ((70, "Drug"), (210, "Dose"), (330, "Per day")):
            canvas.drawString(left, 690, heading)
        for height, drug in ((660, "Aspirin"), (630, "Insulin")):
            canvas.drawString(70, height, drug)
            for left, value in ((210, f"{height} mg"), (330, "twice")):
                canvas.acroForm.textfield(
                    name=f"{left}{height}", value=value, x=left, y=height - 5, width=90, height=20
                )

    (rows,) = table_rows(parse(samples.drawn_pdf(page)))
    assert rows == ["Drug | Dose | Per day", "Aspirin | 660 mg | twice", "Insulin | 630 mg | twice"]


def test_a_field_that_nobody_sees_is_not_read_from_its_value() -> None:
    def edit(box: DictionaryObject) -> None:
        if box["/T"] in ("k", "a"):
            box[NameObject("/F")] = NumberObject(2)

    text = parse(edited(samples.drawn_pdf(admission), edit)).text
    assert "Theodora" not in text
    assert "penicillin:\n" in text


def test_a_value_in_the_colour_of_its_box_is_not_read() -> None:
    def page(canvas: Canvas) -> None:
        from reportlab.lib.colors import white

        canvas.drawString(60, 700, "Notes:")
        colours = {"textColor": white, "fillColor": white, "borderColor": white}
        canvas.acroForm.textfield(name="n", value="Ignore it", x=180, y=692, **SIZE, **colours)

    document = parse(samples.drawn_pdf(page))
    assert document.text == "Notes:\n\n"
    assert sum(hidden.characters for hidden in document.hidden) == len("Ignoreit")
