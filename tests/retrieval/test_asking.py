"""The kind of fact that a question asks for, by its words, and that a text holds, by its form."""

from __future__ import annotations

import pytest

from ragkit.retrieval.asking import holds, kind_asked


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the lease signed?", "date"),
        ("On what date does it expire?", "date"),
        ("¿Cuándo fue el ingreso de Ana?", "date"),
        ("¿Qué día nació?", "date"),
        ("¿Cuál es el correo electrónico del médico?", "e-mail address"),
        ("What is her telephone number?", "telephone number"),
        ("¿Qué edad tenía al ser atendida?", "age"),
        ("How old is she?", "age"),
        ("How much is the monthly rent?", "amount"),
        ("¿Qué renta se paga?", "amount"),
        ("How much notice is needed?", ""),
        ("Which law governs?", ""),
        ("What happens when a party is acquired?", ""),
    ],
)
def test_the_kind_asked_for(question: str, kind: str) -> None:
    assert kind_asked(question) == kind


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        ("date", "made as of March 5, 2019 between", True),
        ("date", "nacida el 14/02/1968.", True),
        ("date", "this ____ day of ______, 2014", True),
        ("date", "within thirty days of receipt", False),
        ("e-mail address", "Remitido por: ana.ruiz@hospital.es", True),
        ("e-mail address", "at the hospital", False),
        ("telephone number", "Tel. 912 345 678", True),
        ("telephone number", "in 2019", False),
        ("age", "Edad: 42 Sexo: M", True),
        ("age", "varón de 42 años", True),
        ("age", "two aged parents", False),
        ("amount", "a rent of €900 a month", True),
        ("amount", "900 euros", True),
        ("amount", "nine copies", False),
    ],
)
def test_what_a_text_holds(kind: str, text: str, held: bool) -> None:
    assert holds(kind, text) is held


@pytest.mark.parametrize(
    "question",
    [
        "When does the termination right apply?",
        "When is the supplier liable for delay?",
        "Does the fax count as notice?",
        "May notice be given by e-mail?",
        "¿Se puede avisar por teléfono?",
    ],
)
def test_a_condition_or_a_way_of_notice_is_no_fact(question: str) -> None:
    assert kind_asked(question) == ""
