"""Facts are read alike in every writing, in English and Spanish."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ragkit.verification.facts import extract_facts


def quantities(text: str) -> set[tuple[frozenset[Fraction], str]]:
    return {(f.readings, f.unit) for f in extract_facts(text).items if f.kind == "quantity"}  # type: ignore[misc]


def quantity(value: str, unit: str = "") -> tuple[frozenset[Fraction], str]:
    return frozenset({Fraction(value)}), unit


def dates(text: str) -> set[str]:
    found = (fact for fact in extract_facts(text).items if fact.kind == "date")
    return {str(reading) for fact in found for reading in fact.readings}


@pytest.mark.parametrize(
    "text",
    [
        "a fee of US$ 5 million",
        "a fee of $5,000,000",
        "a fee of $5,000,000.00",
        "five million dollars",
        "$5M",
        "cinco millones de dólares",
        "USD 5.000.000",
        "5,000,000 US dollars",
    ],
)
def test_one_amount_in_many_writings(text: str) -> None:
    assert quantities(text) == {quantity("5000000", "USD")}


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("the price is 1,000.50 euros", "1000.5", "EUR"),
        ("el precio es de 1.000,50 €", "1000.5", "EUR"),
        ("cinco mil millones de euros", "5000000000", "EUR"),
        ("twenty-five percent", "25", "percent"),
        ("el veinticinco por ciento", "25", "percent"),
        ("12.5 % of the price", "12.5", "percent"),
        ("a 30-day period", "30", "day"),
        ("un plazo de treinta y cinco días", "35", "day"),
        ("thirty business days", "30", "day"),
        ("two hundred and fifty thousand shares", "250000", "share"),
        ("glucose 2.5 mg/dL", "2.5", "mg/dl"),
        ("glucosa de 2,5 mg/dl", "2.5", "mg/dl"),
        ("5mg of morphine", "5", "mg"),
        ("50 µg", "50", "ug"),
        ("50 mcg", "50", "ug"),
        ("cada doce horas", "12", "hour"),
        ("one-half of the profit", "1/2", ""),
        ("la mitad del capital", "1/2", ""),
        ("two-thirds of the votes", "2/3", ""),
        ("the third anniversary", "3", "ordinal"),
        ("the 3rd anniversary", "3", "ordinal"),
        ("one year", "1", "year"),
    ],
)
def test_quantities_with_their_units(text: str, value: str, unit: str) -> None:
    assert quantities(text) == {quantity(value, unit)}


def test_numbers_share_the_unit_that_follows() -> None:
    assert quantities("thirty (30) days") == {quantity("30", "day")}
    assert quantities("5 to 10 mg") == {quantity("5", "mg"), quantity("10", "mg")}
    assert quantities("TA 120/80 mmHg") == {quantity("120", "mmhg"), quantity("80", "mmhg")}
    assert quantities("una masa de 9x10 cm") == {quantity("9", "cm"), quantity("10", "cm")}


def test_an_article_is_not_the_number_one() -> None:
    assert quantities("one of the parties has a copy; un paciente con una lesión") == set()


def test_three_figures_after_one_mark_are_read_by_the_language() -> None:
    assert quantities("dose 1.000") == {(frozenset({Fraction(1), Fraction(1000)}), "")}
    assert quantities("the result of the test was 1.000") == {quantity("1")}
    assert quantities("el resultado de la prueba fue 1.000") == {quantity("1000")}


@pytest.mark.parametrize(
    "text",
    [
        "July 13, 2005",
        "Jul. 13, 2005",
        "13 July 2005",
        "the 13th day of July, 2005",
        "13 de julio de 2005",
        "13 de julio del 2005",
        "2005-07-13",
        "13/07/2005",
        "13/07/05",
        "07/13/2005",
        "13.07.2005",
    ],
)
def test_one_date_in_many_writings(text: str) -> None:
    assert dates(text) == {"2005-07-13"}


def test_an_ambiguous_date_keeps_both_readings_unless_it_is_spanish() -> None:
    assert dates("on 05/06/2020") == {"2020-06-05", "2020-05-06"}
    assert dates("ingresa el 05/06/2020 por la tarde") == {"2020-06-05"}


def test_partial_dates() -> None:
    assert dates("in July 2005") == {"2005-07"}
    assert dates("el 3 de mayo") == {"--05-03"}


def test_no_digit_is_overlooked() -> None:
    text = "HbA1c, B12, 8.2.1, NHC 5102736, a1@b2.es, CD4+, 20010/3a"
    facts = extract_facts(text)
    read = " ".join(fact.text for fact in facts.items).casefold()
    for piece in ("hba1c", "b12", "8.2.1", "5102736", "a1@b2.es", "cd4", "20010"):
        assert piece in read


def test_references() -> None:
    found = extract_facts("under Section 8.2(a), Article IV and la cláusula 5").items
    labels = {str(label) for fact in found for label in fact.readings}
    assert labels == {"8.2(a)", "iv", "5"}


def test_names() -> None:
    facts = extract_facts(
        'Yesterday Dr. Juan de la Cruz met Bank of America Corporation, "the bank".'
    )
    names = [name.words for name in facts.names]
    assert ("juan", "cruz") in names
    assert ("bank", "america", "corp") in names
    assert ("bank",) in names
