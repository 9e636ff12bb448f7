"""PDF: a Page each, contiguous; scanned pages and passwords are told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers.lines import page_text
from ragkit.parsers.pdf_quality import USABLE, score
from ragkit.parsers.registry import in_process_parse
from ragkit.types import NEEDS_OCR, READ_TEXT_LAYER, UnreadPage
from tests.parsers import samples

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas


def test_pages_are_contiguous() -> None:
    data = samples.pdf(["First page\nof two", "Second page"], title="Second page of two")
    document = in_process_parse(data, "a.pdf")
    assert [page.text for page in document.pages] == ["First page\nof two\n\n", "Second page\n\n"]
    assert [(page.number, page.start) for page in document.pages] == [(1, 0), (2, 19)]
    assert document.pages[0].read_as == READ_TEXT_LAYER
    assert document.title == "Second page of two"


def test_a_scanned_page_is_named() -> None:
    document = in_process_parse(samples.pdf(["Text here", "", "More text"]), "a.pdf")
    assert [page.number for page in document.pages] == [1, 3]
    reason = "no text layer: needs OCR, which is switched off (parsing.ocr in pipelines.yaml)"
    assert document.unread_pages == (UnreadPage(2, reason, NEEDS_OCR),)
    assert document.pages[1].start == document.pages[0].end


def test_blank_pages_at_the_end_are_known() -> None:
    """Else nobody could say how many pages there are; those before others are told by their numbers."""

    def nothing(canvas: Canvas) -> None:
        """A page on which nothing is drawn."""

    def words(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The rent is nine hundred euros a month.")

    document = in_process_parse(samples.drawn_pdf(words, nothing, words, nothing, nothing), "a.pdf")
    assert [(page.number, bool(page.text)) for page in document.pages] == [
        (1, True),
        (3, True),
        (5, False),
    ]
    assert document.unread_pages == ()
    assert document.pages[-1].start == document.pages[-2].end == len(document.text)
    with pytest.raises(UnreadableDocument, match="There is no text in it"):
        in_process_parse(samples.drawn_pdf(nothing, nothing), "a.pdf")


def test_no_text_at_all() -> None:
    with pytest.raises(UnreadableDocument, match="no text layer: needs OCR") as caught:
        in_process_parse(samples.pdf(["", ""]), "scan.pdf")
    assert caught.value.kind == NEEDS_OCR


def test_password() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(samples.pdf(["secret"], password="hush"), "a.pdf")
    assert caught.value.kind == "password"


def test_cut_off() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(b"%PDF-1.4\n1 0 obj\n<< /Type /Cata", "a.pdf")
    assert caught.value.kind == "damaged"


def test_program_titles_are_not_titles() -> None:
    data = samples.pdf(["LEASE OF PREMISES\nby and between"], title="Microsoft Word - x1.doc")
    assert in_process_parse(data, "a.pdf").title == "LEASE OF PREMISES"


def test_cut_words_are_joined_only_when_safe() -> None:
    words = Counter({"termination": 1})
    assert page_text("the termi\ufffe\nnation is non\ufffe\nrefundable", words) == (
        "the termination is non-\nrefundable\n\n"
    )


def test_garbled_text_is_not_readable() -> None:
    assert score("Plain text, año 2026, Σύμβαση, 契約書です。") > 0.99
    assert score("\x01\x02\x03\x04ab\x05") < USABLE
    assert score("ԵʽǊௗ ඥഀဍಅϢiͳ ʉ¢һӍΉʽీ ರ͟ȥ܅ௗ ହຏഀƹΉ టҧȥǂ " * 3) < USABLE
