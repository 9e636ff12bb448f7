"""What would be no question is not made of a follow-up, and people of nearly one name are kept apart."""

from __future__ import annotations

import pytest

from ragkit.conversation.rewriting import Said, stand_alone
from ragkit.conversation.soundness import is_sound

CAP = "What is the liability cap in the agreement with Pellgate?"
SMITH = "When was John B. Smith discharged?"
GARZA = "¿Cuándo fue dada de alta María Pérez Garza?"
NOTHING = [
    (CAP, "both"),
    (CAP, "and both of them?"),
    (CAP, "both contracts"),
    (CAP, "the first and the second"),
    (CAP, "and the rest?"),
    (CAP, "no"),
    ("Does Smith take warfarin?", "And her?"),
    (SMITH, "and A.?"),
    (GARZA, "¿y ella?"),
    (GARZA, "¿y ambas?"),
]


@pytest.mark.parametrize(("before", "typed"), NOTHING)
def test_what_names_nothing_is_unclear(before: str, typed: str) -> None:
    found = stand_alone(typed, Said(before))
    assert (found.verdict, found.question) == ("unclear", typed)


SOUND = [
    (SMITH, "and John A.?", "When was John A. Smith discharged?"),
    (SMITH, "and John A?", "When was John A. Smith discharged?"),
    (SMITH, "and John A. Smith?", "When was John A. Smith discharged?"),
    ("When was John Smith born?", "and John A.?", "When was John A. Smith born?"),
    (SMITH, "and Mary A.?", "When was Mary A. discharged?"),
    (SMITH, "Is he allergic to penicillin?", "Is John B. Smith allergic to penicillin?"),
    ("When was J. Smith born?", "Does he smoke?", "Does J. Smith smoke?"),
    (
        "What is John B. Smith's date of birth?",
        "and John A.'s?",
        "What is John A. Smith's date of birth?",
    ),
    ("¿Fue alta Juan A. Pérez?", "¿y Juan B.?", "¿Fue alta Juan B. Pérez?"),
    (GARZA, "¿y a qué es alérgica?", "¿A qué es alérgica María Pérez Garza?"),
    (
        "¿Cuál es la renta de Torrealta?",
        "¿a quién se paga?",
        "¿A quién se paga la renta de Torrealta?",
    ),
    (
        "¿Cuál es la renta de Torrealta?",
        "¿y en qué cláusula está?",
        "¿En qué cláusula está la renta de Torrealta?",
    ),
    ("¿Qué toma María Pérez?", "¿y para qué?", "¿Para qué toma María Pérez?"),
    (
        "¿Cuándo fue dada de alta informe_perez_garza.txt?",
        "¿y a qué es alérgica?",
        "¿A qué es alérgica en informe_perez_garza.txt?",
    ),
    (
        "¿Cuándo fue dada de alta María Pérez?",
        "¿y informe_perez_garza.txt?",
        "¿Cuándo fue dada de alta María Pérez en informe_perez_garza.txt?",
    ),
]


@pytest.mark.parametrize(("before", "typed", "asked"), SOUND)
def test_nobody_takes_anothers_place(before: str, typed: str, asked: str) -> None:
    assert stand_alone(typed, Said(before)).question == asked


@pytest.mark.parametrize(
    ("question", "typed", "is_fine"),
    [
        ("What is the both in the lease?", "both", False),
        ("What is the her for Smith?", "and her?", False),
        ("¿Cuál es la ella de Ruiz?", "¿y ella?", False),
        ("When was John B. Smith discharged?", "and John A.?", False),
        ("When was John A. Smith discharged?", "and John A.?", True),
        ("What is the rent of his flat?", "the rent of his flat?", True),
        ("¿Cuál es la renta de la finca?", "¿y la renta?", True),
    ],
)
def test_a_question_that_can_be_none(question: str, typed: str, is_fine: bool) -> None:
    assert is_sound(question, typed) is is_fine
