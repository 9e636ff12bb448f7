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
        ("questions:\n  - question: A?\n    lookfor: [a]", 3, "lookfor: is no key"),
        ("questions:\n  - question: A?\n    look_for: a", 3, "list of texts as `look_for`"),
        ("questions:\n  - question: A?\n    look_for: ['... a']", 3, "begins or ends"),
        ("questions:\n  - question: A?\n    value: weather", 3, "'weather'; there are"),
        (
            'questions:\n  - {id: a, question: "A?"}\n  - {id: a, question: "B?"}',
            3,
            "has the `id` a of a question before it, line 2, questions.0",
        ),
        (
            'questions:\n  - {id: q2, question: "A?"}\n  - question: "B?"',
            3,
            "without an `id` of its own has the `id` q2 of a question before it, line 2, questions.0",
        ),
        ("questions:\n  - question: A?\n    unless: [a]", 3, "`unless` without `look_for`"),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    (tmp_path / "set.yaml").write_text(text)
    with pytest.raises(ConfigFault) as caught:
        read_set(str(tmp_path / "set.yaml"), KINDS)
    assert [(fault.line, problem in str(fault)) for fault in caught.value.faults] == [(line, True)]


SEVERAL = [
    {"id": "a b", "quest": "x", "value": ["money"], "look_for": "rent", "unless": 3},
    "just text",
    {"question": "What?", "id": "x", "taken_back": ["deleted"]},
    {"question": "Who?", "id": "x", "look_for": ["..."], "may_mean": ["a ...", ""]},
    {"question": 3, "value": {"a": 1}, "id": "c!"},
]
PLACES = [
    *("0.id", "0.quest", "0.value", "0.look_for", "0.unless"),
    "0",  # it lacks `question`
    *("1", "2.taken_back"),
    *("3.id", "3.look_for", "3.may_mean", "3.may_mean"),
    *("4.question", "4.id", "4.value"),
]


def test_all_faults_of_a_yaml_file_are_told_each_at_its_line(tmp_path: Path) -> None:
    lines = ["questions:"]
    at: dict[str, int] = {}
    for number, entry in enumerate(SEVERAL):
        at[str(number)] = len(lines) + 1
        if not isinstance(entry, dict):
            lines.append(f"  - {entry}")
            continue
        lines.append("  - # a comment")
        at[str(number)] += 1  # where its first key is
        for key, value in entry.items():
            at[f"{number}.{key}"] = len(lines) + 1
            lines.append(f"    {key}: {json.dumps(value)}")
    (tmp_path / "set.yaml").write_text("\n".join(lines))
    with pytest.raises(ConfigFault, match="has 15 faults") as caught:
        read_set(str(tmp_path / "set.yaml"), KINDS)
    told = [(fault.place, fault.line) for fault in caught.value.faults]
    assert sorted(told) == sorted((f"questions.{place}", at[place]) for place in PLACES)
    assert [line for _, line in told] == sorted(line for _, line in told)


def test_all_faults_of_a_jsonl_file_are_told_beside_lines_that_are_no_json(tmp_path: Path) -> None:
    lines = [json.dumps(entry) for entry in SEVERAL]
    lines[2:2] = ["", '{"question": ']
    (tmp_path / "set.jsonl").write_text("\n".join(lines))
    with pytest.raises(ConfigFault, match="has 16 faults") as caught:
        read_set(str(tmp_path / "set.jsonl"), KINDS)
    told = [(fault.place.split(".")[1], fault.line) for fault in caught.value.faults]
    assert ("2", 4) in told  # the third entry, on the fourth line
    assert told.count(("0", 1)) == 6
    assert [told.count(pair) for pair in (("1", 2), ("3", 5), ("4", 6), ("5", 7))] == [1, 1, 4, 3]
    assert {fault.problem for fault in caught.value.faults if fault.line == 4} == {
        "is not valid JSON"
    }


def test_a_name_that_is_nothing_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageFault, match="due-dilligence") as caught:
        read_set("due-dilligence", KINDS)
    assert "due-diligence" in caught.value.hint


def test_a_broken_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"question": "A?"}\n{"question"\n')
    with pytest.raises(ConfigFault) as caught:
        read_set(str(tmp_path / "a.jsonl"), KINDS)
    assert [fault.line for fault in caught.value.faults] == [2]
