"""Two persons or contracts that a question does not tell apart are never blended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ragkit.embedders.fake import WordCounter
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.flows.searching import Searching, SearchParts
from ragkit.llm.fake import ScriptedGenerator
from ragkit.settings import AnswerSettings
from ragkit.types import Answer
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus
from tests.flows.test_evidence import no_index

LETTER = """{title}

Patient: {name}
Date of birth: {born}
Date: {date}

{lines}
"""
FACTS = {
    "dose of enoxaparin": ("takes a dose of enoxaparin of {} mg every day", "40", "60"),
    "haemoglobin": ("had a haemoglobin of {} g/dl on the day of discharge", "11.2", "13.9"),
    "weight": ("has a weight of {} kg without shoes", "64", "91"),
    "target INR": ("has a target INR of {} for the anticoagulant treatment", "2.5", "3.0"),
    "next appointment": ("has the next appointment at the clinic in {} weeks", "six", "twelve"),
    "allergy": ("has an allergy to {} that was confirmed", "penicillin", "iodine"),
    "creatinine": ("had a creatinine of {} mg/dl in the blood", "0.8", "1.4"),
    "knee prosthesis": ("received a knee prosthesis on the {} side", "left", "right"),
}
PEOPLE = (
    ("María García López", "12 March 1961", "maria"),
    ("Mario García Lopera", "3 July 1958", "mario"),
)
LETTERS = (("Discharge letter", "2 May 2024"), ("Laboratory report", "9 June 2024"))


def write_letters(corpus: Corpus) -> None:
    """Two letters of each, half of the facts in each; and one of somebody else."""
    for person, (name, born, stem) in enumerate(PEOPLE):
        for number, (title, date) in enumerate(LETTERS):
            said = list(FACTS.values())[number::2]
            lines = "\n\n".join(
                f"{name} {text.format(*values[person:])}." for text, *values in said
            )
            text = LETTER.format(title=title, name=name, born=born, date=date, lines=lines)
            corpus.write(f"{stem}_{number}.txt", text)
    other = "Agnes Pellworth has an allergy to latex that was confirmed."
    text = LETTER.format(
        title="Discharge letter", name="Agnes Pellworth", born="1 May 1940", date="", lines=other
    )
    corpus.write("pellworth.txt", text)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Answer]]:
    corpus = Corpus(tmp_path_factory.mktemp("patients"), is_stemmed=True)
    write_letters(corpus)
    corpus.ingest()
    searching = open_searching(corpus)
    yield answering(searching).answer
    searching.close()


def open_searching(corpus: Corpus) -> Searching:
    return Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=no_index,
            exact_index=ExactIndex,
        )
    )


def answering(searching: Searching) -> Answering:
    parts = AnswerParts(
        AnswerSettings(), "quote", "words", lambda: False, ScriptedGenerator, tokens=WordCounter()
    )
    return Answering(searching, parts)


def of(answer: Answer) -> set[str]:
    """Whose letters are quoted."""
    return {citation.document.partition("_")[0] for citation in answer.citations}


@pytest.mark.parametrize("fact", FACTS)
def test_sixty_four_questions_on_two_similar_patients_are_never_blended(
    ask: Callable[[str], Answer], fact: str
) -> None:
    for number, (name, _, stem) in enumerate(PEOPLE):
        for spelled in (name, name.replace("García ", ""), name.upper()):
            answer = ask(f"What is the {fact} of {spelled}?")
            assert answer.outcome == "found", spelled
            assert of(answer) == {stem}, spelled
            assert FACTS[fact][1 + number] in answer.text
    for fits_both in (f"What is the {fact} of García?", f"What is the {fact} of patient GARCÍA?"):
        answer = ask(fits_both)
        assert answer.outcome == "ambiguous", fits_both
        assert not answer.citations
        assert {name.partition("_")[0] for name in answer.candidates} == {"maria", "mario"}


def test_the_candidates_say_what_tells_them_apart(ask: Callable[[str], Answer]) -> None:
    answer = ask("What is the weight of García?")
    assert sorted(answer.told_by) == [
        "Mario García Lopera, 2024-05-02",
        "María García López, 2024-05-02",
    ]
    assert answer.as_dict()["told_by"] == list(answer.told_by)


def test_a_date_of_birth_tells_two_of_one_name_apart(ask: Callable[[str], Answer]) -> None:
    answer = ask("What weight in kg without shoes has García, with date of birth 1958?")
    assert (answer.outcome, of(answer)) == ("found", {"mario"})


def test_the_patient_of_several_is_ambiguous(ask: Callable[[str], Answer]) -> None:
    answer = ask("What allergy does the patient have that was confirmed?")
    assert answer.outcome == "ambiguous"
    assert len(answer.candidates) == 3


def test_who_asks_for_several_on_purpose_gets_several(ask: Callable[[str], Answer]) -> None:
    for question in (
        "Which patients have an allergy that was confirmed?",
        "What is the weight of both García patients?",
    ):
        answer = ask(question)
        assert answer.outcome == "found", question
        assert len(of(answer)) > 1, question


CONTRACT = """SERVICES AGREEMENT

This Services Agreement is entered into as of {date} between Halden Analytics Limited and {party}.

The liability of the provider is limited to {cap} dollars in total.

This Agreement is governed by the law of {law}.
"""


@pytest.fixture(scope="module")
def ask_contracts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Answer]]:
    corpus = Corpus(tmp_path_factory.mktemp("contracts"), is_stemmed=True)
    for party, cap, law, date in (
        ("Northwind Orthopedics Limited", "400,000", "England", "5 May 2021"),
        ("Calderbrook Dental Limited", "250,000", "Scotland", "8 June 2022"),
    ):
        text = CONTRACT.format(party=party, cap=cap, law=law, date=date)
        corpus.write(f"{party.split()[0].lower()}.txt", text)
    corpus.ingest()
    searching = open_searching(corpus)
    yield answering(searching).answer
    searching.close()


def test_the_party_that_two_contracts_share_names_neither(
    ask_contracts: Callable[[str], Answer],
) -> None:
    for question in (
        "To what is the liability limited in the agreement with Halden Analytics?",
        "To what is the liability of the provider limited in the agreement?",
    ):
        answer = ask_contracts(question)
        assert answer.outcome == "ambiguous", question
        assert set(answer.candidates) == {"northwind.txt", "calderbrook.txt"}


def test_the_other_party_tells_them_apart(ask_contracts: Callable[[str], Answer]) -> None:
    answer = ask_contracts("To what is the liability limited in the agreement with Calderbrook?")
    assert answer.outcome == "found"
    assert {citation.document for citation in answer.citations} == {"calderbrook.txt"}


def test_a_question_about_no_single_contract_is_answered(
    ask_contracts: Callable[[str], Answer],
) -> None:
    for question in ("To what is liability limited?", "Which agreements limit the liability?"):
        assert ask_contracts(question).outcome == "found", question
