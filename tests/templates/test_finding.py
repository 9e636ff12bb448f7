"""Finding fields: by label, by phrase, at their place; nothing where nothing is said."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ragkit.types.fields import CONTRADICTORY, NOT_FOUND
from tests.templates.reading import document, fields_of, shown, template_from

CONTRACT = """SERVICES AGREEMENT

This Services Agreement (the "Agreement") is made and entered into as of March 5, 2024 (the "Effective
Date") by and between Harrow Lane Logistics, Inc., a Delaware corporation with offices at 12 Quay Street,
Boston ("Provider"), and Pellam & Sons Limited, a company incorporated in England ("Customer").

1. TERM

1.1 This Agreement shall continue until December 31, 2026, unless terminated earlier. It shall
automatically renew for successive one (1) year periods unless either party gives written notice at least
ninety (90) days prior to the end of the then-current term.

2. LAW

2.1 This Agreement shall be governed by and construed in accordance with the laws of the State of New
York, without regard to conflicts of law.

3. LIABILITY

3.1 The Provider's total liability shall not exceed $250,000.
"""


def test_a_contract_is_asked_for_its_terms() -> None:
    found = fields_of(CONTRACT)
    assert shown(found["parties"]) == ["Harrow Lane Logistics, Inc.", "Pellam & Sons Limited"]
    assert [one.value.role for one in found["parties"].values] == ["Provider", "Customer"]
    plain = {name: [one.value.plain for one in field.values] for name, field in found.items()}
    assert plain["agreement_date"] == ["2024-03-05"]
    assert plain["effective_date"] == ["2024-03-05"]
    assert plain["expiration"] == ["2026-12-31"]
    assert plain["renewal_term"] == ["1 year"]
    assert plain["notice_period"] == ["90 days"]
    assert plain["liability_cap"] == ["USD 250000"]
    assert shown(found["governing_law"]) == ["State of New York"]
    assert shown(found["automatic_renewal"]) == ["yes"]


def test_every_value_stands_where_it_says() -> None:
    reading = document(CONTRACT)
    for field in fields_of(CONTRACT).values():
        for one in field.values:
            if one.type != "yes/no":
                stretch = reading.text[one.value.start : one.value.end]
                assert " ".join(stretch.split()) == one.shown


def test_what_a_contract_does_not_say_stays_empty() -> None:
    found = fields_of("SERVICES AGREEMENT\n\nThe parties will discuss the terms in good faith.\n")
    assert {field.note for field in found.values()} == {NOT_FOUND}
    assert not any(field.values for field in found.values())


def test_what_contradicts_itself_stays_empty() -> None:
    other = (
        CONTRACT
        + "\n4. NOTICE\n\n4.1 It may renew only with sixty (60) days prior written notice.\n"
    )
    field = fields_of(other)["notice_period"]
    assert (field.values, field.note) == ((), CONTRADICTORY)


def test_the_same_said_twice_is_no_contradiction() -> None:
    other = (
        CONTRACT + "\n4. NOTICE\n\n4.1 It may renew unless notice comes 90 days prior to its end.\n"
    )
    assert [one.value.plain for one in fields_of(other)["notice_period"].values] == ["90 days"]


def test_yes_and_no_together_are_neither() -> None:
    other = CONTRACT + "\n4. RENEWAL\n\n4.1 The lease of annex B shall not automatically renew.\n"
    field = fields_of(other)["automatic_renewal"]
    assert (field.values, field.note) == ((), CONTRADICTORY)


def test_a_date_that_is_said_to_be_another_has_both_quotes() -> None:
    text = CONTRACT.replace(' (the "Effective\nDate")', "").replace(
        "1.1 This", "1.1 This Agreement shall be effective as of the date first written above. This"
    )
    (one,) = fields_of(text)["effective_date"].values
    assert one.value.plain == "2024-03-05"
    assert one.said is not None
    assert "effective" in text[one.said.start : one.said.end]


def test_a_discharge_letter_in_spanish() -> None:
    text = (
        "INFORME DE ALTA HOSPITALARIA\n\nNombre:  Rosa .\nApellidos: Peral Otero.\nNHC: 771203.\n"
        "Fecha de nacimiento: 02/07/1950.\nEdad:74  Sexo: M.\nFecha de Ingreso: 03/10/2024.\n"
        "Fecha de alta: 9 de octubre de 2024.\nMédico:Julio Mena Ríos  NºCol: 33 12 90.\n"
        "Motivo de ingreso: fiebre y tos.\nDiagnóstico principal: neumonía del lóbulo inferior derecho.\n"
    )
    found = fields_of(text)
    assert shown(found["patient"]) == ["Rosa Peral Otero"]
    assert shown(found["record_number"]) == ["771203"]
    assert shown(found["doctor"]) == ["Julio Mena Ríos"]
    assert shown(found["diagnoses"]) == ["neumonía del lóbulo inferior derecho"]
    dates = ("date_of_birth", "admission_date", "discharge_date")
    plain = [found[name].values[0].value.plain for name in dates]
    assert plain == ["1950-07-02", "2024-10-03", "2024-10-09"]


def test_the_head_of_a_column_is_no_label() -> None:
    text = "DISCHARGE LETTER\n\nDate of birth | Patient | Ward\n1 May 1950 | Ann Lee | Elm\n"
    assert shown(fields_of(text)["patient"]) == []


def test_a_list_has_its_items(tmp_path: Path) -> None:
    own = (
        "name: own\nwhen: {title: [plan]}\nfields:\n"
        "  - {name: steps, type: list, find: [{label: [steps]}]}\n"
    )
    text = "CARE PLAN\n\nSteps:\n- weigh daily\n- call the nurse\n\nThe end.\n"
    found = fields_of(text, template_from(tmp_path, own, "own"))
    assert shown(found["steps"]) == ["weigh daily", "call the nurse"]


@pytest.mark.parametrize("unit", ["renew the ", '( " , ', "between Ab Cd, ", "A. ", "Term: \n"])
def test_no_text_takes_long(unit: str) -> None:
    text = f"SERVICES AGREEMENT\n\nThis agreement between {unit * (30_000 // len(unit))}"
    began = time.process_time()
    fields_of(text)
    assert time.process_time() - began < 20


def test_a_label_with_nothing_after_it_does_not_take_the_next_one() -> None:
    letter = """Discharge letter

Patient:
Date of birth: 3 May 1950
Admitted:     Discharged: 5 May 2024
Allergies:
Medication on discharge: aspirin 100 mg
"""
    found = fields_of(letter)
    assert [shown(found[name]) for name in ("patient", "admission_date", "allergies")] == [
        [],
        [],
        [],
    ]
    assert shown(found["date_of_birth"]) == ["3 May 1950"]
    assert shown(found["discharge_date"]) == ["5 May 2024"]
    assert shown(found["medication"]) == ["aspirin 100 mg"]


@pytest.mark.parametrize("gap", [" ", "\t", "- ", "-"])
def test_a_long_gap_in_a_document_takes_no_time(gap: str) -> None:
    started = time.process_time()
    fields_of(f"Informe de alta\nPaciente: Ana Ruiz{gap * 3_000}Alergias: x")
    fields_of(f"This agreement ... {gap * 3_000} between Acme Inc. and Harrow Ltd.")
    assert time.process_time() - started < 10
