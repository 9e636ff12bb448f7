"""Two patients whose names differ in an initial only, and a surname that two files hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ragkit.types import Answer
from tests.flows.corpus import Corpus
from tests.flows.test_ambiguous import answering, open_searching

LETTERS = {
    "john_a.txt": "Patient: John A. Smith\nDate of birth: 4 May 1951\nDate: 3 June 2024\n\n"
    "Diagnosis: atrial fibrillation.\nAllergies: codeine.\n"
    "Discharge medication: apixaban 5 mg twice daily.\n",
    "john_b.txt": "Patient: John B. Smith\nDate of birth: 19 September 1960\nDate: 9 June 2024\n\n"
    "Diagnosis: gout.\nDischarge medication: allopurinol 100 mg once daily.\n"
    "His alcohol intake is 14 units a week.\n",
    "okafor.txt": "Patient: Grace Okafor\nDate of birth: 8 January 1972\nDate: 12 June 2024\n\n"
    "Diagnosis: pneumonia.\nAllergies: none known.\n"
    "Discharge medication: amoxicillin 500 mg three times daily.\n",
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Answer]]:
    corpus = Corpus(tmp_path_factory.mktemp("initials"), is_stemmed=True)
    for name, text in LETTERS.items():
        corpus.write(name, f"St Brannock Clinic\nDischarge letter\n\n{text}")
    corpus.ingest()
    searching = open_searching(corpus)
    yield answering(searching).answer
    searching.close()


@pytest.mark.parametrize(
    "question",
    [
        "What is John A. Smith's diagnosis?",
        "How much alcohol does John A. Smith drink?",
        "What dose of allopurinol does John A. Smith take?",
        "What is John A. Smith allergic to?",
    ],
)
def test_no_line_of_the_other_john_is_quoted(ask: Callable[[str], Answer], question: str) -> None:
    assert {citation.document for citation in ask(question).citations} <= {"john_a.txt"}


def test_each_is_asked_for_by_the_initial(ask: Callable[[str], Answer]) -> None:
    for letter, said in (("A", "atrial fibrillation"), ("B", "gout")):
        answer = ask(f"What is the diagnosis of John {letter}. Smith?")
        assert (answer.outcome, [fact.text for fact in answer.facts]) == ("found", [said])


@pytest.mark.parametrize(
    "question",
    [
        "What is Smith's diagnosis?",
        "What is Mr Smith's date of birth?",
        "When was Smith born?",
        "What medication does Mr Smith take?",
        "What is John Smith's diagnosis?",
    ],
)
def test_a_surname_that_two_files_hold_is_ambiguous(
    ask: Callable[[str], Answer], question: str
) -> None:
    answer = ask(question)
    assert (answer.outcome, answer.citations) == ("ambiguous", ())
    assert {*answer.candidates} == {"john_a.txt", "john_b.txt"}
    assert {name.split(",")[0] for name in answer.told_by} == {"John A. Smith", "John B. Smith"}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is Okafor allergic to?", "none known"),
        ("When was Okafor born?", "8 January 1972"),
        ("What does Okafor take?", "amoxicillin"),
        ("What medication does Ms Okafor take?", "amoxicillin"),
    ],
)
def test_what_stands_under_its_label_is_not_refused(
    ask: Callable[[str], Answer], question: str, said: str
) -> None:
    answer = ask(question)
    assert answer.outcome == "found", dict(answer.signals)
    assert said in answer.text
    assert {citation.document for citation in answer.citations} == {"okafor.txt"}


@pytest.mark.parametrize(
    "question",
    [
        "What is the notice period in the Okafor lease?",
        "What is the liability cap agreed with Grace Okafor?",
        "Which blood group does Okafor have?",
    ],
)
def test_a_name_alone_is_no_answer(ask: Callable[[str], Answer], question: str) -> None:
    assert ask(question).outcome == "not_found"
