"""One way to make an answer of quotes: shown before a model writes, measured by `eval`, shown by `ask`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ragkit.embedders.fake import WordCounter
from ragkit.errors import Busy
from ragkit.flows import newer
from ragkit.flows.answering import Answering, AnswerParts, Evidences
from ragkit.flows.evaluating import evaluate
from ragkit.flows.evidence import Gathered, gather
from ragkit.flows.marking import EvaluationRequest, Marking
from ragkit.flows.measuring_answers import Shown
from ragkit.flows.searching import Searching, View
from ragkit.llm.fake import ScriptedGenerator
from ragkit.settings import AnswerSettings
from ragkit.types import Answer, Citation
from tests.flows.corpus import Corpus
from tests.flows.test_ambiguous import open_searching

NOTICE = "What notice period does the tenant of the house give to the landlord?"
OLD = "The notice period that the tenant of the house gives to the landlord is two months."
NEW = "The tenant gives a notice period of three months for the house."
QUESTIONS = (NOTICE, "Who keeps the garden of the house in order?", "Where do penguins sleep?")


def house(clause: str) -> str:
    """A document of several chunks, the clause in the last one."""
    others = (
        f"The {room} of the building is painted white every other year by a painter from town."
        for room in ("kitchen", "cellar", "attic", "stairway", "garage", "porch", "pantry")
    )
    garden = "A gardener keeps the garden of the house in order."
    return "\n\n".join((*others, garden, clause))


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("house_v1.txt", house(OLD))
    corpus.write("house_v2.txt", house(NEW))
    corpus.ingest()
    return corpus


@pytest.fixture
def searching(corpus: Corpus) -> Iterator[Searching]:
    opened = open_searching(corpus)
    yield opened
    opened.close()


def answering(
    searching: Searching, generator: ScriptedGenerator, *, reads: bool = False
) -> Answering:
    return Answering(
        searching,
        AnswerParts(
            AnswerSettings(),
            "quote",
            "words",
            lambda: reads,
            lambda: generator,
            tokens=WordCounter(),
        ),
    )


@pytest.fixture
def asked(searching: Searching) -> Answering:
    return answering(searching, ScriptedGenerator())


def request_for(corpus: Corpus, questions: tuple[str, ...], style: str) -> EvaluationRequest:
    file = corpus.root / "questions.yaml"
    lines = (
        f"- question: {question!r}\n  document: house_v1.txt\n  quote: garden\n"
        for question in questions
    )
    file.write_text("".join(lines), encoding="utf-8")
    return EvaluationRequest(file, style=style)


def test_eval_measures_the_quotes_that_ask_shows(
    corpus: Corpus, searching: Searching, asked: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Shown] = []
    real = Marking.of_answer

    def spy(self, question, shown, truth):  # type: ignore[no-untyped-def]
        measured.append(shown)
        return real(self, question, shown, truth)

    monkeypatch.setattr(Marking, "of_answer", spy)
    request = request_for(corpus, QUESTIONS, "quote")
    evaluate(searching, corpus.pipeline, WordCounter(), request)
    answers = [asked.answer(question, style="quote") for question in QUESTIONS]
    assert measured == [
        Shown(answer.outcome, answer.sentences, answer.citations, answer.facts)
        for answer in answers
    ]
    assert [answer.outcome for answer in answers] == ["found", "found", "not_found"]
    assert [note.kind for note in answers[0].notes] == ["superseded"]
    first = answers[0].citations[0]
    assert (first.document, first.quote) == ("house_v2.txt", NEW)


def test_a_question_is_looked_up_once_and_no_state_is_held_while_a_model_writes(
    corpus: Corpus, searching: Searching, asked: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    real = View.find
    monkeypatch.setattr(
        View, "find", lambda self, text, limit: found.append(text) or real(self, text, limit)
    )
    request = request_for(corpus, QUESTIONS, "compose")
    writes = partial(asked.answer_from, style="quote")
    evaluate(searching, corpus.pipeline, WordCounter(), request, None, writes)
    assert found == list(QUESTIONS)

    def publishing(question: str, gathered: Gathered) -> Answer:
        corpus.write("new.txt", "The submarine voyage begins in May.")
        corpus.ingest()
        return writes(question, gathered)

    with pytest.raises(Busy, match="published anew"):
        evaluate(searching, corpus.pipeline, WordCounter(), request, None, publishing)


def test_what_is_read_while_a_model_writes_is_what_the_quote_style_shows(
    searching: Searching,
) -> None:
    told: list[Citation] = []
    evidences: list[Evidences] = []
    generator = ScriptedGenerator(["The notice period is three months."])
    answering(searching, generator).answer(
        NOTICE, style="compose", on_quote=told.append, on_evidence=evidences.append
    )
    shown = answering(searching, generator).answer(NOTICE, style="quote").citations
    assert tuple(told) == shown
    assert {citation.sha256 for citation in shown} <= evidences[0].digests


@pytest.mark.parametrize(("reads", "budget"), [(False, 300), (True, 900)])
def test_a_model_that_is_no_reader_is_given_less_and_the_answer_says_so(
    searching: Searching, reads: bool, budget: int
) -> None:
    generator = ScriptedGenerator(["The notice period is three months."])
    answer = answering(searching, generator, reads=reads).answer(NOTICE, style="compose")
    assert answer.evidence is not None
    assert answer.evidence.budget == budget
    assert answer.evidence.counted_by == "generator"


def test_of_a_long_newer_version_the_chunks_nearest_to_the_question_are_looked_into(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newer, "NEWER_CHUNKS", 1)
    gathered = gather(searching, NOTICE, 8)
    assert {item.document for item in gathered.newer} == {"house_v2.txt"}
    assert NEW in {item.text for item in gathered.newer}
