"""Values by their type: in one form, or none."""

from __future__ import annotations

import time

import pytest

from ragkit.folding import folded_in_place
from ragkit.templates.amounts import amounts_in
from ragkit.templates.values import dates_in, durations_in, name_at, writes_day_first


@pytest.mark.parametrize(
    ("text", "day_first", "plain"),
    [
        ("on March 5th, 2024.", False, "2024-03-05"),
        ("this 17t h day of October, 2007", False, "2007-10-17"),
        ("the first day of July, 2017", False, "2017-07-01"),
        ("the twenty-third day of May 2019", False, "2019-05-23"),
        ("5 de marzo de 2024", True, "2024-03-05"),
        ("05/03/2024", True, "2024-03-05"),
        ("05/03/2024", False, "2024-05-03"),
        ("23/03/2024", False, "2024-03-23"),
        ("2024-03-05", False, "2024-03-05"),
        ("October 1,1996", False, "1996-10-01"),
        ("9/9/97", False, "1997-09-09"),
        ("12/04/43", False, ""),
        ("05/23/2024", True, "2024-05-23"),
        ("primero de enero de 2020", True, "2020-01-01"),
        ("05/03/2024", None, ""),
        ("05/05/2024", None, "2024-05-05"),
        ("25/03/2024", None, "2024-03-25"),
        ("5 March 2024", None, "2024-03-05"),
        ("a catorce de noviembre de dos mil veintitrés", True, "2023-11-14"),
        ("el treinta y uno de enero de mil novecientos noventa y ocho", True, "1998-01-31"),
        ("a 3 de mayo de dos mil veinte", True, "2020-05-03"),
        ("a dos de enero de 2024", True, "2024-01-02"),
    ],
)
def test_a_whole_day_has_one_form(text: str, day_first: bool | None, plain: str) -> None:
    assert [value.plain for value in dates_in(folded_in_place(text), day_first)] == [plain]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seen 05/03/2024, again 25/03/2024", True),
        ("signed 05/03/2024, ends 03/25/2026", False),
        ("25/03/2024 and 03/25/2024", None),
        ("05/03/2024", None),
    ],
)
def test_other_dates_tell_which_number_is_the_day(text: str, told: bool | None) -> None:
    assert writes_day_first(text) is told


@pytest.mark.parametrize(
    "text",
    [
        "July 2013",
        "April __, 2005",
        "the ____ day of ______, 2015",
        "February 31, 2020",
        "treinta y uno de febrero de dos mil uno",
        "uno de los de mayo de dos mil",
        "16/018/1961",
        "version 1.2.3",
        "Source: ACME INC., 10-K, 3/3/2017",
    ],
)
def test_what_is_no_whole_day_of_the_document_is_none(text: str) -> None:
    assert list(dates_in(folded_in_place(text), False)) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("thirty (30) days' notice", "30 days"),
        ("a one-year term", "1 year"),
        ("twenty-four (24) months", "24 months"),
        ("five (5) Business Days", "5 business days"),
        ("tres años", "3 years"),
        ("quince días hábiles", "15 business days"),
        ("one (I) year", "1 year"),
        ("renews from year-to-year", "1 year"),
        ("successive annual periods", "1 year"),
        ("one hundred eighty (180) days", "180 days"),
        ("one hundred eighty days", "180 days"),
        ("two thousand five hundred days", "2500 days"),
        ("trescientos sesenta y cinco días", "365 days"),
        ("veinticuatro meses", "24 months"),
    ],
)
def test_a_length_of_time_has_one_form(text: str, plain: str) -> None:
    assert [value.plain for value in durations_in(folded_in_place(text))] == [plain]


@pytest.mark.parametrize("text", ["un año y medio", "two years and a half", "1/2 year"])
def test_a_part_of_a_length_of_time_is_none(text: str) -> None:
    assert list(durations_in(folded_in_place(text))) == []


def test_hours_differ() -> None:
    two, five = durations_in("2 hours or 5 hours")
    assert two.key != five.key


@pytest.mark.parametrize("gap", [" ", "-", "\n", "\t "])
def test_a_long_gap_takes_no_time(gap: str) -> None:
    started = time.process_time()
    text = f"may 3{gap * 5_000}one{gap * 5_000}(3{gap * 5_000}year $5{gap * 5_000}million"
    for find in (durations_in, amounts_in, lambda words: dates_in(words, False)):
        list(find(text))
    assert time.process_time() - started < 5


def test_twelve_months_are_a_year() -> None:
    months, year = durations_in("twelve (12) months or one year")
    assert months.key == year.key


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("$1,500,000", "USD 1500000"),
        ("US$ 1.5 million", "USD 1500000"),
        ("1.200,50 euros", "EUR 1200.50"),
        ("£46,500", "GBP 46500"),
        ("25.410 €", "EUR 25410"),
        ("2 millones de euros", "EUR 2000000"),
        ("1.500 millones de euros", "EUR 1500000000"),
        ("$1.125 million", "USD 1125000"),
        ("$0.125 a share", "USD 0.125"),
        ("$0.0005 a unit", "USD 0.0005"),
        ("$ 5,000.00 M.N.", "pesos 5000"),
        ("$5.000 pesos", "pesos 5000"),
        ("CAD $500", "CAD 500"),
        ("$500 CAD", "CAD 500"),
        ("$500\n200 units", "USD 500"),
    ],
)
def test_an_amount_has_its_currency(text: str, plain: str) -> None:
    assert [value.plain for value in amounts_in(folded_in_place(text))] == [plain]


def test_a_number_without_a_currency_is_no_amount() -> None:
    assert list(amounts_in("clause 12.1 and 1,500 units")) == []


def test_a_name_in_capitals_ends_before_what_is_no_name() -> None:
    text = "THE LAWS OF THE STATE OF TEXAS, WITHOUT REGARD TO"
    value = name_at(text, text.index("STATE"))
    assert value is not None
    assert text[value.start : value.end] == "STATE OF TEXAS"
    assert value.key == "texas"


@pytest.mark.parametrize(
    ("find", "text", "written"),
    [
        (durations_in, "within 30 to 60 days after", "30 to 60 days"),
        (durations_in, "thirty (30) to sixty (60) days", "(30) to sixty (60) days"),
        (durations_in, "de 3 a 6 meses", "3 a 6 meses"),
        (amounts_in, "a fee of $10-20 million", "$10-20 million"),
        (amounts_in, "from $500 to $1,000.", "$500 to $1,000"),
    ],
)
def test_from_one_to_another_has_no_one_form(find, text: str, written: str) -> None:  # type: ignore[no-untyped-def]
    values = list(find(text))
    assert (text[values[0].start : values[0].end], values[0].plain) == (written, "")


def test_an_amount_with_something_after_it_is_one() -> None:
    assert [value.plain for value in amounts_in("$500 a month")] == ["USD 500"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("State of Texas. MD Anderson may end it", "State of Texas"),
        ("St. Louis, Missouri. Either party", "St. Louis, Missouri"),
        ("U.S. District Court for", "U.S. District Court"),
        ("Washington, D.C. and nowhere else", "Washington, D.C"),
    ],
)
def test_a_name_ends_with_its_sentence(text: str, name: str) -> None:
    found = name_at(text, 0)
    assert found is not None
    assert text[found.start : found.end] == name
