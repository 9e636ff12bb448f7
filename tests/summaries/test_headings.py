"""Headings and entries of who somebody is: they say nothing, so no summary quotes them."""

from __future__ import annotations

import pytest

from ragkit.summaries.candidates import is_candidate
from ragkit.summaries.headings import is_heading_line
from ragkit.types import Span
from tests.summaries.documents import candidates

SENTENCE = "La fianza se devolverá dentro del mes siguiente a la entrega de las llaves."


def heading(text: str, words: str, section: str = "") -> bool:
    start = text.index(words)
    return is_heading_line(text, Span(start, start + len(words)), section)


@pytest.mark.parametrize(
    "words",
    [
        "Background and purpose",
        "Fianza y garantía adicional",
        "Comentario del laboratorio",
        "Treatment",
    ],
)
@pytest.mark.parametrize("before", ["", "Cuarta. ", "4. ", "Texto anterior.\n\n", "## "])
def test_a_short_line_above_a_sentence_is_a_heading(words: str, before: str) -> None:
    assert heading(f"{before}{words}\n{SENTENCE}\n", words)
    assert heading(f"{before}{words}\n\nHierro | 38 | bajo\n", words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"No known allergies\n{SENTENCE}", "No known allergies"),
        (f"Denies chest pain or dyspnoea\n{SENTENCE}", "Denies chest pain or dyspnoea"),
        (f"Niega consumo de tabaco\n{SENTENCE}", "Niega consumo de tabaco"),
        (f"Hematocrito 35 %\n{SENTENCE}", "Hematocrito 35 %"),
        (f"Dolor torácico y disnea.\n{SENTENCE}", "Dolor torácico y disnea."),
        (
            "Fibrilación auricular paroxística\nHipertensión arterial\n",
            "Fibrilación auricular paroxística",
        ),
        (f"- Fibrilación auricular paroxística\n{SENTENCE}", "- Fibrilación auricular paroxística"),
        ("Fibrilación auricular paroxística", "Fibrilación auricular paroxística"),
        ("a line that is broken\nand goes on here until its end.", "a line that is broken"),
    ],
)
def test_what_says_something_is_none(text: str, words: str) -> None:
    assert not heading(text, words)


def test_the_line_below_a_heading_is_what_it_announces() -> None:
    text = f"Diagnóstico\nFibrilación auricular paroxística\n{SENTENCE}\n"
    assert not heading(text, "Fibrilación auricular paroxística", "Informe > Diagnóstico")


def test_no_bullet_is_a_bare_heading() -> None:
    text = (
        f"Cuarta. Fianza y garantía adicional\n{SENTENCE}\nMetabolismo del hierro basal\n"
        "Hierro | 38 | bajo\n"
    )
    told = [item.text for item in candidates(text)]
    assert SENTENCE in told
    assert "Metabolismo del hierro basal" not in told


@pytest.mark.parametrize(
    "text",
    [
        "Datos del paciente.",
        "Apellidos: Carmona Velasco.",
        "Domicilio: Avda. de la Albufera, 66, Bajo A.",
        "Médico: José Miguel Carreira NºCol: 15 15 22287.",
        "Remitido por: Dra. Júlia Morata Alba.",
        "Departamento de Radiología.",
        "Hospital Universitario de Arla",
        "Servicio: Medicina Interna",
        "15704 Santiago de Compostela.",
        "NÚMERO MIL DOSCIENTOS SIETE.",
        "FUNDACIÓN HOSPITAL DE ARLA - UNIDAD DE ICTUS DEL SERVICIO DE NEUROLOGÍA NOTAS DE ENFERMERÍA",
        "By: Arden Partners, Inc., its Manager",
        "Sarrel, 4 de noviembre de 2024",
        "En su propio nombre y derecho.",
    ],
)
def test_an_entry_is_no_candidate(text: str) -> None:
    assert not is_candidate(text)


@pytest.mark.parametrize(
    "text",
    [
        "El paciente fue dado de alta el 4 de noviembre de 2024 sin complicaciones.",
        "ALL FEES ARE DUE WITHIN THIRTY DAYS.",
        "Servicio de urgencias: se administró oxígeno durante la noche con buena respuesta y "
        "mejoría de la disnea; pasa a planta de neumología con tratamiento oral.",
        "Hospital stay was without complications.",
        "Ward round found her afebrile.",
        "Servicio incluye mantenimiento mensual de los equipos.",
        "Servicio: El Proveedor se obliga a prestar soporte continuo al Cliente.",
        "Address: the Tenant shall notify changes of address within five days.",
    ],
)
def test_a_sentence_is(text: str) -> None:
    assert is_candidate(text)


def test_nothing_is_quoted_of_who_sent_the_patient() -> None:
    words = "Secretaría de la Unidad de Oncología del Hospital de Arla, planta baja"
    assert is_candidate(words)
    assert not is_candidate(words, "Informe > Remitido por")
