"""Every page of a summarized document is in exactly one list."""

from __future__ import annotations

from ragkit.flows.accounting import pages_covered
from ragkit.types import Citation, Span, Unreadable
from ragkit.types.summaries import PageCoverage

PAGES = [(1, Span(0, 100)), (2, Span(100, 200)), (4, Span(200, 300)), (6, Span(300, 400))]


def cited(start: int, end: int) -> Citation:
    return Citation(1, "", "", None, start, end, "")


def test_a_page_is_used_read_empty_or_unreadable() -> None:
    lost = Unreadable("a.pdf", "page 3: it is a scan, and OCR is off", "needs_ocr", (3, 8))
    found = pages_covered(PAGES, [cited(10, 20), cited(30, 40), cited(350, 360)], [lost])
    assert found == PageCoverage(
        (1, 6), (2, 4), (5, 7), (3, 8), "it is a scan, and OCR is off", "needs_ocr"
    )
    assert found.total == 8


def test_a_quote_that_goes_on_overleaf_uses_both_pages() -> None:
    found = pages_covered(PAGES, [cited(190, 205)], [])
    assert found is not None
    assert (found.used, found.read) == ((2, 4), (1, 6))
    assert pages_covered(PAGES, [cited(100, 200)], []).used == (2,)  # type: ignore[union-attr]


def test_a_page_read_in_part_is_not_lost() -> None:
    found = pages_covered(PAGES, [], [Unreadable("a.pdf", "page 2: x", "needs_ocr", (2,))])
    assert found is not None
    assert found.unreadable == ()
    assert found.read == (1, 2, 4, 6)


def test_a_text_file_has_no_pages() -> None:
    assert pages_covered([(None, Span(0, 9))], [cited(0, 9)], []) is None
    assert pages_covered([], [], [Unreadable("a.eml", "damaged")]) is None


def test_blank_pages_at_the_end_are_counted() -> None:
    """The last page of a document is known, also where nothing stands on it."""
    found = pages_covered([*PAGES, (9, Span(400, 400))], [cited(350, 360)], [])
    assert found == PageCoverage((6,), (1, 2, 4), (3, 5, 7, 8, 9), ())
    assert found is not None
    assert found.total == 9
    assert pages_covered([(3, Span(0, 0))], [], []) == PageCoverage(empty=(1, 2, 3))
