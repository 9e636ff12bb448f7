"""`--questions FILE.jsonl --output FILE.jsonl`: many questions in one process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from ragkit.cli.door import Door
from ragkit.errors import EXIT_OK, UsageFault
from ragkit.types import Step


class Result(Protocol):
    def as_dict(self) -> dict[str, object]: ...


def answer_many(
    door: Door, questions: Path, output: Path | None, answer: Callable[[str], Result]
) -> int:
    """One result a line, with the question's id. The output appears whole or not at all."""
    asked = list(_read_questions(questions))
    with door.progress() as progress, _atomically(output) as file:
        for number, (identity, question) in enumerate(asked):
            progress(Step("asking", number, len(asked)))
            line = {"id": identity, **answer(question).as_dict()}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    if output is not None:
        door.note(f"{len(asked)} results in {output}.")
    return EXIT_OK


def _read_questions(path: Path) -> Iterator[tuple[object, str]]:
    """(id, question) of each line. Raises UsageFault naming the first line that is not one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageFault(f"{path} cannot be read as UTF-8 text.") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            question = str(data["question"]).strip()
            identity = data["id"]
        except (ValueError, KeyError, TypeError):
            raise UsageFault(
                f"Line {number} of {path} is not an object with id and question.",
                hint='A line looks like {"id": "1", "question": "Who signed?"}',
            ) from None
        if not question:
            raise UsageFault(f"Line {number} of {path} has an empty question.")
        yield identity, question


@contextmanager
def _atomically(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    aside = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        with aside.open("w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(output)
    except OSError as error:
        raise UsageFault(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        aside.unlink(missing_ok=True)
