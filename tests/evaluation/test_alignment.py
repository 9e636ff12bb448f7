"""Words that a gold text and a passage share."""

from __future__ import annotations

import pytest

from ragkit.evaluation.alignment import Words, aligned, holds_whole, length_of, plain

GOLD = "Either party may end this lease with ninety days' written notice."


@pytest.mark.parametrize(
    ("passage", "met"),
    [
        (GOLD, len(GOLD)),
        ("EITHER  PARTY, may end\nthis lease - with ninety days written notice", len(GOLD)),
        ("Then either party may end this lease.", len("Either party may end this lease")),
        ("Either party may", 0),  # three words are chance
        ("a lease with ninety days", len("lease with ninety days")),
        ("Either of them: a lease with ninety days", len("lease with ninety days")),
        ("", 0),
    ],
)
def test_runs_of_common_words(passage: str, met: int) -> None:
    found, _ = aligned(Words.of(GOLD), Words.of(passage))
    assert length_of(found) == met


def test_a_short_gold_text_must_be_met_whole() -> None:
    assert aligned(Words.of("900 euros"), Words.of("The rent is 900 euros."))[1] == [(12, 21)]
    assert aligned(Words.of("900 euros"), Words.of("900 dollars, 5 euros")) == ([], [])
    assert aligned(Words.of("?!"), Words.of("?!")) == ([], [])


def test_overlapping_ranges_count_once() -> None:
    assert length_of([(5, 9), (0, 6), (20, 20), (8, 10)]) == 10


def test_a_quote_that_stands_whole() -> None:
    assert plain(" Der\u00a0Preis\n\u200bist ") == "der preis ist"
    assert holds_whole("The rent  is 900 eu\u00adros.", ["nothing", "RENT is\n900 euros"])
    assert not holds_whole("The rent is 900.", ["rent is 900 euros", "  "])
