"""`--questions FILE.jsonl --output FILE.jsonl`: many questions in one process."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click

from ragkit.cli.door import Door
from ragkit.errors import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    Busy,
    CheckFailed,
    NothingInScope,
    NotReady,
    RagkitError,
    UnknownPipeline,
    UsageFault,
)
from ragkit.filters import scope_from_plain
from ragkit.types import Step
from ragkit.types.scope import Scope

FAULTS_TOLD = 10
"""Lines that are named before the work; the result has all of them."""


def batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --questions and --output to a command."""
    given = click.option(
        "--questions",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Many questions: JSONL with id and question on each line, and maybe its own filters: "
        '"scope": {"documents", "types", "since", "until", "where"}.',
    )
    wanted = click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Where the results of --questions go, as JSONL (default: standard output).",
    )
    return given(wanted(command))


class Result(Protocol):
    def as_dict(self) -> dict[str, object]: ...


def require_one(
    question: str | None, questions: Path | None, output: Path | None, example: str
) -> None:
    """One question, or a file of them. Raises UsageFault for neither, both, or a lone --output."""
    if questions is None and question is None:
        raise UsageFault("The question is missing.", hint=example)
    if questions is not None and question is not None:
        raise UsageFault(
            "There is a question and a file of questions.", hint="Leave one of them out."
        )
    if output is not None and questions is None:
        raise UsageFault(
            "--output is where the results of --questions go; there is no --questions."
        )


def exported(output: Path | None) -> str:
    """For the ledger: the absolute path of what is written; "" for standard output."""
    return "" if output is None else str(output.absolute())


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of a file of questions. fault: why nothing can be asked, None if something can."""

    number: int
    id: object
    question: str
    scope: Scope
    has_own_scope: bool = False
    fault: UsageFault | None = None

    def failed(self, error: RagkitError) -> dict[str, object]:
        """What stands in the line of its result."""
        return {"version": 1, "line": self.number, "question": self.question, **error.as_dict()}


def answer_many(
    door: Door,
    questions: Path,
    output: Path | None,
    scope: Scope,
    answer: Callable[[str, Scope], Result],
) -> int:
    """One result a line, with the question's id; a question that fails has "error" instead.

    scope: filters of all questions; a line may have its own. A line that is no question is told before
    the work begins, and answered with its fault. The output file appears whole or not at all. Returns
    EXIT_SOME_FAILED if a question failed. Raises UsageFault if no line is a question.
    """
    if output is not None and output.exists() and output.samefile(questions):
        raise UsageFault(f"{output} holds the questions; the results need another file.")
    asked = read_questions(questions, scope)
    _tell([line.fault for line in asked if line.fault is not None], door)
    failed = 0
    with door.progress() as progress, _atomically(output) as write:
        for number, line in enumerate(asked):
            progress(Step("asking", number, len(asked)))
            row = _answered(line, answer)
            failed += "error" in row
            write(json.dumps({"id": line.id, **row}, ensure_ascii=False) + "\n")
    if output is not None:
        door.note(f"{len(asked)} results in {output}" + (f", {failed} failed." if failed else "."))
    return EXIT_SOME_FAILED if failed else EXIT_OK


def _tell(faults: Sequence[UsageFault], door: Door) -> None:
    for fault in faults[:FAULTS_TOLD]:
        door.alert(f"{fault.message} It is answered with this fault.")
    if len(faults) > FAULTS_TOLD:
        door.alert(f"... and {len(faults) - FAULTS_TOLD} more lines.")


def _answered(line: AskedLine, answer: Callable[[str, Scope], Result]) -> dict[str, object]:
    """Raises what would be the same for every question that follows."""
    if line.fault is not None:
        return line.failed(line.fault)
    try:
        return answer(line.question, line.scope).as_dict()
    except (NotReady, Busy, CheckFailed):
        raise
    except RagkitError as error:
        if isinstance(error, (NothingInScope, UnknownPipeline)) and not line.has_own_scope:
            raise
        return line.failed(error)


def read_questions(path: Path, scope: Scope) -> list[AskedLine]:
    """Every line that is not empty. Raises UsageFault if none is a question, naming the first fault."""
    try:
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise UsageFault(f"{path} cannot be read: {error.strerror}.") from None
    lines = [
        _line(line, number, f"Line {number} of {path}", scope)
        for number, line in enumerate(data.split(b"\n"), start=1)
        if line.strip()
    ]
    if not lines:
        raise UsageFault(f"{path} holds no question.")
    if all(line.fault is not None for line in lines):
        assert lines[0].fault is not None
        raise lines[0].fault
    return lines


def _line(text: bytes, number: int, place: str, scope: Scope) -> AskedLine:
    """A line, or what is wrong with it, with its id where there is one."""
    try:
        data = json.loads(text.decode())
    except (ValueError, RecursionError):
        data = None
    given = data if isinstance(data, dict) else {}
    identity = given.get("id") if _is_unicode(given.get("id")) else None
    question = given.get("question")
    asked = question if isinstance(question, str) and _is_unicode(question) else ""
    try:
        own = _checked(data, place, scope)
    except UsageFault as fault:
        return AskedLine(number, identity, asked, scope, fault=fault)
    return AskedLine(number, identity, asked, own, has_own_scope="scope" in data)


def _checked(data: Any, place: str, scope: Scope) -> Scope:
    """The scope of a line. Raises UsageFault for a line that nothing can be asked by."""
    if not (isinstance(data, dict) and "id" in data and isinstance(data.get("question"), str)):
        raise UsageFault(
            f"{place} is not an object with id and question.",
            hint='A line looks like {"id": "1", "question": "Who signed?"}',
        )
    if not data["question"].strip():
        raise UsageFault(f"{place} has an empty question.")
    if not _is_unicode([data["id"], data["question"]]):
        raise UsageFault(f"{place} has an id or a question that is not valid Unicode text.")
    if "scope" not in data:
        return scope
    try:
        return scope_from_plain(data["scope"], scope)
    except UsageFault as fault:
        raise UsageFault(f"{place}: {fault.message}", hint=fault.hint) from None


def _is_unicode(value: object) -> bool:
    """Whether a JSON value can be written: "\\ud800" stands for no character."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def _atomically(output: Path | None) -> Iterator[Callable[[str], object]]:
    """What writes a line: to stdout, or to a file that takes its name when all is written."""
    if output is None:
        yield sys.stdout.write
        return
    output = output.resolve()  # what a link points to is written, the link stays
    if output.exists() and not output.is_file():
        with _said(output), output.open("w", encoding="utf-8") as device:
            yield device.write
        return
    aside = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        with _said(output):
            file = aside.open("w", encoding="utf-8")
        with file:
            yield file.write
            with _said(output):
                file.flush()
                os.fsync(file.fileno())
        with _said(output):
            aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _said(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageFault(f"{output} cannot be written: {error.strerror}.") from None
