"""Telling the words that name a document from those that ask."""

from __future__ import annotations

import pytest

from ragkit.language import language_of
from ragkit.retrieval.analysis import question_words, terms
from ragkit.retrieval.routing import naming_runs, without


def asked(question: str, naming: str) -> str:
    language = language_of(question)
    words = question_words(question, language)
    runs = naming_runs(question, words, set(terms(naming, language)))
    return without(question, words, runs)


@pytest.mark.parametrize(
    ("question", "naming", "left"),
    [
        (
            "Does the Supply Agreement between Acme, Inc. and Beta LLC allow an audit?",
            "SUPPLY AGREEMENT Acme, Inc Beta LLC",
            "Does the allow an audit?",
        ),
        (
            "Is any license in the Content License Agreement between Acme and Beta perpetual?",
            "Content License Agreement Acme Beta",
            "Is any license in the perpetual?",
        ),
        (
            "What is the term of the Supply Agreement between Acme, Inc. and Unknown Partner GmbH?",
            "Supply Agreement Acme",
            "What is the term of the ?",
        ),
        (
            "¿Cuál es la fecha de nacimiento de Jesús Carmona Velasco?",
            "Jesús Carmona Velasco",
            "¿Cuál es la fecha de nacimiento de ?",
        ),
        ("What license is granted?", "License Agreement", "What license is granted?"),
        ("Who pays?", "", "Who pays?"),
    ],
)
def test_naming_words_are_taken_out(question: str, naming: str, left: str) -> None:
    assert asked(question, naming) == left
