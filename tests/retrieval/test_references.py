"""Cross-references: which sections a clause refers to, and where these are."""

from __future__ import annotations

import pytest

from ragkit.retrieval.references import MOST_FOLLOWED, numbered, referred_to


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("as set out in Section 4.2.", {"4.2"}),
        ("subject to Sections 7 and clause 12.1.3, hereof", {"7", "12.1.3"}),
        ("según la cláusula 5 y el artículo 9.1", {"5", "9.1"}),
        ("of the Securities Act of 1933, Section 2019", set()),
        ("12.5% of net sales under article 8", {"8"}),
        ("no reference at all", set()),
    ],
)
def test_numbers_of_sections_are_read(text: str, numbers: set[str]) -> None:
    assert referred_to(text) == numbers


def test_a_section_is_found_by_the_number_in_its_heading() -> None:
    headings = {
        1: "Agreement > 4. Price",
        2: "Agreement > 4. Price > 4.2 Taxes",
        3: "Agreement > 4. Price > 4.2 Taxes",
        4: "Agreement > 4. Price > 4.2 Taxes",
        5: "Agreement > Section 7. Term",
        6: "Agreement > 14 days",
        7: "Agreement",
    }
    found = numbered(headings)
    assert found["4"] == [1]
    assert found["4.2"] == [2, 3][:MOST_FOLLOWED]
    assert found["7"] == [5]
