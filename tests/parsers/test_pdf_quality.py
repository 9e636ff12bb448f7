"""The score by which a page's reader is chosen: good text is near 1, each fault lowers it."""

from __future__ import annotations

import pytest

from ragkit.parsers.pdf_layer import Box, Line, Word
from ragkit.parsers.pdf_quality import GOOD, USABLE, compared, score

GOOD_TEXT = (
    "The tenant shall pay the rent of EUR 1,200 on the first day of each month. "
    "La fianza se devolverá en el plazo de treinta días. Η σύμβαση λήγει. 契約書です。"
)


def lines_at(*heights: float) -> list[Line]:
    words = (Word("word", n, Box(72, height, 100, height + 10)) for n, height in enumerate(heights))
    return [Line("word", (word,)) for word in words]


def test_ordinary_text_is_good() -> None:
    assert score(GOOD_TEXT) == 1.0
    assert score("Signature") == 1.0
    assert score("12.4 | 9 | 0.7\nα ≤ β, γ → δ") > GOOD
    assert score(" \n") == 0.0


@pytest.mark.parametrize(
    ("text", "unmapped"),
    [
        ("Th\ufffd ten\ufffdnt sh\ufffdll p\ufffdy th\ufffd r\ufffdnt", 0.0),
        ("The tenant shall pay the rent", 0.4),
        ("Thetenantshallpaytherentofthehousetothelandlord on the first", 0.0),
        ("T h e  t e n a n t  s h a l l  p a y  t h e  r e n t".replace("  ", "\n"), 0.0),
        ("Tհe tͤnaոt shaլl pգy tհe rենt fօr it " * 3, 0.0),
    ],
    ids=["replacement characters", "unmapped glyphs", "glued", "spelt out", "mixed scripts"],
)
def test_each_fault_makes_it_doubtful(text: str, unmapped: float) -> None:
    assert score(text, unmapped=unmapped) < GOOD


def test_a_text_of_control_characters_is_not_usable() -> None:
    assert score("\x01\x02\x03 fee \x04\x05") < USABLE


def test_lines_in_no_order_are_worse_than_columns_but_usable() -> None:
    down = [700.0 - 14 * n for n in range(20)]
    shuffled = down[::-1]
    assert score(GOOD_TEXT, lines_at(*down, *down)) == 1.0
    assert score(GOOD_TEXT, lines_at(*shuffled)) == USABLE < GOOD
    assert score("\x01\x02\x03 fee \x04\x05", lines_at(*shuffled)) < USABLE


def test_two_texts_are_compared_by_what_they_hold() -> None:
    assert compared("ab c", "abcdef") == (0.5, 1.0)
    assert compared("", "") == (0.0, 0.0)
