"""The value beside a row of a sweep is the one that the row asks for, or there is none."""

from __future__ import annotations

import pytest

from ragkit.flows.sweep_values import value_in

RENT = "The rent is £1,200 per month and the deposit is £2,400."


@pytest.mark.parametrize(
    ("question", "kind", "sentence", "value"),
    [
        ("How much is the deposit?", "amount", RENT, "£2,400"),
        ("How much is the deposit?", "", RENT, "£2,400"),
        ("Is there a deposit?", "amount", RENT, "£2,400"),
        ("Is there an insurance?", "amount", RENT, ""),
        ("How much is the insurance?", "amount", RENT, ""),
        ("What notice ends it?", "duration", "It lasts two years; 30 days' notice terminates it.", "30 days"),
        ("Is there a warranty?", "duration", "The fee is due in 30 days.", ""),
        ("Is it governed by the law of Spain?", "percentage", RENT, ""),
        ("Is there a deposit?", "", RENT, ""),
    ],
)  # fmt: skip
def test_only_a_value_that_its_words_say_is_meant(
    question: str, kind: str, sentence: str, value: str
) -> None:
    place = value_in(sentence, question, kind)
    assert ("" if place is None else sentence[slice(*place)]) == value
