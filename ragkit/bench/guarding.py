"""What the guard costs: the same warm questions in whole processes with it and without it, in turn."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from types import TracebackType

import ragkit
from ragkit.bench.results import GuardCost, GuardPair
from ragkit.config import Pipeline
from ragkit.doctor import enclosed
from ragkit.errors import NotReady
from ragkit.types import Step

_REPEATED = 20
"""How often a process is asked each question: a warm one takes milliseconds."""
_FINE = (0, 3, 6)


class Enclosed:
    """The process that searches without the guard where nothing leads out. Start it before sealing.

    Use it in a `with`. `reason` says why there is none here, "" if there is.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", enclosed.MODULE],
            cwd=Path(ragkit.__path__[0]).parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        told = self._answer()
        self.reason = str(told.get("reason", "it ended at once"))

    def search(self, arguments: Sequence[str], *, guarded: bool) -> None:
        """One whole process of `ragkit search`. Raises NotReady if it fails."""
        assert self._process.stdin is not None
        request = {"guarded": guarded, "arguments": list(arguments)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        code = self._answer().get("code")
        if code not in _FINE:
            how = "with" if guarded else "without"
            raise NotReady(f"A search {how} the guard ended with exit code {code}.")

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def __enter__(self) -> Enclosed:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        told: dict[str, object] = json.loads(line) if line else {}
        return told


def guard_cost(
    process: Enclosed | None,
    pipeline: Pipeline,
    folder: Path,
    questions: Sequence[str],
    rounds: int,
    on_step: Callable[[Step], None],
) -> GuardCost:
    """Pairs of processes, whose order changes from round to round. folder: for what they write."""
    if process is None or process.reason:
        return GuardCost(reason=process.reason if process else "")
    asked, found = folder / "asked.jsonl", folder / "found.jsonl"
    lines = [json.dumps({"id": n, "question": text}) for n, text in enumerate(questions)]
    asked.write_text("\n".join([lines[0], *lines * _REPEATED]), encoding="utf-8")
    settings = ("--config", str(pipeline.settings_file), "--quiet")
    files = ("--questions", str(asked), "--output", str(found))
    pairs = []
    for number in range(rounds):
        on_step(Step("searching with and without the guard", number, rounds))
        seconds: dict[bool, float] = {}
        for guarded in (True, False) if number % 2 else (False, True):
            process.search((pipeline.name, *settings, *files), guarded=guarded)
            seconds[guarded] = _warm_median(found)
        pairs.append(GuardPair(without=seconds[False], guarded=seconds[True]))
    return GuardCost(tuple(pairs))


def _warm_median(found: Path) -> float:
    """Seconds of a question, the first of the process left out."""
    results = found.read_text(encoding="utf-8").splitlines()[1:]
    return median(float(json.loads(line)["seconds"]) for line in results)
