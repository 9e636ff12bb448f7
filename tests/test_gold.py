"""Gold questions: both layouts, every fault with its line, and what pipelines.yaml says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit.config import load_config
from ragkit.errors import ConfigFault
from ragkit.gold import GoldPlace, GoldQuestion, GoldSpan, read_gold

GOOD = {"id": "q-1", "question": "How much is\n the rent?", "document": "a.txt", "quote": "900"}


def write(folder: Path, *entries: object, name: str = "gate.jsonl") -> Path:
    path = folder / name
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def place(document: str, *spans: GoldSpan | str, page: int | None = None) -> GoldPlace:
    words = (GoldSpan(span) if isinstance(span, str) else span for span in spans)
    return GoldPlace(document, tuple(words), page)


def test_one_object_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, "", {"question": "When?", "doc": "letters/*"})
    assert read_gold(path) == (
        GoldQuestion("q-1", "How much is the rent?", (place("a.txt", "900"),), line=1),
        GoldQuestion("question 2", "When?", (place("letters/*"),), line=3),
    )


def test_places_quotes_and_alternatives(tmp_path: Path) -> None:
    spans = [{"start": 3, "end": 6, "text": "900", "also": [[9, 12]]}, {"text": "nine hundred"}]
    others = ["b.txt", {"doc": "c.txt", "gold_spans": [{"start": 0, "end": 4}]}]
    path = write(
        tmp_path,
        {"id": 7, "question": "Rent?", "doc": "a.txt", "gold_spans": spans, "alternatives": others},
        {"question": "Fee?", "document": "a.pdf", "page": 2, "quotes": ["10", "20"], "mini": True},
        {"question": "Not there?", "answerable": False, "category": "fees", "page": "none"},
    )
    first, second, third = read_gold(path)
    located = GoldSpan("900", 3, 6, ((9, 12),))
    assert first.id == "7"
    assert first.places == (
        place("a.txt", located, "nine hundred"),
        place("b.txt", "900", "nine hundred"),  # the same words, wherever they stand there
        place("c.txt", GoldSpan("", 0, 4)),
    )
    assert second.places == (place("a.pdf", "10", "20", page=2),)
    assert (second.mini, second.answerable, second.category) == (True, True, "")
    assert (third.answerable, third.category, third.places) == (False, "fees", ())


def test_yaml(tmp_path: Path) -> None:
    text = "version: 1\nquestions:\n  - {id: q, question: 'Rent?', document: a.txt, page: 1}\n"
    (question,) = read_gold(write(tmp_path, text, name="q.yaml"))
    assert question == GoldQuestion("q", "Rent?", (place("a.txt", page=1),), line=3)
    with pytest.raises(ConfigFault) as caught:
        read_gold(write(tmp_path, "questions:\n  - {question: 'Rent?'}\n", name="q.yml"))
    assert caught.value.faults[0].line == 2
    with pytest.raises(ConfigFault, match="no list of questions"):
        read_gold(write(tmp_path, "version: 1", name="q.yml"))


def test_all_faults_of_a_question_are_told_at_once(tmp_path: Path) -> None:
    entry = {"quote": 3, "page": 0, "qoute": "x", "gold_spans": [{"start": 5, "end": 5}, {}]}
    with pytest.raises(ConfigFault) as caught:
        read_gold(write(tmp_path, entry, {"question": "Rent?", "document": "a.txt", "mini": 1}))
    assert [(fault.line, fault.problem.split(";")[0]) for fault in caught.value.faults] == [
        (1, "the key 'qoute' is not known"),
        (1, "lacks the key 'question', with text"),
        (1, "lacks the key 'document', the path of the document that answers it"),
        (1, "'quote' must be text"),
        (1, "'page' must be a number from 1 on"),
        (1, "gold span 1: 'start' and 'end' must be numbers of characters, the start first"),
        (1, "gold span 2: needs 'text', or 'start' and 'end'"),
        (2, "'mini' must be true or false"),
    ]


def test_keys_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    other = {"set": "x", "lang": "en", "answer": "yes", "answers": [], "answer_type": "short"}
    (question,) = read_gold(write(tmp_path, {**GOOD, **other}))
    assert question.id == "q-1"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{", "not valid JSON"),
        ("[1]", "must be an object"),
        ({"document": "a.txt"}, "lacks the key 'question'"),
        ({"question": " ", "document": "a.txt"}, "lacks the key 'question'"),
        ({"question": "Rent?"}, "lacks the key 'document'"),
        ({"question": "Rent?", "document": 3}, "lacks the key 'document'"),
        ({**GOOD, "id": "x", "quote": ""}, "'quote' must be text"),
        ({**GOOD, "id": "x", "gold_spans": ["900"]}, "'gold_spans' must be a list"),
        (
            {**GOOD, "id": "x", "gold_spans": [{"start": 1, "end": 3, "text": "900"}]},
            "3 characters",
        ),
        ({**GOOD, "id": "x", "gold_spans": [{"text": "a", "start": 1}]}, "'start' and 'end' must"),
        (
            {**GOOD, "id": "x", "gold_spans": [{"start": 1, "end": 2, "also": [[3]]}]},
            "'also' must be",
        ),
        ({**GOOD, "id": "x", "quotes": "900"}, "'quotes' must be a list"),
        ({**GOOD, "id": "x", "page": True}, "'page' must be"),
        ({**GOOD, "id": "x", "category": 3}, "'category' must be text"),
        ({**GOOD, "id": "x", "alternatives": "b.txt"}, "'alternatives' must be a list"),
        ({**GOOD, "id": "x", "alternatives": [{"quote": "a"}]}, "alternative 1: lacks the key"),
        ({**GOOD, "id": "x", "question": "\ud800"}, "lacks the key 'question'"),
        ({**GOOD, "id": "x", "answerable": "no"}, "'answerable' must be"),
        (GOOD, "stands there twice"),
    ],
)
def test_faults_have_their_line(tmp_path: Path, entry: object, problem: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        read_gold(write(tmp_path, GOOD, "", entry))
    (fault,) = caught.value.faults
    assert (fault.place, fault.line) == ("question 2", 3)
    assert problem in fault.problem


def configured(folder: Path, gate: str) -> Path:
    path = folder / "pipelines.yaml"
    path.write_text(
        f"pipelines:\n  legal:\n    folders: [docs]\n    gate:\n      {gate}\n", encoding="utf-8"
    )
    return path


def test_a_pipeline_has_its_gate(tmp_path: Path) -> None:
    path = configured(tmp_path, "{questions: gate.jsonl, minimum_recall: 0.75, passages: 5}")
    pipeline = load_config(path).pipeline("legal")
    assert pipeline.gate_file == tmp_path / "gate.jsonl"
    assert (pipeline.settings.gate.minimum_recall, pipeline.settings.gate.passages) == (0.75, 5)
    assert load_config(configured(tmp_path, "passages: 3")).pipeline("legal").gate_file is None


def test_a_file_that_is_not_there_or_holds_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="There is no file"):
        read_gold(tmp_path / "none.jsonl")
    with pytest.raises(ConfigFault) as caught:
        read_gold(write(tmp_path, name="empty.jsonl"))
    assert "holds no question" in caught.value.faults[0].problem


@pytest.mark.parametrize(
    ("gate", "place", "problem"),
    [
        ("questions: [a]", "questions", "must be text"),
        ("minimum_recall: .nan", "minimum_recall", "must lie between 0 and 1"),
        ("minimum_recall: 1.5", "minimum_recall", "must lie between 0 and 1"),
        ("minimum_recall: high", "minimum_recall", "must be a number"),
        ("minimum_recal: 1", "minimum_recal", "did you mean 'minimum_recall'"),
    ],
)
def test_faults_of_a_gate_are_faults_of_the_settings(
    tmp_path: Path, gate: str, place: str, problem: str
) -> None:
    with pytest.raises(ConfigFault) as caught:
        load_config(configured(tmp_path, gate))
    (fault,) = caught.value.faults
    assert (fault.place, fault.line) == (f"pipelines.legal.gate.{place}", 5)
    assert problem in fault.problem


def test_short_answers_however_yaml_takes_them(tmp_path: Path) -> None:
    lines = [
        "- {question: 'Rent?', document: a.txt, answer: 900 euros, answers: [EUR 900, 900]}",
        "- {question: 'When?', document: a.txt, answer: 2024-03-05}",
        "- {question: 'Is it?', document: a.txt, answer: yes}",
        "- {question: 'Hay?', document: a.txt, answer: 'Sí'}",
        "- {question: 'Any?', answerable: false, answer: no}",
        "- {question: 'Which?', document: a.txt, answer: 3, answer_type: choice}",
        "- {question: 'Word?', document: a.txt, answer: 'No', answer_type: short}",
    ]
    read = read_gold(write(tmp_path, "\n".join(lines), name="q.yaml"))
    assert [(question.answers, question.yes_or_no) for question in read] == [
        (("900 euros", "EUR 900", "900"), ""),
        (("2024-03-05",), ""),
        ((), "yes"),
        ((), "yes"),
        ((), "no"),
        ((), ""),
        (("No",), ""),
    ]


def test_faults_of_answers(tmp_path: Path) -> None:
    entry = {**GOOD, "answer": ["a"], "answers": "b", "answer_type": "brief", "awnser": "x"}
    with pytest.raises(ConfigFault) as caught:
        read_gold(write(tmp_path, entry))
    assert [fault.problem.split(" must")[0].split(";")[0] for fault in caught.value.faults] == [
        "the key 'awnser' is not known",
        "'answer_type'",
        "'answer'",
        "'answers'",
    ]
