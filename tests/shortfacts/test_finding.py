"""What a question asks for is found in forms, tables and running sentences; what it does not is not."""

from __future__ import annotations

import pytest

from ragkit.shortfacts.aspects import wanted_by
from ragkit.shortfacts.fields import cells_of, fields_of
from ragkit.shortfacts.finding import Sentence, candidates, least_sure


def front(question: str, *sentences: str, heading: str = "", start: int = 0) -> str:
    """The surest value that may stand in front; "" for none."""
    wanted = wanted_by(question)
    told = [Sentence(text, heading, start) for text in sentences]
    found = max(candidates(wanted, told), key=lambda each: each.sure, default=None)
    if found is None or found.sure < least_sure(wanted):
        return ""
    return sentences[found.at][found.start : found.end]


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        ("When was Ann Lee born?", "Name: Ann Lee DOB: 12/03/1961 Sex: F", "12/03/1961"),
        ("When was Ann Lee born?", "Ann Lee, DOB 12/03/1961, was seen today.", "12/03/1961"),
        ("¿Qué día nació Ana Ruiz?", "Fecha de nacimiento:21/034/1957.", "21/034/1957"),
        ("¿Cuál es el NHC de Ana Ruiz?", "CIPA: nhc-5102736.", "5102736"),
        ("¿Cuál es el NHC de Ana Ruiz?", "NHC | 56 123", "56 123"),
        ("What is the hospital number of Ann Lee?", "Hospital No: A-4412", "A-4412"),
        ("¿Qué edad tenía Ana Ruiz?", "Edad: 69  Sexo:M.", "69"),
        ("How old was Ann Lee?", "She is a 54-year-old woman with a cough.", "54-year-old"),
        (
            "¿Quién es el médico de Ana Ruiz?",
            "Médico: Dra. Luz Sáez Gil  NºCol: 28 3.",
            "Luz Sáez Gil",
        ),
        (
            "¿Cuál es el domicilio de Ana Ruiz?",
            "Domicilio:  C/ Mayor, 27, 1 D .",
            "C/ Mayor, 27, 1 D",
        ),
        ("What is the e-mail of the clinic?", "Write to us (help@clinic.org).", "help@clinic.org"),
        ("What is the phone number of the ward?", "Phone: 555 010 2233", "555 010 2233"),
        (
            "¿Desde qué hospital se remite?",
            "Remite: Hospital San Juan C/Sol 5.",
            "Hospital San Juan",
        ),
        ("¿Cuál es el país de nacimiento de Ana?", "País de nacimiento: Perú.", "Perú"),
        ("What is the blood group of Ann Lee?", "Blood group: A negative", "A negative"),
    ],
)
def test_fields_of_forms(question: str, sentence: str, value: str) -> None:
    assert front(question, sentence) == value


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        (
            "Which state's law governs the lease?",
            "This Lease shall be governed by the laws of the\nState of New York, without more.",
            "New York",
        ),
        ("What law governs the contract?", "It is governed by Delaware law.", "Delaware"),
        (
            "How much notice is needed to stop the agreement from renewing?",
            "It renews each year unless a party gives sixty (60) days' prior written notice.",
            "sixty (60) days",
        ),
        (
            "When does the agreement expire?",
            "It takes effect on May 1, 2019 and continues until April 30, 2021.",
            "April 30, 2021",
        ),
        (
            "When did the agreement become effective?",
            "It takes effect as of May 1, 2019 and continues until April 30, 2021.",
            "May 1, 2019",
        ),
        ("How much is the monthly rent?", "The monthly rent is EUR 1,250 in advance.", "EUR 1,250"),
        (
            "What dose of metformin does he take?",
            "Metformin 850 mg twice daily.",
            "850 mg twice daily",
        ),
        ("What percentage is the royalty?", "The royalty is 4.5 % of net sales.", "4.5 %"),
        (
            "How long is the warranty?",
            "The warranty lasts thirteen (13) months.",
            "thirteen (13) months",
        ),
    ],
)
def test_running_sentences(question: str, sentence: str, value: str) -> None:
    assert front(question, sentence) == value


RENT = "The rent is £1,200 per month and the deposit is £2,400."
DRUGS = "She takes ramipril 5 mg daily, bisoprolol 2.5 mg daily and warfarin 3 mg at night."
LISTED = "Se pauta enalapril 20 mg + omeprazol 40 mg + aspirina 100 mg."
BEHIND = "She was given 40 mg of furosemide, 5 mg of bisoprolol and 300 mg of aspirin."
SHARES = "A royalty of 5 % is paid on net sales, a bonus of 2 % on exports and interest of 8 %."


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        ("How much is the rent?", RENT, "£1,200"),
        ("How much is the deposit?", RENT, "£2,400"),
        ("How much is the late fee?", "The licence fee is $100 and the late fee is $20.", "$20"),
        ("How much does the licensee pay?", "The licensor pays $5 and the licensee pays $7.", "$7"),
        ("¿Cuánto es la fianza?", "La renta es de 900 euros y la fianza de 1.800 euros.", "1.800 euros"),
        ("What dose of ramipril does she take?", DRUGS, "5 mg daily"),
        ("What dose of bisoprolol does Ann Lee take?", DRUGS, "2.5 mg daily"),
        ("What dose of warfarin does she take?", DRUGS, "3 mg at night"),
        ("¿Qué dosis de enalapril toma Ana?", LISTED, "20 mg"),
        ("¿Qué dosis de omeprazol toma Ana?", LISTED, "40 mg"),
        ("¿Qué dosis de aspirina toma Ana?", LISTED, "100 mg"),
        ("What dose of furosemide was given?", BEHIND, "40 mg"),
        ("What dose of bisoprolol was given?", BEHIND, "5 mg"),
        ("What dose of aspirin was given?", BEHIND, "300 mg"),
        ("What percentage is the royalty?", SHARES, "5 %"),
        ("What percentage is the bonus?", SHARES, "2 %"),
        ("What percentage is the interest?", SHARES, "8 %"),
        ("How old is the patient?", "His father died at 60 years of age; he is 34 years old.", "34 years old"),
        ("How old was his father?", "His father died at 60 years of age; he is 34 years old.", "60 years"),
        ("¿Qué edad tiene Luis?", "Varón de 45 años con madre diabética de 80 años.", "45 años"),
        ("When was she admitted?", "Admitted 3 May 2024 and discharged 9 May 2024.", "3 May 2024"),
        ("When was she discharged?", "Admitted 3 May 2024 and discharged 9 May 2024.", "9 May 2024"),
        ("How long is the warranty?", "The term is five years and the warranty 18 months.", "18 months"),
    ],
)  # fmt: skip
def test_of_several_values_the_one_that_is_asked_for(
    question: str, sentence: str, value: str
) -> None:
    assert front(question, sentence) == value


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What dose of digoxin does she take?", DRUGS),
        ("What dose of digoxin does Ann Lee take?", f"Ann Lee: {DRUGS}"),
        ("How much is the insurance?", RENT),
        ("What is the late fee?", "The licence fee is $100."),
        ("What percentage is the discount?", SHARES),
        ("How old is the patient?", "Mother, 60 years old."),
        ("How old is the patient?", "She lives with a 60-year-old diabetic sister."),
        ("When was she born?", "Date of birth of the mother: 3 May 1954."),
        ("When was she born?", "Her mother was born on 3 May 1954."),
        ("When was his father born?", "He was born on 3 May 1984."),
        ("Which law governs it?", "It is not governed by the laws of England, but of Scotland."),
        ("When was the lease signed?", "This lease was not signed before 3 May 2024."),
        ("When was the lease signed?", "This lease was signed some time after 3 May 2024."),
    ],
)
def test_a_value_of_something_else_stays_out(question: str, sentence: str) -> None:
    assert front(question, sentence) == ""


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When does the agreement expire?", "This Agreement is made as of May 1, 2016."),
        ("When is the fee payable?", "The fee is payable on delivery; dated May 1, 2016."),
        ("¿Cuál es el teléfono de Ana Ruiz?", "NHC: 4417209. NASS: 31 902214475 08."),
        ("¿En qué hospital trabaja el médico?", "Médico: Luz Sáez Gil NºCol: 28 3."),
        ("How much notice is needed to end it?", "Payment is due within three (3) days."),
        ("Does the lease name a landlord?", "Landlord: Example Homes Ltd"),
        ("What happens when the agreement expires?", "It expires on May 1, 2020."),
        ("Who is the landlord?", "Landlord: ______"),
    ],
)
def test_what_is_not_asked_for_stays_out(question: str, sentence: str) -> None:
    assert front(question, sentence) == ""


def test_a_label_outweighs_prose() -> None:
    prose = "She was admitted after a fall on 02/01/2020."
    form = "Date of admission: 03/01/2020"
    assert front("When was Ann Lee admitted?", prose, form) == "03/01/2020"


def test_a_date_of_the_document_stands_where_it_begins() -> None:
    question = "What is the date of the agreement?"
    assert front(question, "Date: May 9, 2020", start=90_000) == "May 9, 2020"
    opening = Sentence("This Agreement is dated May 1, 2020.", "", 50)
    signature = Sentence("By: A. Lee Date: May 9, 2020", "", 90_000)
    best = max(candidates(wanted_by(question), [signature, opening]), key=lambda c: c.sure)
    assert best.at == 1


def test_cells_stand_under_the_titles_of_their_columns() -> None:
    row, columns = "Ann Lee | 12/03/1961 | Ward 4", "Patient | Date of birth | Place"
    found = {field.label: row[field.start : field.end] for field in cells_of(row, columns, " | ")}
    assert found == {"Patient": "Ann Lee", "Date of birth": "12/03/1961", "Place": "Ward 4"}
    assert front("When was Ann Lee born?", row, heading=columns) == "12/03/1961"
    assert list(cells_of("Ann Lee | 1961", columns, " | ")) == []


def test_fields_are_cut_from_the_text_itself() -> None:
    text = "Edad: 63 años Sexo: M.\nFecha de Ingreso: 17/10/2012."
    found = fields_of(text)
    assert [(field.label, field.value) for field in found] == [
        ("Edad", "63 años"),
        ("Sexo", "M"),
        ("Fecha de Ingreso", "17/10/2012"),
    ]
    assert all(text[field.start : field.end] == field.value for field in found)


def test_running_prose_has_no_fields() -> None:
    assert fields_of("The visit was at 12:30 and see http://x.org for more.") == ()
