"""`--questions FILE.jsonl --output FILE.jsonl`: many questions in one process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click

from ragkit.cli.door import Door
from ragkit.errors import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    Busy,
    CheckFailed,
    NotReady,
    RagkitError,
    UsageFault,
)
from ragkit.types import Step


def batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --questions and --output to a command."""
    given = click.option(
        "--questions",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Many questions: JSONL with id and question on each line.",
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


def answer_many(
    door: Door, questions: Path, output: Path | None, answer: Callable[[str], Result]
) -> int:
    """One result a line, with the question's id; a question that fails has "error" instead.

    The output file appears whole or not at all. Returns EXIT_SOME_FAILED if a question failed.
    """
    if output is not None and output.exists() and output.samefile(questions):
        raise UsageFault(f"{output} holds the questions; the results need another file.")
    asked = list(read_questions(questions))
    failed = 0
    with door.progress() as progress, _atomically(output) as write:
        for number, (identity, question) in enumerate(asked):
            progress(Step("asking", number, len(asked)))
            try:
                row = answer(question).as_dict()
            except (NotReady, Busy, CheckFailed):
                raise  # the same for every question that follows
            except RagkitError as error:
                failed += 1
                row = {"version": 1, "question": question, **error.as_dict()}
            write(json.dumps({"id": identity, **row}, ensure_ascii=False) + "\n")
    if output is not None:
        door.note(f"{len(asked)} results in {output}" + (f", {failed} failed." if failed else "."))
    return EXIT_SOME_FAILED if failed else EXIT_OK


def read_questions(path: Path) -> Iterator[tuple[object, str]]:
    """(id, question) of each line. Raises UsageFault naming the first line that is not one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageFault(f"{path} cannot be read as UTF-8 text.") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _question(line, f"Line {number} of {path}")


def _question(line: str, place: str) -> tuple[object, str]:
    try:
        data = json.loads(line)
        identity, question = data["id"], data["question"]
    except (ValueError, KeyError, TypeError):
        identity, question = None, None
    if not isinstance(question, str):
        raise UsageFault(
            f"{place} is not an object with id and question.",
            hint='A line looks like {"id": "1", "question": "Who signed?"}',
        )
    if not question.strip():
        raise UsageFault(f"{place} has an empty question.")
    try:
        question.encode()
    except UnicodeEncodeError:
        raise UsageFault(f"{place} has a question that is not valid Unicode text.") from None
    return identity, question


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
