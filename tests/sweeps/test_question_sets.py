"""Question sets: YAML, JSONL, and those that come with ragkit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit.errors import ConfigFault, UsageFault
from ragkit.shortfacts.values import KINDS
from ragkit.sweeps.question_sets import read_set, shipped


@pytest.mark.parametrize("name", ["due-diligence", "medication-review"])
def test_those_that_come_with_ragkit_can_be_asked(name: str) -> None:
    assert name in shipped()
    questions = read_set(name, KINDS)
    assert len(questions) >= 8
    assert all(question.look_for and question.question.endswith("?") for question in questions)


def test_yaml_and_jsonl_say_the_same(tmp_path: Path) -> None:
    entry = {"id": "rent", "question": "What  is the\nrent?", "look_for": ["monthly rent"]}
    (tmp_path / "a.yaml").write_text(json.dumps({"questions": [entry, {"question": "Who?"}]}))
    lines = f"{json.dumps(entry)}\n\n{json.dumps({'question': 'Who?'})}\n"
    (tmp_path / "a.jsonl").write_text(lines)
    first, second = read_set(str(tmp_path / "a.yaml"), KINDS)
    assert (first.id, first.question, first.look_for) == (
        "rent",
        "What is the rent?",
        ("monthly rent",),
    )
    assert (second.id, second.look_for) == ("q2", ())
    assert read_set(str(tmp_path / "a.jsonl"), KINDS) == (first, second)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("questions: []", 0, "at least one question"),
        ("questions:\n  - question: ''", 2, "needs `question`"),
        ("questions:\n  - question: A?\n    lookfor: [a]", 2, "'lookfor'"),
        ("questions:\n  - question: A?\n    look_for: a", 2, "list of texts as `look_for`"),
        ("questions:\n  - question: A?\n    look_for: ['... a']", 2, "begins or ends"),
        ("questions:\n  - question: A?\n    value: weather", 2, "'weather'; there are"),
        (
            'questions:\n  - {id: a, question: "A?"}\n  - {id: a, question: "B?"}',
            3,
            "of a question before",
        ),
        ("questions:\n  - question: A?\n    unless: [a]", 2, "`unless` without `look_for`"),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    (tmp_path / "set.yaml").write_text(text)
    with pytest.raises(ConfigFault) as caught:
        read_set(str(tmp_path / "set.yaml"), KINDS)
    assert [(fault.line, problem in str(fault)) for fault in caught.value.faults] == [(line, True)]


def test_a_name_that_is_nothing_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageFault, match="due-dilligence") as caught:
        read_set("due-dilligence", KINDS)
    assert "due-diligence" in caught.value.hint


def test_a_broken_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "A?"}\n{"question"\n')
    with pytest.raises(ConfigFault) as caught:
        read_set(str(tmp_path / "a.jsonl"), KINDS)
    assert [fault.line for fault in caught.value.faults] == [2]
