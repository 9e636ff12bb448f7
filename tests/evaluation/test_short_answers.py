"""When a short answer is an accepted one: by its words, its day, its number."""

from __future__ import annotations

import pytest

from ragkit.evaluation.short_answers import contains, is_exact, yes_or_no


@pytest.mark.parametrize(
    ("told", "accepted"),
    [
        ("The  New York.", "new york"),
        ("15th day of April, 2010", "2010-04-15"),
        ("April 15 , 2010", "15 April 2010"),
        ("thirty (30) days", "30 days"),
        ("63 AÑOS", "63 anos"),
    ],
)
def test_the_same_said_in_another_way(told: str, accepted: str) -> None:
    assert is_exact(told, ["something else", accepted])


@pytest.mark.parametrize(
    ("told", "accepted"),
    [
        ("York", "New York"),
        ("April 16, 2010", "2010-04-15"),
        ("30 months", "30 days"),
        ("paid on April 15, 2010", "2010-04-15"),
        ("", "x"),
    ],
)
def test_another_answer(told: str, accepted: str) -> None:
    assert not is_exact(told, [accepted])


def test_contained() -> None:
    assert contains(["x", "paid on April 15, 2010"], ["2010-04-15"])
    assert contains(["England and Wales"], ["England"])
    assert not contains(["New Yorker"], ["New York"])
    assert not contains([], ["New York"])


def test_yes_and_no() -> None:
    assert [yes_or_no(text) for text in ("Yes", "Sí", "No.", "maybe")] == ["yes", "yes", "no", ""]
