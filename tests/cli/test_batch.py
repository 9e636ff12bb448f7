"""`--questions`: a line that is no question is told before the work and answered with its fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.cli.batch import answer_many, read_questions
from ragkit.cli.door import Door
from ragkit.errors import NothingInScope, RagkitError, UsageFault
from ragkit.types.scope import Scope

DOOR = Door(Path("pipelines.yaml"), as_json=False, quiet=False, verbose=False)


@dataclass(frozen=True)
class Echo:
    question: str
    scope: Scope

    def as_dict(self) -> dict[str, object]:
        return {"version": 1, "question": self.question, "scope": self.scope.as_dict()}


Ask = Callable[..., tuple[int, list[dict[str, object]]]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Asks what lines of a file say, and gives the exit code and the rows of the result."""

    def asked(
        *lines: str | bytes,
        scope: Scope | None = None,
        answer: Callable[[str, Scope], Echo] = Echo,
    ) -> tuple[int, list[dict[str, object]]]:
        questions, output = tmp_path / "q.jsonl", tmp_path / "r.jsonl"
        raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
        questions.write_bytes(b"\n".join(raw))
        code = answer_many(DOOR, questions, output, scope or Scope(), answer)
        return code, [json.loads(line) for line in output.read_text("utf-8").splitlines()]

    return asked


def test_a_bad_line_is_told_first_and_the_others_are_answered(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []

    def answer(question: str, scope: Scope) -> Echo:
        told.append(capsys.readouterr().err)
        return Echo(question, scope)

    code, rows = ask(
        '\ufeff{"id": 1, "question": "Who?"}',
        '{"id": 2, "question": "Wh',
        "",
        '{"id": "c", "question": ""}',
        b'{"id": 5, "question": "\xe9"}',
        '{"id": 6, "question": "When?", "scope": {"type": "pdf"}}',
        '{"id": 7, "question": "When?"}',
        answer=answer,
    )
    assert code == 3
    assert [row["id"] for row in rows] == [1, None, "c", None, 6, 7]
    assert [row.get("line") for row in rows] == [None, 2, 4, 5, 6, None]
    assert [row.get("error") for row in rows] == [None, *["UsageFault"] * 4, None]
    assert rows[4]["message"].endswith("'scope' has no filter 'type'; did you mean 'types'?")
    for line in (2, 4, 5, 6):
        assert f"Line {line} of " in told[0]
    assert len(told) == 2


def test_many_bad_lines_are_told_in_a_few(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = ask(*["bad"] * 40, '{"id": 1, "question": "a"}')
    assert (code, len(rows)) == (3, 41)
    told = capsys.readouterr().err.splitlines()
    assert sum("It is answered with this fault" in line for line in told) == 10
    assert "ragkit: ... and 30 more lines." in told


def test_a_file_without_any_question_is_refused(ask: Ask) -> None:
    with pytest.raises(UsageFault, match=r"Line 1 of .* is not an object"):
        ask("not json", "neither")
    with pytest.raises(UsageFault, match="holds no question"):
        ask("", " ")


def test_a_line_may_have_filters_of_its_own(ask: Ask) -> None:
    code, rows = ask(
        '{"id": 1, "question": "a"}',
        '{"id": 2, "question": "b", "scope": {"types": ["letter"], "where": {"k": "v"}}}',
        '{"id": 3, "question": "c", "document": "gold.pdf"}',  # where its answer stands: no filter
        scope=Scope(types=("pdf",), since="2020"),
    )
    assert code == 0
    assert [row["scope"]["types"] for row in rows] == [["pdf"], ["letter"], ["pdf"]]  # type: ignore[index]
    assert [row["scope"]["since"] for row in rows] == ["2020"] * 3  # type: ignore[index]
    assert rows[2]["scope"]["documents"] == []  # type: ignore[index]


def test_filters_that_nothing_fits_fail_their_line_or_the_command(ask: Ask) -> None:
    def answer(question: str, scope: Scope) -> Echo:
        if scope.types:
            raise NothingInScope("No document is of type 'x'.")
        return Echo(question, scope)

    own = '{"id": 1, "question": "a", "scope": {"types": ["x"]}}'
    code, rows = ask(own, '{"id": 2, "question": "b"}', answer=answer)
    assert code == 3
    assert [row.get("error") for row in rows] == ["NothingInScope", None]
    with pytest.raises(NothingInScope):
        ask('{"id": 2, "question": "b"}', scope=Scope(types=("x",)), answer=answer)


def test_what_is_no_character_is_told_of_its_line(ask: Ask) -> None:
    code, rows = ask(
        '{"id": "\\ud800", "question": "a"}',
        '{"id": 2, "question": "\\ud800"}',
        '{"id": 3, "question": "b"}',
    )
    assert code == 3
    assert [row["id"] for row in rows] == [None, 2, 3]
    assert "error" not in rows[2]


def test_interrupting_leaves_no_half_of_a_result(tmp_path: Path) -> None:
    questions, output = tmp_path / "q.jsonl", tmp_path / "r.jsonl"
    questions.write_text('{"id": 1, "question": "a"}\n{"id": 2, "question": "b"}\n')

    def answer(question: str, scope: Scope) -> Echo:
        if question == "b":
            raise KeyboardInterrupt
        return Echo(question, scope)

    with pytest.raises(KeyboardInterrupt):
        answer_many(DOOR, questions, output, Scope(), answer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["q.jsonl"]


def test_questions_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('\n\n{"id": 1, "question": "a"}\r\n{"id": 2, "question": "b\u2028c"}')
    lines = read_questions(file, Scope())
    assert [(line.number, line.question) for line in lines] == [(3, "a"), (4, "b\u2028c")]


def test_faults_of_the_tree_are_the_only_ones_that_stay_on_their_line(ask: Ask) -> None:
    def answer(question: str, scope: Scope) -> Echo:
        raise RagkitError("Something.") if question == "a" else ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask('{"id": 1, "question": "a"}', '{"id": 2, "question": "b"}', answer=answer)
