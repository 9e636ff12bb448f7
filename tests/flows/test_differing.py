"""When two values for the same thing contradict each other."""

from __future__ import annotations

import pytest

from ragkit.catalog import DocumentEntry
from ragkit.flows.contradicting import weigh
from ragkit.flows.differing import differ, value_of
from tests.flows.test_versions import entry, quoted, sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2,5 mg cada 24 horas", "5 mg cada 24 horas"),
        ("40 mg once daily", "40 mg twice daily"),
        ("500 mg every 8 hours", "500 mg every 12 hours"),
        ("EUR 186,000", "EUR 210,000"),
        ("3 June 2024", "4 June 2024"),
        ("codeine", "penicillin"),
    ],
)
def test_they_differ(one: str, other: str) -> None:
    assert differ(value_of(one), value_of(other))
    assert differ(value_of(other), value_of(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("40 mg", "40 mg once daily"),
        ("40 mg in the morning", "40 mg once a day"),
        ("5 mg cada 12 horas", "5 mg dos veces al día"),
        ("3 June 2024", "June 2024"),
        ("3 June 2024", "June 3, 2024"),
        ("Codeine", "codeine"),
    ],
)
def test_they_agree(one: str, other: str) -> None:
    assert not differ(value_of(one), value_of(other))


FIRST = entry(1, "nota.txt", "Nota", kind="notes", names=("Julián Ortega Nieto",))
SECOND = entry(2, "alta.txt", "Informe de alta", kind="discharge letter", names=("Julián Ortega",))
QUESTION = "¿Qué dosis de bisoprolol toma Julián Ortega Nieto?"
EVIDENCE = [
    sentence(FIRST, "Toma bisoprolol 2,5 mg cada 24 horas.", 1),
    sentence(SECOND, "Al alta: bisoprolol 5 mg cada 24 horas, atorvastatina 20 mg.", 2, 0.8),
]


@pytest.mark.parametrize("question", [QUESTION, "¿Cuánto bisoprolol toma Julián Ortega Nieto?"])
def test_two_doses_of_one_drug_of_one_patient_are_noted(question: str) -> None:
    made = weigh(question, EVIDENCE, [FIRST, SECOND], quoted(EVIDENCE[0]), language="es")
    assert [(note.kind, note.citations) for note in made.notes] == [("conflict", (1, 2))]


def test_they_are_noted_too_where_the_question_names_one_letter_better() -> None:
    made = weigh(
        QUESTION, EVIDENCE, [FIRST, SECOND], quoted(EVIDENCE[0]), language="es",
        meant=frozenset({1}),
    )  # fmt: skip
    assert [note.kind for note in made.notes] == ["conflict"]


@pytest.mark.parametrize("name", ["Julia Ortega Nieto", "Julián B. Ortega"])
def test_two_patients_do_not_contradict_each_other(name: str) -> None:
    first: DocumentEntry = entry(1, "nota.txt", kind="notes", names=("Julián A. Ortega",))
    other = entry(2, "alta.txt", kind="discharge letter", names=(name,))
    made = weigh(QUESTION, EVIDENCE, [first, other], quoted(EVIDENCE[0]), language="es")
    assert made.notes == ()
