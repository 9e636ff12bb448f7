"""What ragkit does with documents, as whole commands over a made-up corpus in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import ragkit
from ragkit.doctor import unguarded
from ragkit.doctor.corpus import QUESTION, change_corpus, write_corpus
from ragkit.doctor.resident import IDLE
from ragkit.errors import EXIT_OK, EXIT_SOME_FAILED, NotReady
from ragkit.types.doctor import StepDone

PIPELINE = "proof"
SETTINGS = "pipelines.yaml"
_CALLERS = "callers"
_READING = ("ingest", "nightly")
"""Commands that may end with exit code 3: a machine may lack what reads scans."""
_STEP_SECONDS = 1800
_SHORT = {"passages": 2, "sentences": 1, "evidence_tokens": 100}
"""Of answers: what is asked of the model is that it runs, and a slow machine takes minutes for more."""
_PACKAGE_FOLDER = str(Path(ragkit.__path__[0]).parent)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. models: the folder of models, absolute. whole: every command, not only the main ones.

    embedder, generator: settings as in pipelines.yaml; generator None: leave composing out.
    """

    models: str
    embedder: dict[str, Any]
    generator: dict[str, Any] | None
    whole: bool = True


class Command(NamedTuple):
    """What subprocess.run takes."""

    words: list[str]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Workload:
    """The commands over the corpus in `folder`, with the guard or without."""

    folder: Path
    plan: Plan
    guarded: bool

    def prepare(self) -> None:
        """Write the corpus and its settings."""
        documents = self.folder / "documents"
        documents.mkdir(mode=0o700, parents=True)
        write_corpus(documents)
        if not self.plan.whole:
            # Their readers take seconds to start.
            for name in ("letter.docx", "rents.xlsx", "scan.png", "payments.csv"):
                (documents / name).unlink()
        pipeline = {"folders": ["documents"], "embedder": self.plan.embedder, "answers": _SHORT}
        if self.plan.generator is not None:
            pipeline["generator"] = self.plan.generator
        settings = {"version": 1, "store": "store", "pipelines": {PIPELINE: pipeline}}
        (self.folder / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")

    def steps(self) -> Iterator[tuple[str, StepDone, str]]:
        """Run one command after the other: (its words, how it went, what it printed).

        Raises NotReady with a command that fails.
        """
        for words in self._commands():
            yield words[0], *self.run(words)
        change_corpus(self.folder / "documents")
        for words in self._later_commands():
            yield words[0], *self.run(words)

    def stay(self, seconds: float, on_idle: Callable[[], None]) -> StepDone:
        """A program that answers questions, is idle for so long, and ends. on_idle: called in between."""
        arguments = ["ragkit.doctor.resident", str(self.folder / SETTINGS), PIPELINE, str(seconds)]
        started = time.monotonic()
        with subprocess.Popen(self._command(arguments), **self._options()) as process:
            assert process.stdout is not None
            try:
                is_idle = process.stdout.readline().strip() == IDLE
                on_idle()
                _, complaint = process.communicate(timeout=seconds + _STEP_SECONDS)
            finally:
                process.kill()
        if not is_idle or process.returncode:
            raise _failed("a program that stays open", process.returncode, complaint)
        return StepDone("stay open", process.returncode, round(time.monotonic() - started, 2))

    def callers(self) -> dict[str, int]:
        """Who asked for sockets since the last call, as unguarded.py noted it, and how often."""
        file = self.folder / _CALLERS
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return dict(Counter(lines))

    def _commands(self) -> Iterator[list[str]]:
        yield ["ingest", PIPELINE]
        if self.plan.whole:
            yield ["search", PIPELINE, QUESTION]
        yield ["ask", PIPELINE, QUESTION, "--style", "quote"]
        if self.plan.generator is not None:
            yield ["ask", PIPELINE, QUESTION, "--style", "compose"]
        if self.plan.whole:
            yield ["summarize", PIPELINE]

    def _later_commands(self) -> Iterator[list[str]]:
        yield ["nightly", PIPELINE]
        yield ["status"]
        if self.plan.whole:
            yield ["runs", PIPELINE]
            yield ["doctor"]
            yield ["audit", "verify"]
            certificate = str(self.folder / "certificate.json")
            yield ["purge", PIPELINE, "mail.eml", "--still-there", "--certificate", certificate]

    def command(self, words: Sequence[str]) -> Command:
        """A command of ragkit over the corpus."""
        settings = ["--config", str(self.folder / SETTINGS), "--json", "--quiet"]
        return Command(self._command(["ragkit", *words, *settings]), self._options())

    def run(self, words: Sequence[str]) -> tuple[StepDone, str]:
        """How it went, and what it printed. Raises NotReady if it fails."""
        started = time.monotonic()
        command = self.command(words)
        ended = subprocess.run(command.words, timeout=_STEP_SECONDS, check=False, **command.options)
        seconds = time.monotonic() - started
        if not _is_fine(words[0], ended.returncode):
            raise _failed(f"ragkit {words[0]}", ended.returncode, ended.stdout or ended.stderr)
        shown = " ".join([words[0], *(words[3:] if words[0] == "ask" else ())])
        return StepDone(shown, ended.returncode, round(seconds, 2)), ended.stdout

    def _command(self, words: Sequence[str]) -> list[str]:
        through = [] if self.guarded else [unguarded.MODULE]
        return [sys.executable, "-P", "-m", *through, *words]

    def _options(self) -> dict[str, Any]:
        """An empty home, so that nothing depends on what a library has left there; no folder of the user's."""
        home = self.folder / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        path = os.pathsep.join(filter(None, [_PACKAGE_FOLDER, os.environ.get("PYTHONPATH", "")]))
        own = {"HOME": str(home), "RAGKIT_MODELS": self.plan.models, "PYTHONPATH": path}
        own[unguarded.CALLERS] = str(self.folder / _CALLERS)
        streams = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        text = {"text": True, "encoding": "utf-8", "errors": "replace"}
        return {**streams, **text, "cwd": self.folder, "env": {**_environment(), **own}}


def _is_fine(command: str, code: int) -> bool:
    """Faults that `doctor` finds are the machine's."""
    return (
        code == EXIT_OK or command == "doctor" or (command in _READING and code == EXIT_SOME_FAILED)
    )


def _environment() -> dict[str, str]:
    """This process's, without what would lead to the user's own folders and settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "RAGKIT_"))
    }


def _failed(what: str, code: int, complaint: str) -> NotReady:
    return NotReady(f"{what} ended with exit code {code}: {_reason(complaint)}")


def _reason(complaint: str) -> str:
    """The message of the error, else the last line. The documents are invented: nothing is given away."""
    try:
        return str(json.loads(complaint)["message"])
    except (ValueError, KeyError, TypeError):
        return complaint.strip().rpartition("\n")[2][:300]
