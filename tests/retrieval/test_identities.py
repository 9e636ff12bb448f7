"""Whom a question means: names, and documents of one person or contract."""

from __future__ import annotations

from ragkit.retrieval.identities import (
    Identity,
    asks_about_one,
    is_of_several,
    meant_by,
    name_words,
)


def rivals(question: str, found: list[Identity]) -> tuple[tuple[int, ...], ...]:
    return meant_by(question, found, 0.75).groups


def others(question: str, found: list[Identity]) -> frozenset[int]:
    return meant_by(question, found, 0.75).others


def letter(number: int, *names: str, strength: float = 1.0, said: int = 0) -> Identity:
    return Identity(number, "letter", names, frozenset(range(said)), strength)


def contract(number: int, *names: str) -> Identity:
    return Identity(number, "contract", names, frozenset(), 1.0)


def test_words_of_a_name() -> None:
    assert name_words("Dra. MARÍA de la García-López") == {"maria", "garcia", "lopez"}
    assert name_words("Northwind Orthopedics, LLP") == {"northwind", "orthopedics"}


def test_a_shared_surname_fits_both_and_a_full_name_one() -> None:
    both = [letter(1, "María García López"), letter(2, "Mario García Lopera")]
    assert rivals("What does García take?", both) == ((1,), (2,))
    assert rivals("What does María García take?", both) == ()
    assert others("What does María García take?", both) == {2}


def test_letters_of_one_person_are_no_rivals() -> None:
    same = [letter(1, "WHITCOMBE Eleanor"), letter(2, "Eleanor Margaret Whitcombe")]
    assert rivals("What does Whitcombe take?", same) == ()
    assert others("What does Eleanor Margaret Whitcombe take?", same) == frozenset()


def test_a_list_of_patients_is_of_the_one_that_is_asked_for() -> None:
    several = [letter(1, "Agnes Pellworth"), letter(2, "Maud Tolliver", "Agnes Pellworth")]
    assert rivals("What does Pellworth take?", several) == ()


def test_a_short_name_unites_nobody() -> None:
    three = [letter(1, "García"), letter(2, "Ana García"), letter(3, "Luis García")]
    assert rivals("What does García take?", three) == ((2,), (3,))


def test_weak_evidence_is_no_rival() -> None:
    weak = [letter(1, "Ana García"), letter(2, "Luis García", strength=0.5)]
    assert rivals("What does García take?", weak) == ()
    assert others("What does García take?", weak) == {2}


def test_another_word_of_the_question_tells_them_apart() -> None:
    told = [letter(1, "Ana García", said=2), letter(2, "Luis García", said=1)]
    assert rivals("What does García take?", told) == ()
    assert others("What does García take?", told) == {2}


def test_contracts_are_told_by_all_their_parties() -> None:
    shared = [contract(1, "Halden Ltd", "Northwind LLP"), contract(2, "Halden Ltd", "Acme Inc")]
    assert rivals("What is the cap with Halden?", shared) == ((1,), (2,))
    assert rivals("What is the cap with Acme?", shared) == ()
    memo = letter(3, "Halden Limited")
    assert rivals("What is the cap with Halden?", [shared[0], memo]) == ()


def test_two_that_are_named_are_both_meant() -> None:
    both = [letter(1, "Ana Ruiz"), letter(2, "Luis Vega")]
    assert rivals("What do Ruiz and Vega take?", both) == ()
    assert others("What do Ruiz and Vega take?", both) == frozenset()


def test_the_word_that_opens_a_question_names_nobody() -> None:
    wills = [letter(1, "Will Smith"), letter(2, "Will Jones")]
    for question in ("Will the fee rise?", "will the fee rise?", "May he smoke?"):
        assert rivals(question, wills) == (), question
    assert rivals("What does Will take?", wills) == ((1,), (2,))
    assert rivals("Will Smith: what does he take?", wills) == ()
    como = [letter(1, "Ana Como"), letter(2, "Luis Como")]
    assert rivals("¿Cómo evoluciona?", como) == ()
    assert rivals("¿Qué toma Como?", como) == ((1,), (2,))


def test_one_thing_or_several() -> None:
    for one in ("What allergy does the patient have?", "¿Cuál es el preaviso del contrato?"):
        assert asks_about_one(one), one
        assert not is_of_several(one), one
    for several in (
        "Which contracts have a cap?",
        "¿Qué pacientes toman heparina?",
        "Compare the leases.",
    ):
        assert is_of_several(several), several
    for general in ("What are the symptoms of asthma?", "What is the notice period?"):
        assert not asks_about_one(general), general
