"""Scans that lie askew are levelled before they are read; level ones stay as they are."""

from __future__ import annotations

import pytest
from PIL import Image

from ragkit.parsers.ocr import Ocr
from ragkit.parsers.ocr_page import PageImage
from ragkit.parsers.ocr_skew import levelled, skew_of
from tests.parsers import samples

LINES = "\n".join(
    f"{number}. The tenant shall keep the premises in good repair and insured."
    for number in range(30)
)


def turned(degrees: float, lines: str = LINES) -> PageImage:
    """The page turned to the left by that angle, white around it."""
    page = samples.picture(lines, dpi=100)
    page = page.rotate(degrees, Image.Resampling.BICUBIC, expand=abs(degrees) > 45, fillcolor=255)
    return PageImage(page.width, page.height, 100, page.tobytes())


@pytest.mark.parametrize("degrees", [-6.0, -3.0, -1.0, 2.0, 5.0])
def test_a_page_askew_is_levelled(degrees: float) -> None:
    page = turned(degrees)
    assert skew_of(page) == pytest.approx(-degrees, abs=0.3)
    level = levelled(page)
    assert (level.width, level.height, level.dpi) == (page.width, page.height, 100)
    assert abs(skew_of(level)) < 0.3


@pytest.mark.parametrize("degrees", [0.0, 0.2, 90.0, 180.0, 270.0])
def test_a_level_page_stays_as_it_is(degrees: float) -> None:
    page = turned(degrees)
    assert levelled(page) is page


def test_a_page_on_its_side_is_levelled_too() -> None:
    assert skew_of(turned(93.0)) == pytest.approx(-3.0, abs=0.3)


@pytest.mark.parametrize("lines", ["", "One line."])
def test_a_page_without_lines_stays_as_it_is(lines: str) -> None:
    page = turned(0.0, lines) if lines else PageImage(400, 500, 100, bytes([255]) * 200_000)
    assert levelled(page) is page


def test_tesseract_is_shown_the_level_page() -> None:
    shown: list[PageImage] = []

    def ask(picture: PageImage, page: int, pages: int) -> str:
        shown.append(picture)
        return ""

    Ocr(ask).read_page(turned(3.0), 1, 1)
    assert abs(skew_of(shown[0])) < 0.3
