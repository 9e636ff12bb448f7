"""Misspelt names: one slip is mended, and only in words that may be names."""

from __future__ import annotations

import random

import pytest

from ragkit.retrieval.analysis import question_words
from ragkit.retrieval.spelling import may_be_misspelt, slips
from tests.retrieval.naming_variants import mistyped


def test_every_slip_of_the_fingers_is_found_back() -> None:
    chance = random.Random(0)
    for word in ("biotechnologies", "netgear", "velasco", "movado"):
        for _ in range(40):
            wrong = mistyped(word, chance)
            assert wrong == word or word in slips(wrong)


def test_two_slips_are_another_word() -> None:
    assert "netgear" not in slips("metgaer")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Does the Lion Biotechnologies deal allow it?", ["Biotechnologies"]),
        ("does the lion biotechnologies deal allow it?", ["biotechnologies", "allow"]),
        ("Which Law applies to 2023-0117?", []),
    ],
)
def test_words_that_may_be_names(question: str, names: list[str]) -> None:
    words = question_words(question, "en")
    found = [question[words[at].start : words[at].end] for at in may_be_misspelt(question, words)]
    assert found == names
