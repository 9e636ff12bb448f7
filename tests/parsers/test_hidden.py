"""What nobody sees on the pages of an Office file is left out of its text and counted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor
from pptx.util import Cm

from ragkit.parsers.registry import in_process_parse
from ragkit.types import HiddenText, ParsedDocument

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WHITE = RGBColor(255, 255, 255)


def _saved(document: Any) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _word(change: Callable[[Any], None]) -> ParsedDocument:
    """A document whose second run is changed."""
    document = docx.Document()
    paragraph = document.add_paragraph("Shown before. ")
    change(paragraph.add_run("Unseen words."))
    paragraph.add_run(" Shown after.")
    return in_process_parse(_saved(document), "a.docx")


def _white(run: Any) -> None:
    run.font.color.rgb = WHITE


def _shade(element: Any) -> None:
    element.append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="003366"/>'))


def _white_on_blue(run: Any) -> None:
    _white(run)
    _shade(run._r.get_or_add_rPr())


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda run: setattr(run.font, "hidden", True), "hidden by its format"),
        (lambda run: setattr(run.font, "size", Pt(1)), "tiny"),
        (_white, "white on white"),
    ],
)
def test_unseen_runs_of_a_word_document(change: Callable[[Any], None], kind: str) -> None:
    document = _word(change)
    assert document.text.split() == ["Shown", "before.", "Shown", "after."]
    assert document.hidden == (HiddenText(None, kind, len("Unseenwords.")),)


@pytest.mark.parametrize(
    "change",
    [
        lambda run: setattr(run.font, "hidden", False),
        lambda run: setattr(run.font, "size", Pt(6)),
        _white_on_blue,
    ],
)
def test_runs_that_are_seen(change: Callable[[Any], None]) -> None:
    document = _word(change)
    assert "Unseen words." in document.text
    assert document.hidden == ()


def test_a_style_that_hides_and_a_run_that_does_not() -> None:
    document = docx.Document()
    document.styles["Quote"].font.hidden = True
    paragraph = document.add_paragraph("Unseen.", style="Quote")
    paragraph.add_run(" Seen.").font.hidden = False
    document.add_paragraph("Body.")
    read = in_process_parse(_saved(document), "a.docx")
    assert read.text.split() == ["Seen.", "Body."]
    assert read.hidden == (HiddenText(None, "hidden by its format", 7),)


def test_white_headings_of_a_dark_table_are_seen() -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ("Service", "Fee", "Hosting", "EUR 900"), strict=True):
        _white(cell.paragraphs[0].add_run(text))
        _shade(cell._tc.get_or_add_tcPr())
    read = in_process_parse(_saved(document), "a.docx")
    assert "Service | Fee" in read.text
    assert read.hidden == ()


def _heading_of_a_shaded_style(document: Any) -> Any:
    _shade(document.styles["Heading 1"].element.get_or_add_pPr())
    return document.add_heading("", 1)


def _in_a_style_based_on_a_shaded_one(document: Any) -> Any:
    _shade(document.styles["Quote"].element.get_or_add_rPr())
    document.styles["Caption"].base_style = document.styles["Quote"]
    return document.add_paragraph(style="Caption")


def _in_the_default_style(document: Any) -> Any:
    _shade(document.styles["Normal"].element.get_or_add_pPr())
    return document.add_paragraph()


def _over_a_placed_shape(document: Any) -> Any:
    anchor = f'<w:drawing {nsdecls("w", "wp")}><wp:anchor behindDoc="1"/></w:drawing>'
    document.add_paragraph().add_run()._r.append(parse_xml(anchor))
    return document.add_paragraph()


def _over_an_old_picture(document: Any) -> Any:
    document.add_paragraph().add_run()._r.append(parse_xml(f"<w:pict {nsdecls('w')}/>"))
    return document.add_paragraph()


def _over_a_picture_of_the_header(document: Any) -> Any:
    header = document.sections[0].header.paragraphs[0]
    header.add_run()._r.append(parse_xml(f"<w:pict {nsdecls('w')}/>"))
    return document.add_paragraph()


def _in_a_frame(document: Any) -> Any:
    paragraph = document.add_paragraph()
    paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:framePr {nsdecls('w')}/>"))
    return paragraph


@pytest.mark.parametrize(
    "place",
    [
        _heading_of_a_shaded_style,
        _in_a_style_based_on_a_shaded_one,
        _in_the_default_style,
        _over_a_placed_shape,
        _over_an_old_picture,
        _over_a_picture_of_the_header,
        _in_a_frame,
    ],
)
def test_white_text_over_what_may_be_dark_is_seen(place: Callable[[Any], Any]) -> None:
    document = docx.Document()
    document.add_paragraph("Body.")
    _white(place(document).add_run("White on dark."))
    read = in_process_parse(_saved(document), "a.docx")
    assert "White on dark." in read.text
    assert read.hidden == ()


def test_white_letters_with_an_outline_or_of_the_colour_of_text_are_seen() -> None:
    def outlined(run: Any) -> None:
        _white(run)
        run.font.outline = True

    def of_the_theme(run: Any) -> None:
        _white(run)
        run.font.color._element.rPr.find(f"{W}color").set(f"{W}themeColor", "text1")

    for change in (outlined, of_the_theme):
        assert "Unseen words." in _word(change).text


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda font: setattr(font, "size", Pt(1)), "tiny"),
        (lambda font: setattr(font.color, "rgb", WHITE), "white on white"),
    ],
)
def test_text_that_its_style_makes_unseen(change: Callable[[Any], None], kind: str) -> None:
    document = docx.Document()
    change(document.styles["Quote"].font)
    document.styles["Caption"].base_style = document.styles["Quote"]
    document.styles["Caption"].font.size = document.styles["Caption"].font.color.rgb = None
    paragraph = document.add_paragraph("Unseen.", style="Caption")
    own = paragraph.add_run(" Seen.")
    own.font.size, own.font.color.rgb = Pt(10), RGBColor(0, 0, 0)
    document.add_paragraph("Body.")
    read = in_process_parse(_saved(document), "a.docx")
    assert read.text.split() == ["Seen.", "Body."]
    assert read.hidden == (HiddenText(None, kind, len("Unseen.")),)


def test_hidden_text_of_a_footnote() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Body.")
    reference = f'<w:footnoteReference {nsdecls("w")} w:id="2"/>'
    paragraph.add_run()._r.append(parse_xml(reference))
    note = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2"><w:p><w:r><w:t>Seen note.</w:t></w:r>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Unseen note.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    data = io.BytesIO(_saved(document))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("word/footnotes.xml", note)
    read = in_process_parse(data.getvalue(), "a.docx")
    assert "[1] Seen note." in read.text
    assert "Unseen" not in read.text
    assert read.hidden == (HiddenText(None, "hidden by its format", len("Unseennote.")),)


def _slides() -> Any:
    presentation = pptx.Presentation()
    for words in ("First words.", "Second words."):
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        box = slide.shapes.add_textbox(Cm(1), Cm(1), Cm(8), Cm(2))
        box.text_frame.text = words
    return presentation


def test_a_hidden_slide() -> None:
    presentation = _slides()
    hidden = presentation.slides[1]
    hidden._element.set("show", "0")
    hidden.notes_slide.notes_text_frame.text = "Notes"
    document = in_process_parse(_saved(presentation), "a.pptx")
    assert [page.number for page in document.pages] == [1, 2]
    assert document.pages[1].text == ""  # told as one without text
    assert "Second" not in document.text
    assert document.hidden == (HiddenText(2, "hidden by its format", len("Secondwords.Notes")),)


def test_what_lies_off_its_slide_or_is_switched_off() -> None:
    presentation = _slides()
    shapes = presentation.slides[0].shapes
    for left, top in ((-9, 1), (1, -3), (60, 1), (1, 60)):
        shapes.add_textbox(Cm(left), Cm(top), Cm(8), Cm(2)).text_frame.text = "Unseen"
    half = shapes.add_textbox(Cm(-4), Cm(1), Cm(8), Cm(2))
    half.text_frame.text = "Half off."
    off = shapes.add_textbox(Cm(1), Cm(5), Cm(8), Cm(2))
    off.text_frame.text = "Switched off"
    off.element.xpath("./*/p:cNvPr")[0].set("hidden", "1")
    document = in_process_parse(_saved(presentation), "a.pptx")
    assert "Half off." in document.text
    assert "Unseen" not in document.text
    assert document.hidden == (
        HiddenText(1, "hidden by its format", len("Switchedoff")),
        HiddenText(1, "off the page", 4 * len("Unseen")),
    )
