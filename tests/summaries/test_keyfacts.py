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
        (
            "Se rige por la Ley de Arrendamientos Urbanos.",
            "governing law",
            "Ley de Arrendamientos Urbanos",
        ),
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


def shown(text: str, **facts: object) -> list[tuple[str, str]]:
    return [
        (fact.name, fact.value)
        for fact in key_facts(text, lines(text), DocumentFacts(**facts))  # type: ignore[arg-type]
    ]


def test_facts_stand_in_order_of_date() -> None:
    text = (
        "This Agreement continues until 28 February 2026.\nThe price is £1,250.\n"
        "The Supplier delivers no later than 03/04/2023 (notice of 25/03/2023).\n"
        "It is effective from 1 March 2023. It was signed by Orrin Glass Limited on 20 February 2023."
    )
    facts = {"kind": "contract", "names": ("Orrin Glass Limited",), "date": "2023-02-20"}
    assert [name for name, _ in shown(text, **facts)] == [
        "party",
        "date",
        "effective date",
        "deadline",
        "expiry",
        "amount: price",
    ]


def test_spanish_dates_are_in_order_with_the_day_first() -> None:
    text = (
        "Fecha de alta: 03/05/2024.\nFecha de ingreso: 28 de abril de 2024.\nNHC: 118.204\n"
        "Revisión en consulta el 2 de junio de 2024.\nFecha de nacimiento: 05/12/1961.\n"
    )
    assert shown(text, kind="discharge letter", language="es") == [
        ("record number", "118.204"),
        ("birth date", "05/12/1961"),
        ("admission", "28 de abril de 2024"),
        ("discharge", "03/05/2024"),
        ("review", "2 de junio de 2024"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        (
            "The Supplier keeps automobile liability insurance with limits of not less than $1,000,000.",
            "amount: insurance",
            "$1,000,000",
        ),
        ("It shall pay an additional $2,500 for each of its new principals.", "amount", "$2,500"),
        (
            "The fee is an annual rate of 0.65% of the net assets up to $25 million.",
            "amount",
            "$25 million",
        ),
        (
            "Se descontará un 9 % de cada factura (10.395 € cada una), es decir, un total de 25.410 €.",
            "amount: total",
            "25.410 €",
        ),
        (
            "La responsabilidad del Prestador se limita a 2.000 € por siniestro y a 4.000 € por año.",
            "amount: liability cap",
            "2.000 €",
        ),
        (
            "Mantendrá un seguro de responsabilidad civil, con una franquicia máxima de 3.000 €.",
            "amount: deductible",
            "3.000 €",
        ),
        (
            "The damages owed for a breach shall not exceed five million US dollars ($5,000,000).",
            "amount: liability cap",
            "$5,000,000",
        ),
        ("It sits alone if the damages sought are less than $500.", "amount", "$500"),
        ("A bank with total assets of at least $900 million holds it.", "amount", "$900 million"),
        ("On any Payment Date the lesser of (x) $425,000 and the rest.", "amount", "$425,000"),
        ("She is paid at the rate of €500 per hour.", "amount: hourly rate", "€500"),
        ("An annual cap of £900 applies to travel.", "amount: annual cap", "£900"),
        ("Pagará una penalización de 150 € por día.", "amount: penalty", "150 €"),
        ("Canon Inc. agreed to hand over $5,000 to the Seller.", "amount", "$5,000"),
        ("La franquicia otorgada le cuesta 5.000 euros.", "amount", "5.000 euros"),
        ("El canon anual asciende a 900 euros.", "amount: annual royalty", "900 euros"),
        ("Se compró materia prima por 5.000 euros.", "amount", "5.000 euros"),
        ("La prima asciende a 5.000 euros.", "amount: bonus", "5.000 euros"),
        (
            "A milestone payment of $2,500,000 is due in May.",
            "amount: milestone payment",
            "$2,500,000",
        ),
    ],
)
def test_an_amount_is_called_what_its_sentence_calls_it(text: str, name: str, value: str) -> None:
    assert (name, value) in shown(text, kind="contract")
    assert [each for _, each in shown(text, kind="contract")] == [value]


def test_how_often_one_amount_is_paid_is_not_told_of_the_one_before() -> None:
    text = "The deposit is $2,000 and the monthly rent is $1,000."
    told = [("amount: monthly rent", "$1,000"), ("amount: deposit", "$2,000")]
    assert sorted(shown(text, kind="contract")) == sorted(told)


@pytest.mark.parametrize(
    "text", ["Common stock, par value $0.001 each, is issued.", "The set-up fee is $0.00 for it."]
)
def test_what_nobody_pays_is_no_amount(text: str) -> None:
    assert shown(text, kind="contract") == []


def test_a_unit_is_no_drug() -> None:
    text = "Glucemia capilar 210 mg/dl: 4 UI de insulina.\nToma apixabán 5 mg."
    drugs = [value for name, value in shown(text, kind="clinical note", names=("Ana Ruiz",))]
    assert "apixabán 5 mg" in drugs
    assert not [value for value in drugs if value.startswith("mg")]


def test_a_dose_for_each_square_metre_is_not_cut_to_another_dose() -> None:
    text = "Se administró doxorubicina 25 mg/m2 y dacarbazina 375 mg/m² en el día 1."
    told = [name for name, _ in shown(text, kind="clinical note", names=("Ana Ruiz",))]
    assert "medication" not in told
