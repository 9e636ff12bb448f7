"""What documents say about themselves."""

from __future__ import annotations

import time

import pytest

from ragkit.chunking.facts import facts_of

CONTRACT = """Exhibit 10.7

CONSULTING AGREEMENT

This Consulting Agreement ("Agreement"), dated May 4, 2018, is made between Quillmar Biotech, Inc.,
a Delaware corporation ("Quillmar") and Petra van Holten, an individual ("Consultant").

WHEREAS, Unrelated Holdings, Inc. is mentioned only here;
"""
CONTRATO = """CONTRATO DE ARRENDAMIENTO

En Madrid, a 3 de marzo de 2021, entre Inmobiliaria Sol, S.L. (en adelante, "el Arrendador") y
Dña. María Pérez Gil (en adelante, "la Arrendataria"), que se obligan a lo que sigue.
"""
NOTE = """Nombre:  Tomás .
Apellidos: Almenar Quijada.
NHC: 5102736.
Fecha de nacimiento: 14/02/1968.
Fecha de Ingreso: 19/10/2015.
Motivo de ingreso: dolor en la rodilla derecha del paciente.
"""


def test_contract() -> None:
    facts = facts_of(CONTRACT)
    assert facts.title == "CONSULTING AGREEMENT"
    assert (facts.kind, facts.language, facts.date) == ("contract", "en", "2018-05-04")
    assert facts.names == ("Quillmar Biotech, Inc", "Petra van Holten")


def test_spanish_lease() -> None:
    facts = facts_of(CONTRATO)
    assert facts.title == "CONTRATO DE ARRENDAMIENTO"
    assert (facts.kind, facts.language, facts.date) == ("lease", "es", "2021-03-03")
    assert facts.names == ("Inmobiliaria Sol, S.L.", "María Pérez Gil")


def test_clinical_note_has_the_patient_and_not_the_date_of_birth() -> None:
    facts = facts_of(NOTE)
    assert facts.names == ("Tomás Almenar Quijada",)
    assert (facts.kind, facts.language, facts.date) == ("clinical note", "es", "2015-10-19")


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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("CARE LETTER\nPatient Ruth Alma Hollis\nDate of birth 8 June 1943", ("Ruth Alma Hollis",)),
        ("INFORME\nPaciente\nMaría Soto Gil\nFecha de alta 3/2/2020", ("María Soto Gil",)),
        ("Paciente: Dña. Eva de la Fuente Rey   NHC: 1.234", ("Eva de la Fuente Rey",)),
        ("Patient | Hugh Barrow, born 19 May 1949, ward 3", ("Hugh Barrow",)),
        ("Patient | BARROW, Hugh\nDate of birth | 1949-05-19", ("Hugh BARROW",)),
        ("Dear Dr Finch,\nMr Hugh Barrow, born 19 May 1949, is well.", ("Hugh Barrow",)),
        ("Residente: Inés Mora Paz, nacida el 9 de mayo de 1938.", ("Inés Mora Paz",)),
        (
            "Bed 1  BARROW Hugh, 74 y. Fall.\nBed 2  HOLLIS Ruth, 80 y.",
            ("BARROW Hugh", "HOLLIS Ruth"),
        ),
        ("Rows: Bed: 1 | Patient: Barrow, Hugh | Dose: 1\n" * 3, ("Hugh Barrow",)),
        ("date,patient,weight\n2024-05-06,Barrow Hugh,70\n", ("Barrow Hugh",)),
        ("Patient\nReferred by Dr Anna Finch, Mill Surgery, Patient Safety Group\n", ()),
        ("From: Ann Lee <a@b.example>\nTo: c@d.example\nSubject: Fees\n\nHello.", ("Ann Lee",)),
    ],
)
def test_names_are_those_of_the_patients(text: str, names: tuple[str, ...]) -> None:
    assert facts_of(text).names == names


def test_the_name_in_the_title_of_a_text_about_one_person() -> None:
    text = "**Born:** 12 December 2015\n\nTwo puffs every day.\n"
    assert facts_of(text, title="Clinic visit | HOLLIS, Ruth | Asthma").names == ("Ruth HOLLIS",)


def test_parties_that_are_listed() -> None:
    text = """SHARE PURCHASE AGREEMENT

THIS AGREEMENT is made between:
(a) RUTH HOLLIS, of 3 Mill Lane, Leeds LS1 2AB (the "Seller"); and
(b) BARROW TOOLS LIMITED (company number 123), of York (the "Buyer").
1. Definitions
Company Hollis Tools Limited
"""
    assert facts_of(text).names == ("RUTH HOLLIS", "BARROW TOOLS LIMITED")


def test_grantors_of_a_deed() -> None:
    text = "ESCRITURA DE PODER ESPECIAL\nDOÑA EVA MORA PAZ, mayor de edad, comparece.\n"
    facts = facts_of(text)
    assert (facts.kind, facts.names) == ("power of attorney", ("EVA MORA PAZ",))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Ann Lee, born 8 June 1943. Date: 6 August 2024.", "2024-08-06"),
        ("Date of birth\n8 June 1943\nCollected 3 May 2020\nFinal report 5 May 2020", "2020-05-05"),
        ("Inés Mora, nacida el 9 de mayo de 1938", ""),
        ("Fecha de ingreso 1 de mayo de 2020\nFecha de alta 4 de mayo de 2020", "2020-05-04"),
        ("Version 2, replaces that of 8 March 2022\nIn force from 1 May 2024", "2024-05-01"),
        ("Planned date | 24 October 2024\nTalk | 2 October 2024", "2024-10-02"),
        ("Seen on 3 May 2020.\n\n2 September 2020\n\nDear colleague,", "2020-09-02"),
        ("El poder se extinguirá el 31 de diciembre de 2026.", ""),
        ("id;opened;ends;sum;who\n1;2020-01-01;2021-01-01;5;Ann\n", ""),
        ("| To | Ann |\n| Date | 6 May 2024 |\n\nIt ends on 1 June 2025.", "2024-05-06"),
    ],
)
def test_the_date_is_the_documents_own(text: str, date: str) -> None:
    assert facts_of(text).date == date


@pytest.mark.parametrize(
    ("text", "given", "title"),
    [
        (
            "From: a@b.example\nSubject: Visit on Monday\n\nplease find the report here",
            "",
            "Visit on Monday",
        ),
        (
            "Visit\n\nThank you for seeing this man, who has a contract of two years.",
            "Visit",
            "Visit",
        ),
        ("strips and a care plan before going\nof the contract and the plan", "", ""),
        ("a;b;plan\n1;2;3\n", "", ""),
        ("Nombre: Ana\nApellidos: Ruiz", "Nombre: Ana", ""),
        (
            "FIRST AMENDMENT TO THE SUPPLY\nAGREEMENT\nIt is dated today.",
            "",
            "FIRST AMENDMENT TO THE SUPPLY AGREEMENT",
        ),
        ("Weight | 70 kg | 71 kg", "Visit | Ruth Hollis | Asthma", "Visit | Ruth Hollis | Asthma"),
        ("1. Read the plan\n- the report", "Schedule", "Schedule"),
    ],
)
def test_title(text: str, given: str, title: str) -> None:
    assert facts_of(text, title=given).title == title


def test_what_prose_mentions_is_no_kind() -> None:
    text = "Referral to the eye clinic\n\nDear colleague,\nhe has a contract of two years here.\n"
    assert facts_of(text).kind == "referral letter"


@pytest.mark.parametrize(
    "unit",
    ["A ", "Aa ", "AA, ", "Patient ", "born ", "a|", "1.1.2020 ", "|", "D. ", "y A", "\n", "Aa-"],
)
def test_no_opening_makes_it_slow(unit: str) -> None:
    began = time.perf_counter()
    facts_of(unit * (8_000 // len(unit)))
    assert time.perf_counter() - began < 1.0
