"""Telling the words that name a document from those that ask."""

from __future__ import annotations

import pytest

from ragkit.language import language_of
from ragkit.retrieval.analysis import question_words, terms
from ragkit.retrieval.routing import Group, NamedBy, fit, naming_runs, side_by_side, without


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
            "¿Cuál es la fecha de nacimiento de Tomás Almenar Quijada?",
            "Tomás Almenar Quijada",
            "¿Cuál es la fecha de nacimiento de ?",
        ),
        ("What license is granted?", "License Agreement", "What license is granted?"),
        ("Who pays?", "", "Who pays?"),
    ],
)
def test_naming_words_are_taken_out(question: str, naming: str, left: str) -> None:
    assert asked(question, naming) == left


def test_a_number_names_a_document_alone() -> None:
    question = "Who pays under contract 2023-0117?"
    words = question_words(question, "en")
    assert naming_runs(question, words, set()) == []
    runs = naming_runs(question, words, set(), {"2023x0117"})
    assert without(question, words, runs) == "Who pays under contract ?"


def groups(text: str) -> list[Group]:
    return [group for word in question_words(text, "en") for group in word.terms]


def named_by(title: str, names: str = "", opening: str = "") -> NamedBy:
    analysed = (" ".join(terms(column, "en")) for column in ("", title, names, opening))
    filename, own, people, first = analysed
    return NamedBy.of((filename, own, people, first))


FREQUENCIES = {"suppli": 40, "agreement": 80, "acm": 2, "acme": 2, "amend": 5, "beta": 2}


def test_a_document_is_told_from_its_amendment_by_what_the_question_does_not_say() -> None:
    asked = groups("Supply Agreement between Acme and Beta")
    whole = fit(asked, named_by("Supply Agreement", "Acme Beta"), FREQUENCIES, 100)
    amended = fit(asked, named_by("Amendment to Supply Agreement", "Acme Beta"), FREQUENCIES, 100)
    assert whole == pytest.approx(1.0)
    assert amended < whole
    asked = groups("Amendment to the Supply Agreement between Acme and Beta")
    assert fit(
        asked, named_by("Amendment to Supply Agreement", "Acme Beta"), FREQUENCIES, 100
    ) > fit(asked, named_by("Supply Agreement", "Acme Beta"), FREQUENCIES, 100)


def test_another_party_fits_less_and_the_opening_counts_half() -> None:
    asked = groups("Supply Agreement between Acme and Beta")
    right = fit(asked, named_by("Supply Agreement", "Acme Beta"), FREQUENCIES, 100)
    other = fit(asked, named_by("Supply Agreement", "Acme Gamma"), FREQUENCIES, 100)
    opened = fit(asked, named_by("Supply Agreement", "Acme", "with Beta"), FREQUENCIES, 100)
    assert other < opened < right


def test_nothing_asked_or_no_names_fits_nothing_wrong() -> None:
    assert fit([], named_by("Lease"), {}, 10) == 0.0
    assert 0.0 <= fit(groups("the lease of Acme"), named_by(""), {}, 10) < 0.5


def test_names_side_by_side_are_told_from_the_same_words_apart() -> None:
    question = "the cap in the Supply Agreement with Hazel Biologics"
    words = question_words(question, "en")
    documents = {
        1: named_by("Supply Agreement", "hazel biolog oak motor"),
        2: named_by("Supply Agreement", "hazel food rowan biolog"),
        3: named_by("Lease", "oak motor"),
    }
    kept = side_by_side(words, [range(4, len(words))], documents)
    assert kept[1] == 1.0
    assert kept[3] < kept[2] < 0.9


def test_without_any_pair_every_document_keeps_its_fit() -> None:
    words = question_words("the lease of Acme", "en")
    documents = {1: named_by("Lease", "acme"), 2: named_by("Deed", "acme")}
    assert side_by_side(words, [range(1, 4)], documents) == {1: 1.0, 2: 1.0}
