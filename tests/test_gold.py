"""Gold questions: both layouts, every fault with its line, and what pipelines.yaml says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit.config import load_config
from ragkit.errors import ConfigFault
from ragkit.gold import GoldQuestion, read_gold

GOOD = {"id": "q-1", "question": "How much is\n the rent?", "document": "a.txt", "quote": "900"}


def write(folder: Path, *entries: object, name: str = "gate.jsonl") -> Path:
    path = folder / name
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_one_object_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, "", {"question": "When?", "doc": "letters/*"})
    assert read_gold(path) == (
        GoldQuestion("q-1", "How much is the rent?", "a.txt", ("900",)),
        GoldQuestion("question 2", "When?", "letters/*"),
    )


def test_gold_spans_and_questions_without_an_answer(tmp_path: Path) -> None:
    spans = [{"start": 3, "end": 6, "text": "900"}, {"text": "nine hundred"}]
    path = write(
        tmp_path,
        {"id": 7, "question": "Rent?", "doc": "a.txt", "gold_spans": spans, "answerable": True},
        {"question": "Not there?", "answerable": False},
    )
    assert read_gold(path) == (GoldQuestion("7", "Rent?", "a.txt", ("900", "nine hundred")),)


def test_yaml(tmp_path: Path) -> None:
    text = "version: 1\nquestions:\n  - {id: q, question: 'Rent?', document: a.txt, page: 1}\n"
    assert read_gold(write(tmp_path, text, name="q.yaml")) == (GoldQuestion("q", "Rent?", "a.txt"),)
    with pytest.raises(ConfigFault) as caught:
        read_gold(write(tmp_path, "questions:\n  - {question: 'Rent?'}\n", name="q.yml"))
    assert caught.value.faults[0].line == 2
    with pytest.raises(ConfigFault, match="no list of questions"):
        read_gold(write(tmp_path, "version: 1", name="q.yml"))


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
