"""What is said of somebody else is no answer, and no sign that there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.flows.evidence import gather
from ragkit.flows.searching import Searching
from ragkit.retrieval.answerability import checked
from tests.flows.corpus import Corpus
from tests.flows.test_ambiguous import FACTS, LETTER, PEOPLE, answering, open_searching

KNOWN = {"maria": ("knee prosthesis", "weight"), "mario": ("allergy", "haemoglobin")}
"""Of each person two facts that the other's letter does not say."""


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searching]:
    corpus = Corpus(tmp_path_factory.mktemp("patients"), is_stemmed=True)
    for at, (name, born, stem) in enumerate(PEOPLE):
        said = (FACTS[fact][0].format(FACTS[fact][1 + at]) for fact in KNOWN[stem])
        lines = "\n\n".join(f"{name} {each}." for each in said)
        title, date = "Discharge letter", "2 May 2024"
        text = LETTER.format(title=title, name=name, born=born, date=date, lines=lines)
        corpus.write(f"{stem}.txt", text)
    corpus.ingest()
    opened = open_searching(corpus)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "question",
    [
        "Which allergy of María García López was confirmed?",
        "What is the allergy of María García López?",
        "What haemoglobin had María García López on the day of discharge?",
        "On which side did Mario García Lopera receive a knee prosthesis?",
    ],
)
def test_what_only_another_persons_letter_says_is_not_found(
    searching: Searching, question: str
) -> None:
    answer = answering(searching).answer(question)
    assert (answer.outcome, answer.citations, answer.facts) == ("not_found", (), ())
    signals = gather(searching, question, 8).signals
    assert [each.name for each in checked(signals) if not each.is_passed] == ["person"]


@pytest.mark.parametrize(
    "question",
    ["What is the weight of Mrs Oyelaran?", "¿Qué peso tiene la señora Oyelaran?"],
)
def test_who_stands_in_no_document_has_no_answer(searching: Searching, question: str) -> None:
    assert answering(searching).answer(question).outcome == "not_found"
    signals = gather(searching, question, 8).signals
    assert "name" in [each.name for each in checked(signals) if not each.is_passed]


@pytest.mark.parametrize(
    "question",
    [
        "What Is The Weight Of Mario García Lopera?",  # written as a title is
        "What is the weight of Mario Garcia Lpoera?",  # somebody is named, and misspelt
        "what is the WEIGHT of mario garcía lopera?",
    ],
)
def test_capitals_alone_name_nobody(searching: Searching, question: str) -> None:
    assert not gather(searching, question, 8).signals.names_nobody


def test_what_ones_own_letter_says_is_found(searching: Searching) -> None:
    for at, (name, _, stem) in enumerate(PEOPLE):
        for fact in KNOWN[stem]:
            answer = answering(searching).answer(f"What is the {fact} of {name}?")
            assert answer.outcome == "found", (name, fact)
            assert {citation.document for citation in answer.citations} == {f"{stem}.txt"}
            assert FACTS[fact][1 + at] in answer.text


def test_the_signals_are_those_of_ones_own_letter(tmp_path: Path, searching: Searching) -> None:
    """With the other's letter there, and without: its words count for none of them."""
    question = "Which allergy of María García López was confirmed?"
    signals = gather(searching, question, 8).signals
    corpus = Corpus(tmp_path, is_stemmed=True)
    name, born, _ = PEOPLE[0]
    said = (FACTS[fact][0].format(FACTS[fact][1]) for fact in KNOWN["maria"])
    lines = "\n\n".join(f"{name} {each}." for each in said)
    corpus.write(
        "maria.txt",
        LETTER.format(
            title="Discharge letter", name=name, born=born, date="2 May 2024", lines=lines
        ),
    )
    corpus.ingest()
    alone = open_searching(corpus)
    expected = gather(alone, question, 8).signals
    alone.close()
    assert signals.cosine == pytest.approx(expected.cosine, abs=1e-6)
    assert signals.sentence == pytest.approx(expected.sentence, abs=1e-6)
    assert signals.matched == expected.matched
    assert signals.said_of_others
    assert not expected.said_of_others
