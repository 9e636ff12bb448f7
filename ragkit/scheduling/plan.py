"""What installing or removing would do, as data: the same is shown and carried out."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import NotReady, StorageFault
from ragkit.files import write_atomically
from ragkit.scheduling.tools import run_tool

READABLE = 0o644
"""Permissions of unit files: they hold paths, which systemctl and the journal show anyway."""


@dataclass(frozen=True, slots=True)
class WriteFile:
    path: Path
    text: str

    def show(self) -> str:
        return f"==> {self.path} <==\n{self.text}"

    def as_dict(self) -> dict[str, object]:
        return {"write": str(self.path), "text": self.text}

    def carry_out(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, self.text, READABLE)


@dataclass(frozen=True, slots=True)
class DeleteFile:
    path: Path

    def show(self) -> str:
        return f"==> {self.path} <== (deleted)\n"

    def as_dict(self) -> dict[str, object]:
        return {"delete": str(self.path)}

    def carry_out(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class RunCommand:
    """words: the program and its arguments. given: its standard input; bytes that are no UTF-8 as
    surrogates.
    """

    words: tuple[str, ...]
    given: str | None = None

    def show(self) -> str:
        fed = "" if self.given is None else f" <<'END'\n{_displayable(self.given)}END"
        return f"$ {shlex.join(self.words)}{fed}\n"

    def as_dict(self) -> dict[str, object]:
        given = {} if self.given is None else {"given": _displayable(self.given)}
        return {"run": list(self.words), **given}

    def carry_out(self) -> None:
        done = run_tool(self.words, self.given)
        if done.code:
            said = (done.error.strip().splitlines() or [f"exit code {done.code}"])[0]
            raise NotReady(
                f"`{shlex.join(self.words)}` failed: {said}.",
                hint="ragkit schedule show prints what has to be done, to be done by hand.",
            )


Step = WriteFile | DeleteFile | RunCommand


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in their order. how: what will run the job. notes: what a person has to know or do."""

    how: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    def show(self) -> str:
        return "\n".join(step.show() for step in self.steps)

    def as_dict(self) -> dict[str, object]:
        return {
            "how": self.how,
            "steps": [step.as_dict() for step in self.steps],
            "notes": list(self.notes),
        }


def carry_out(plan: Plan) -> None:
    """Do what the plan says. If a step fails, files are as they were before.

    Raises NotReady if a command fails, StorageFault if a file cannot be written.
    """
    before = {
        step.path: step.path.read_bytes() if step.path.is_file() else None
        for step in plan.steps
        if isinstance(step, WriteFile)
    }
    try:
        for step in plan.steps:
            step.carry_out()
    except OSError as error:
        _put_back(before)
        raise StorageFault(f"{error.filename} cannot be used: {error.strerror}.") from None
    except NotReady:
        _put_back(before)
        raise


def _put_back(files: dict[Path, bytes | None]) -> None:
    for path, contents in files.items():
        with suppress(OSError):  # the fault that is told already says what is wrong there
            if contents is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(contents)


def _displayable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
