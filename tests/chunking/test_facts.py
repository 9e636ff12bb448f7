"""What documents say about themselves."""

from __future__ import annotations

import pytest

from ragkit.chunking.facts import facts_of

CONTRACT = """Exhibit 10.7

CONSULTING AGREEMENT

This Consulting Agreement ("Agreement"), dated June 1, 2020, is made between Aduro Biotech, Inc.,
a Delaware corporation ("Aduro") and Andrea van Elsas, an individual ("Consultant").

WHEREAS, Unrelated Holdings, Inc. is mentioned only here;
"""
CONTRATO = """CONTRATO DE ARRENDAMIENTO

En Madrid, a 3 de marzo de 2021, entre Inmobiliaria Sol, S.L. (en adelante, "el Arrendador") y
Dña. María Pérez Gil (en adelante, "la Arrendataria"), que se obligan a lo que sigue.
"""
NOTE = """Nombre:  Jesús .
Apellidos: Carmona Velasco.
NHC: 7946135.
Fecha de nacimiento: 26/01/1975.
Fecha de Ingreso: 23/04/2017.
Motivo de ingreso: nódulo en el testículo derecho del paciente.
"""


def test_contract() -> None:
    facts = facts_of(CONTRACT)
    assert facts.title == "CONSULTING AGREEMENT"
    assert (facts.kind, facts.language, facts.date) == ("contract", "en", "2020-06-01")
    assert facts.names == ("Aduro Biotech, Inc", "Andrea van Elsas")


def test_spanish_lease() -> None:
    facts = facts_of(CONTRATO)
    assert facts.title == "CONTRATO DE ARRENDAMIENTO"
    assert (facts.kind, facts.language, facts.date) == ("lease", "es", "2021-03-03")
    assert facts.names == ("Inmobiliaria Sol, S.L", "María Pérez Gil")


def test_clinical_note_has_the_patient_and_not_the_date_of_birth() -> None:
    facts = facts_of(NOTE)
    assert facts.names == ("Jesús Carmona Velasco",)
    assert (facts.kind, facts.language, facts.date) == ("clinical note", "es", "2017-04-23")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FIRST AMENDMENT TO SUPPLY AGREEMENT\n\nThe parties agree.", "amendment"),
        ("Discharge Summary\n\nPatient: Ann Lee", "discharge letter"),
        ("From: a@b.example\nTo: c@d.example\nSubject: Invoice\n\nHello.", "email"),
        ("Dear Ms. Lee,\n\nthank you for your visit.", "letter"),
        ("Laboratory report\n\nHb 12", "lab report"),
        ("Birds fly south.", ""),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert facts_of(text).kind == kind


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Signed 2020-02-29.", "2020-02-29"),
        ("Signed this 19th day of March, 2020.", "2020-03-19"),
        ("Signed 4/8/2020 by the parties to this.", "2020-04-08"),
        ("Signed 25.8.2020.", "2020-08-25"),
        ("Firmado el 4/8/2020 por las partes de este contrato.", "2020-08-04"),
        ("Signed February 31, 2020.", ""),
        ("DOB: 01/02/1950", ""),
        ("In 2020.", ""),
    ],
)
def test_date(text: str, date: str) -> None:
    assert facts_of(text).date == date


def test_patient_line_and_the_title_of_the_format() -> None:
    facts = facts_of("Patient: Ann Lee   DOB: 01/02/1950\n\nShe is well.", title="Visit  note")
    assert facts.names == ("Ann Lee",)
    assert facts.title == "Visit note"
