"""What readers of contracts and of medical files look for."""

from __future__ import annotations

import pytest

from ragkit.summaries.worth import is_formal, worth_of
from tests.summaries.test_selection import chosen_from


@pytest.mark.parametrize(
    "text",
    [
        "Each party's total liability in any contract year is limited to £750,000.",
        "Either party may terminate this Agreement on 30 days' written notice.",
        "The Employee shall not compete with the Company in that period.",
        "La renta será de 2.350 € mensuales durante el primer año.",
        "El Cliente podrá resolver el contrato con un preaviso de dos meses.",
        "Apixaban was reduced to 2.5 mg twice a day.",
        "Hemoglobina 11,4 g/dl 12,0-16,0 * bajo",
        "Se suspende metformina 850 mg.",
    ],
)
def test_duties_with_figures_and_treatment_are_sought(text: str) -> None:
    assert worth_of(text) >= 1
    assert not is_formal(text)


@pytest.mark.parametrize(
    "text",
    [
        "4.2 The Services are an administrative tool.",
        "10.1 Each party shall comply with the data protection law that applies to it.",
        "Mrs Whitcombe came with her daughter.",
    ],
)
def test_what_says_little_is_worth_nothing(text: str) -> None:
    assert worth_of(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "THIS AMENDMENT is dated 12 February 2024 and is made between the parties.",
        '"Software" means the viewer, version 7, in object code.',
        "De otra parte, CLÍNICA NOGUERAS, S.L.P., con CIF B-00981246.",
        "En Sarrel, a 26 de febrero de 2024.",
        "Date of examination 11 July 2024, 14:20",
    ],
)
def test_parties_dates_and_definitions_are_formal(text: str) -> None:
    assert is_formal(text)


def test_what_stands_among_definitions_is_formal_without_a_figure() -> None:
    row = "Fees | the fees set out in Schedule 2"
    assert is_formal(row, "Agreement > 1. Definitions and interpretation")
    assert not is_formal(row, "Agreement > 6. Fees")


def test_a_cap_is_chosen_before_a_definition() -> None:
    definition = '"Software" means the viewer of pictures, with its updates and manuals.'
    remark = "The viewer is an aid for people who look at pictures of their patients."
    cap = "Each party's liability in any one year is limited to £750,000 in all."
    assert chosen_from(f"{definition}\n{remark}\n{cap}", words=14) == [cap]
