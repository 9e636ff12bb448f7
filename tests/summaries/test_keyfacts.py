"""Facts by rule, English and Spanish; every value stands in the text at its place."""

from __future__ import annotations

import pytest

from ragkit.summaries.keyfacts import MOST_FACTS, key_facts
from ragkit.types import DocumentFacts
from tests.summaries.documents import lines

CONTRACT = """\
SUPPLY AGREEMENT
This Agreement is dated 20 February 2023 and is made between Orrin Glass Limited and Tamarisk
Partners LLP. It is effective from 1 March 2023 and continues until 28 February 2026.
The Initial Term is three years. The duty of confidentiality continues for a period of seven years.
Either party may terminate this Agreement on not less than sixty (60) days' written notice.
The price of each delivery is £1,250. The rent of the store is £900 a month.
The liability of each party under this Agreement shall not exceed £250,000 in any year.
This Agreement is governed by the laws of England and Wales."""
LEASE = """\
CONTRATO DE ARRENDAMIENTO
En Villaclara, a 3 de octubre de 2022, entre INMOBILIARIA TORREALBA, S.L. y Ana Ruiz Peña.
El contrato entrará en vigor el 1 de noviembre de 2022. La duración será de diez años.
La renta es de 2.350 € mensuales. La fianza asciende a 4.700 €.
Cualquiera de las partes podrá desistir con un preaviso de cuatro meses.
La responsabilidad de la arrendataria no superará los 60.000 euros.
Este contrato se rige por la legislación española."""
LETTER = """\
DISCHARGE LETTER
Patient: WHITCOMBE, Eleanor | Date of birth | 8 June 1943 | MRN: AV-204417
Admitted 6 May 2024. Discharged 15 May 2024.
Diagnoses:
1. Decompensated heart failure.
2. Persistent atrial fibrillation.
Allergies: penicillin (rash in 1987).
On admission she took apixaban 5 mg twice a day; potassium 4.1 mmol/l, haemoglobin 120 g/l.
Medication on discharge
Apixaban 2.5 mg twice a day
Bisoprolol 5 mg once daily"""
INFORME = """\
INFORME DE ALTA
Nombre: María. Apellidos: García López. NHC: 118.204.
Fecha de nacimiento: 14/03/1951. Fecha de ingreso: 11 de enero de 2024. Fecha de alta: 19/01/2024.
Diagnóstico principal: ictus isquémico agudo.
Sin alergias conocidas.
Tratamiento al alta:
Atorvastatina 40 mg por la noche"""


def found(text: str, **facts: object) -> dict[str, list[str]]:
    """The values by name, each checked to stand where it is said to."""
    values: dict[str, list[str]] = {}
    for fact in key_facts(text, lines(text), DocumentFacts(**facts)):  # type: ignore[arg-type]
        assert text[fact.start : fact.end] == fact.value
        values.setdefault(fact.name, []).append(fact.value)
    return values


def test_facts_of_an_english_contract() -> None:
    names = ("Orrin Glass Limited", "Tamarisk Partners LLP")
    assert found(CONTRACT, kind="contract", names=names, date="2023-02-20", language="en") == {
        "party": ["Orrin Glass Limited", "Tamarisk\nPartners LLP"],
        "date": ["20 February 2023"],
        "effective date": ["1 March 2023"],
        "expiry": ["28 February 2026"],
        "term": ["three years"],
        "notice period": ["sixty (60) days'"],
        "governing law": ["laws of England and Wales"],
        "amount: liability cap": ["£250,000"],
        "amount: monthly rent": ["£900"],
        "amount: price": ["£1,250"],
    }


def test_facts_of_a_spanish_lease() -> None:
    names = ("Inmobiliaria que no consta", "Ana Ruiz Peña")
    assert found(LEASE, kind="lease", names=names, date="2022-10-03", language="es") == {
        "party": ["Ana Ruiz Peña"],
        "date": ["3 de octubre de 2022"],
        "effective date": ["1 de noviembre de 2022"],
        "term": ["diez años"],
        "notice period": ["cuatro meses"],
        "governing law": ["legislación española"],
        "amount: liability cap": ["60.000 euros"],
        "amount: monthly rent": ["2.350 €"],
        "amount: deposit": ["4.700 €"],
    }


def test_facts_of_an_english_letter() -> None:
    names = ("Eleanor WHITCOMBE",)
    assert found(LETTER, kind="discharge letter", names=names, date="2024-05-15") == {
        "patient": ["WHITCOMBE, Eleanor"],
        "birth date": ["8 June 1943"],
        "record number": ["AV-204417"],
        "admission": ["6 May 2024"],
        "discharge": ["15 May 2024"],
        "allergy": ["penicillin (rash in 1987)"],
        "diagnosis": ["Decompensated heart failure", "Persistent atrial fibrillation"],
        "medication": ["Apixaban 2.5 mg twice a day", "Bisoprolol 5 mg once daily"],
    }


def test_facts_of_a_spanish_report() -> None:
    names = ("María García López",)
    assert found(INFORME, kind="discharge letter", names=names, language="es") == {
        "patient": ["García López"],
        "birth date": ["14/03/1951"],
        "record number": ["118.204"],
        "admission": ["11 de enero de 2024"],
        "discharge": ["19/01/2024"],
        "allergy": ["Sin alergias conocidas"],
        "diagnosis": ["ictus isquémico agudo"],
        "medication": ["Atorvastatina 40 mg por la noche"],
    }


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("The loan of USD 3,600,000 is repaid.", "amount: loan", "USD 3,600,000"),
        ("Se reembolsan 2.145 € al asegurado.", "amount: reimbursement", "2.145 €"),
        ("The fee is $1.5 million per year.", "amount: annual fee", "$1.5 million"),
        ("El precio es de 3 millones de euros.", "amount: price", "3 millones de euros"),
        ("It ends on 90 days' prior written notice.", "notice period", "90 days'"),
        (
            "Se avisará con una antelación mínima de 15 días hábiles.",
            "notice period",
            "15 días hábiles",
        ),
        ("This Deed is governed by German law.", "governing law", "German law"),
    ],
)
def test_writings_of_one_fact(text: str, name: str, value: str) -> None:
    assert found(text)[name] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Nothing in this memo is a fact of that kind.",
        "The penalty clause was struck out in 2019, see page 12.",
        "El contrato no dice nada de ello.",
        "",
    ],
)
def test_what_states_none_has_none(text: str) -> None:
    assert found(text) == {}


def test_a_dose_of_a_protocol_is_nobody_s() -> None:
    text = "Patients with sepsis are given meropenem 1 g three times a day."
    assert "medication" not in found(text, kind="protocol")
    assert "medication" in found(text, kind="clinical note", names=("Ana Ruiz",))


def test_there_are_few_facts_and_no_value_twice() -> None:
    text = "\n".join(
        f"The fee of lot {n} is £{n},000 and the price £{n},500." for n in range(1, 40)
    )
    facts = key_facts(text * 2, lines(text * 2), DocumentFacts(kind="contract"))
    assert len(facts) <= MOST_FACTS
    assert len({fact.value for fact in facts}) == len(facts)


def test_an_amount_nobody_explains_is_told_only_if_no_other_is() -> None:
    assert found("We got £85 today.") == {"amount": ["£85"]}
    assert found("We got £85 today. The price is £90.") == {"amount: price": ["£90"]}


def test_the_word_at_the_end_of_a_row_says_nothing_about_the_next_row() -> None:
    text = (
        "date,patient,note\n2024-01-02,Ana Ruiz,admission\n2024-01-05,Ana Ruiz,ward round\n"
        "2024-01-09,Ana Ruiz,discharge\n2024-02-01,Ana Ruiz,clinic\n"
    )
    found = key_facts(text, lines(text), DocumentFacts(kind="clinical note", names=("Ana Ruiz",)))
    assert not {fact.name for fact in found} & {"admission", "discharge"}


@pytest.mark.parametrize(
    "text",
    [
        "Clopidogrel 75 mg is to be stopped seven days before the operation.",
        "Contrast: iohexol 300 mg was given.",
        "Se suspende enalapril 5 mg al alta.",
        "The laboratory advised meropenem 1 g every 8 hours.",
    ],
)
def test_a_drug_that_is_stopped_or_only_advised_is_no_fact(text: str) -> None:
    found = key_facts(
        text, lines(text), DocumentFacts(kind="discharge letter", names=("Ana Ruiz",))
    )
    assert "medication" not in {fact.name for fact in found}


def test_a_combination_keeps_all_its_drugs() -> None:
    text = "Sacubitril/valsartan 24/26 mg twice daily."
    found = key_facts(
        text, lines(text), DocumentFacts(kind="discharge letter", names=("Ana Ruiz",))
    )
    assert [fact.value for fact in found] == ["Sacubitril/valsartan 24/26 mg twice daily"]
