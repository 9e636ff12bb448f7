"""What documents call what people ask for."""

from __future__ import annotations

import pytest

from ragkit.retrieval.analysis import question_words
from ragkit.retrieval.understanding import groups_of
from ragkit.retrieval.wording import other_wording


def said(question: str) -> tuple[str, ...]:
    return other_wording(groups_of(question_words(question, "")))


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("Is liability limited?", "exceed"),
        ("Under what law is it interpreted?", "construed"),
        ("When was it SIGNED?", "entered into as of"),
        ("Can the contract be assigned, or is its assignment forbidden?", "transfer"),
        ("¿Qué día nació?", "fecha de nacimiento"),
        ("¿Dónde vive el paciente?", "domicilio"),
        ("paciente con EPOC", "bronquitis crónica"),
        ("antecedentes de hipertensión arterial", "hta"),
        ("¿Cuál es el plazo de preaviso?", "antelación"),
        ("history of heart attack", "myocardial infarction"),
    ],
)
def test_a_question_is_put_in_the_words_of_the_trade(question: str, phrase: str) -> None:
    assert phrase in said(question)


@pytest.mark.parametrize("question", ["Who wrote it?", "¿Quién lo firmó ayer en Madrid?", ""])
def test_other_questions_get_no_words(question: str) -> None:
    assert said(question) == ()


def test_all_words_of_an_expression_are_needed() -> None:
    assert "myocardial infarction" not in said("an attack in the street")


def test_two_ways_lead_to_the_same_and_not_to_themselves() -> None:
    assert "ecg" not in said("ECG normal")
    assert "electrocardiograma" in said("ECG normal")
