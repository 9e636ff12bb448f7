"""Years, months and days as filters take them, and what other ways of writing dates may mean."""

from __future__ import annotations

import pytest

from ragkit.periods import Period, likely_meant, period


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-2", "2023-02-01", "2023-02-28"),
        (" 2024-03-05 ", "2024-03-05", "2024-03-05"),
    ],
)
def test_iso_dates_stand_for_days(text: str, first: str, last: str) -> None:
    assert period(text) == Period(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2024-00",
        "2024-05-00",
        "2024-13",
        "2024-02-30",
        "0000",
        "2024-1-1-1",
        "today",
        "20240101",
        "2024-",
    ],
)
def test_nothing_else_is_taken(text: str) -> None:
    assert period(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("01/03/2024", ("2024-03-01", "2024-01-03")),
        ("31/12/2024", ("2024-12-31",)),
        ("5 de marzo de 2024", ("2024-03-05",)),
        ("March 5th, 2024", ("2024-03-05",)),
        ("marzo de 2024", ("2024-03",)),
        ("marzo del 2024", ("2024-03",)),
        ("Sept. 2024", ("2024-09",)),
        ("03/2024", ("2024-03",)),
        ("2024/3/5", ("2024-03-05",)),
        ("2024/3", ("2024-03",)),
        ("2024/13", ()),
        ("31/02/2024", ()),
        ("2024-02-30", ()),
        ("ayer", ()),
        ("foo 2024", ()),
    ],
)
def test_other_ways_of_writing_are_understood_well_enough_to_help(
    text: str, meant: tuple[str, ...]
) -> None:
    assert likely_meant(text) == meant
