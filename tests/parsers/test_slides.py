"""Presentations: a slide is a page with its title, tables, charts and notes; nothing visible is lost."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest
from pptx.oxml import parse_xml
from pptx.util import Cm

from ragkit.errors import UnreadableDocument
from ragkit.parsers.registry import in_process_parse
from ragkit.types import ParsedDocument, UnreadPage
from tests.parsers import samples

TITLE_ONLY, BLANK = 5, 6
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


def deck_with(layout: int) -> tuple[Any, Any]:
    """A deck and its only slide."""
    deck = pptx.Presentation()
    return deck, deck.slides.add_slide(deck.slide_layouts[layout])


def read(deck: Any) -> ParsedDocument:
    target = io.BytesIO()
    deck.save(target)
    return in_process_parse(target.getvalue(), "deck.pptx")


def text_box(shapes: Any, text: str) -> Any:
    box = shapes.add_textbox(Cm(1), Cm(1), Cm(5), Cm(2))
    box.text_frame.text = text
    return box


def test_a_slide_is_a_page() -> None:
    document = in_process_parse(samples.slides(), "deck.pptx")
    assert [(page.number, page.text) for page in document.pages] == [
        (1, "Ward teaching\n\nRowan Ward\n\n"),
        (
            2,
            "Potassium\n\n- Repeat at 6 hours\n- Stop spironolactone\n\n"
            "Level | Action\n5.5 | ECG\n5.5 | Call\n\n"
            "Creatinine: 2 May: 124 | 9 May: 126.5\n\n"
            "Notes: Ask about the dose.\nThen hand out the card.\n\n",
        ),
        (3, "Slide 3\n\nFirst line\nsecond line\n\n"),
    ]
    assert [page.start for page in document.pages[1:]] == [page.end for page in document.pages[:-1]]
    assert document.title == "Ward teaching"


def test_titles_are_headings() -> None:
    document = in_process_parse(samples.slides(), "deck.pptx")
    assert [(heading.level, heading.text) for heading in document.headings] == [
        (1, "Ward teaching"),
        (2, "Potassium"),
        (2, "Slide 3"),
    ]
    found = [document.text[heading.start : heading.end] for heading in document.headings]
    assert found == [heading.text for heading in document.headings]


def test_groups_and_bullets() -> None:
    deck, slide = deck_with(TITLE_ONLY)
    slide.shapes.title.text = "Plan"
    group = slide.shapes.add_group_shape()
    text_box(group.shapes, "In a group.")
    bullet = text_box(slide.shapes, "In a box")
    properties = bullet.text_frame.paragraphs[0]._p.get_or_add_pPr()
    properties.append(parse_xml(f'<a:buChar {namespace("a")} char="•"/>'))
    assert read(deck).text == "Plan\n\nIn a group.\n\n- In a box\n\n"


def test_the_first_of_alternative_shapes_is_taken() -> None:
    deck, slide = deck_with(BLANK)
    written = text_box(slide.shapes, "x = 1")._element
    alternatives = parse_xml(
        f"<mc:AlternateContent {namespace('mc')}><mc:Choice/><mc:Fallback/></mc:AlternateContent>"
    )
    written.addprevious(alternatives)
    alternatives[0].append(written)
    alternatives[1].append(text_box(slide.shapes, "an image of it")._element)
    assert read(deck).text == "Slide 1\n\nx = 1\n\n"


def test_what_is_repeated_on_every_slide_is_left_out() -> None:
    deck, slide = deck_with(BLANK)
    text_box(slide.shapes, "Said.")
    for kind in ("ftr", "dt", "sldNum"):
        footer = text_box(slide.shapes, "Confidential")._element
        footer.nvSpPr.nvPr.append(parse_xml(f'<p:ph {namespace("p")} type="{kind}" idx="10"/>'))
    assert read(deck).text == "Slide 1\n\nSaid.\n\n"


def test_slides_without_text() -> None:
    deck, first = deck_with(BLANK)
    text_box(first.shapes, "Words.")
    deck.slides.add_slide(deck.slide_layouts[BLANK])
    pictured = deck.slides.add_slide(deck.slide_layouts[BLANK])
    pictured.shapes.add_picture(io.BytesIO(PIXEL), Cm(1), Cm(1))
    document = read(deck)
    assert [page.number for page in document.pages] == [1]
    assert document.unread_pages == (UnreadPage(3, "it shows pictures only"),)


def test_empty_slides_at_the_end_are_known() -> None:
    deck, first = deck_with(BLANK)
    text_box(first.shapes, "Words.")
    for _ in range(2):
        deck.slides.add_slide(deck.slide_layouts[BLANK])
    assert [(page.number, bool(page.text)) for page in read(deck).pages] == [(1, True), (3, False)]


@pytest.mark.parametrize("share", [0.1, 0.7, 0.99])
def test_truncated(share: float) -> None:
    data = samples.slides()
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data[: int(share * len(data))], "deck.pptx")
    assert caught.value.kind == "damaged"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    data = samples.with_part(samples.slides(), "ppt/media/a.xml", b"a" * 30_000_000)
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data, "bomb.pptx")
    assert caught.value.kind == "too_large"


def test_entities_are_refused() -> None:
    hostile = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    data = samples.with_part(samples.slides(), "ppt/slides/slide1.xml", hostile)
    with pytest.raises(UnreadableDocument, match="entities"):
        in_process_parse(data, "hostile.pptx")


def test_password_is_told() -> None:
    data = samples.compound({"EncryptedPackage": b"x" * 5_000, "EncryptionInfo": b"y"})
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data, "secret.pptx")
    assert caught.value.kind == "password"


def test_old_presentations_are_named() -> None:
    with pytest.raises(UnreadableDocument, match=r"old PowerPoint file \(\.ppt\)"):
        in_process_parse(samples.compound({"PowerPoint Document": b"x" * 5_000}), "deck.pptx")


NAMESPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
}


def namespace(prefix: str) -> str:
    return f'xmlns:{prefix}="{NAMESPACES[prefix]}"'
