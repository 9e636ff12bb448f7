"""What the guard costs: the same warm question in whole processes with it and without it, in turn."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

import ragkit
from ragkit.bench.results import GuardCost, GuardPair
from ragkit.doctor import enclosed
from ragkit.doctor.workload import Plan
from ragkit.errors import NotReady
from ragkit.types import Step

_ENDING_SECONDS = 5.0


class Enclosed:
    """The process that searches made-up documents without the guard where nothing leads out.

    Start it before sealing, and use it in a `with`. All it does is settled by `plan`: afterwards it
    is told two words only. `reason` says why there is none here, "" if there is.
    """

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", enclosed.MODULE, json.dumps(asdict(plan))],
            cwd=Path(ragkit.__path__[0]).parent,  # where an installation beside it is found
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        told = self._answer()
        self.reason = str(told.get("reason", "it ended at once"))

    def search(self, *, guarded: bool) -> float:
        """Seconds of a warm question in a whole process. Raises NotReady if it fails."""
        assert self._process.stdin is not None
        how = "with" if guarded else "without"
        with suppress(BrokenPipeError):  # the answer tells
            self._process.stdin.write(f"{enclosed.GUARDED if guarded else enclosed.NOT}\n")
            self._process.stdin.flush()
        told = self._answer()
        if told.get("code") != 0:
            raise NotReady(f"A search {how} the guard ended with exit code {told.get('code')}.")
        return float(str(told["seconds"]))

    def close(self) -> None:
        """It ends with its input, and takes its folder away."""
        try:
            self._process.communicate(timeout=_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
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


def guard_cost(process: Enclosed | None, rounds: int, on_step: Callable[[Step], None]) -> GuardCost:
    """Pairs of processes, whose order changes from round to round."""
    if process is None or process.reason:
        return GuardCost(reason=process.reason if process else "")
    pairs = []
    for number in range(rounds):
        on_step(Step("searching with and without the guard", number, rounds))
        seconds: dict[bool, float] = {}
        for guarded in (True, False) if number % 2 else (False, True):
            seconds[guarded] = process.search(guarded=guarded)
        pairs.append(GuardPair(without=seconds[False], guarded=seconds[True]))
    return GuardCost(tuple(pairs))
