"""What documents call what people ask for."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from ragkit.language import language_of
from ragkit.retrieval.analysis import question_words
from ragkit.retrieval.wording import Wording, read_line

CONTRACT = ("contract",)
NOTE = ("clinical note",)


def said(
    question: str, kinds: Collection[str] = (), wording: Wording | None = None
) -> tuple[str, ...]:
    words = question_words(question, language_of(question))
    return (wording or Wording()).said(question, words, kinds)


@pytest.mark.parametrize(
    ("question", "kinds", "phrase"),
    [
        ("Is liability limited?", CONTRACT, "exceed"),
        ("Under what law is it interpreted?", CONTRACT, "construed"),
        ("When was it SIGNED?", CONTRACT, "entered into as of"),
        ("May either party terminate the lease for convenience?", CONTRACT, "for any reason"),
        ("Can the contract be assigned, or is its assignment forbidden?", CONTRACT, "transfer"),
        ("Who owns the IP?", CONTRACT, "intellectual property"),
        ("¿Cuál es el plazo de preaviso?", CONTRACT, "antelación"),
        ("¿Qué día nació?", NOTE, "fecha de nacimiento"),
        ("¿Cuándo fue el alta?", NOTE, "alta hospitalaria"),
        ("paciente con EPOC", NOTE, "bronquitis crónica"),
        ("antecedentes de presión arterial alta", NOTE, "hta"),
        ("history of heart attack", NOTE, "myocardial infarction"),
        ("diagnosed with PE in May", NOTE, "pulmonary embolism"),
    ],
)
def test_a_question_is_put_in_the_words_of_the_trade(
    question: str, kinds: Collection[str], phrase: str
) -> None:
    assert phrase in said(question, kinds)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Who wrote it?",
        "¿Quién lo firmó ayer en Madrid?",
        "I'm looking for the red file",
        "What am I to do?",
        "Which date does school start?",
        "an attack in the street",
        "eat all you can",
    ],
)
def test_other_questions_get_no_words(question: str) -> None:
    assert said(question) == ()


def test_an_abbreviation_is_one_only_in_capitals() -> None:
    assert "pulmonary embolism" in said("Was there a PE?")
    assert "pulmonary embolism" not in said("Was there a pe?")
    assert "pulmonary embolism" not in said("WAS THERE A PE TEACHER?")


@pytest.mark.parametrize(
    ("question", "kinds", "phrase"),
    [
        ("What is the IP address of the server?", CONTRACT, "intellectual property"),
        ("What is the IP address of the server?", CONTRACT, "street"),
        ("La presión arterial alta del paciente", NOTE, "alta hospitalaria"),
    ],
)
def test_the_longer_of_two_phrases_is_meant(
    question: str, kinds: Collection[str], phrase: str
) -> None:
    assert phrase not in said(question, kinds)


def test_a_trade_speaks_of_its_own_documents() -> None:
    assert "leucemia linfática crónica" not in said("¿Cuándo firmó Acme LLC?", CONTRACT)
    assert "leucemia linfática crónica" in said("¿Tiene LLC?", NOTE)
    assert said("Is treatment effective from the start date?", NOTE) == ()
    assert "commence" in said("Is treatment effective from the start date?", ("letter",))


def test_a_question_is_put_in_its_own_language() -> None:
    assert "medicación" not in said("Which medical students were there?", NOTE)


def test_words_go_together_only_in_their_order_and_place() -> None:
    assert "exceed" in said("Is there a cap on any liability?", CONTRACT)
    assert "amount paid" not in said("Who is liable, and what cap did he wear?", CONTRACT)
    assert "merger" not in said("Does the control panel of the machine change?", CONTRACT)


def test_two_ways_lead_to_the_same_and_not_to_themselves() -> None:
    assert "ecg" not in said("ECG normal")
    assert "electrocardiograma" in said("ECG normal")


def test_rules_of_ones_own_come_with_those_of_the_trades_or_in_their_place() -> None:
    own = list(read_line("retainer | advance fee -> provisión de fondos, on account"))
    asked = "Is the retainer assigned?"
    assert {"on account", "delegate"} <= set(said(asked, CONTRACT, Wording(own)))
    alone = Wording(own, is_built_in=False)
    assert said(asked, CONTRACT, alone) == ("provisión de fondos", "on account")
