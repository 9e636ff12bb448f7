"""Rows on somebody else are no evidence on the one who is asked about."""

from __future__ import annotations

import pytest

from ragkit.retrieval.own_rows import without_others_rows
from ragkit.types import Evidence

WARD = (
    "Patient: Quill, Edna | Drug: Apixaban | Dose: 2.5 mg",
    "Patient: Moss, Henry | Drug: Morphine | Dose: 5 mg",
    "Patient: Moss, Henry | Drug: Enoxaparin | Dose: 40 mg",
    "The plan of both is reviewed on Monday.",
)


def rows(*texts: str, document: int = 1) -> list[Evidence]:
    return [
        Evidence(number, f"{document}.xlsx", document, "", None, 0, len(text), text)
        for number, text in enumerate(texts, start=10 * document)
    ]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("What dose of apixaban does Moss take?", WARD[1:]),
        ("What dose of apixaban does Edna Quill take?", (WARD[0], WARD[3])),
        ("¿Qué dosis toma Moss?", WARD[1:]),
        ("Which doses are given?", WARD),  # nobody is named
        ("What dose does Garrick take?", WARD),  # nobody of the plan
        ("Moss: which dose?", WARD),  # may be the beginning of any sentence
    ],
)
def test_which_rows_stay(question: str, kept: tuple[str, ...]) -> None:
    assert tuple(item.text for item in without_others_rows(question, rows(*WARD))) == kept


def test_another_documents_rows_stay_where_it_has_none_of_the_name() -> None:
    evidence = [*rows(*WARD), *rows("Drug: Apixaban | Usual dose: 5 mg", document=2)]
    left = without_others_rows("What dose does Moss take?", evidence)
    assert [item.document_id for item in left] == [1, 1, 1, 2]


def test_a_sentence_on_both_initials_stays() -> None:
    both, other = "It is listed in Exhibit A and Exhibit B.", "Exhibit B. Prices."
    left = without_others_rows("What is in Exhibit A?", rows(both, other))
    assert [item.text for item in left] == [both]
