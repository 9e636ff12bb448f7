"""`python -m ragkit.doctor.enclosed PLAN`: searches with and without the guard, where nothing leads out.

What is to run without the guard cannot be started by a process that is sealed, so this one is
started before. It moves into an empty network of its own first. All that it runs is settled by then:
PLAN (JSON) says which models, the documents and the questions are made up here, in a folder that goes
away. From standard input it takes a word a line, "guarded" or "not", and nothing else: whoever is
sealed cannot have it open a file, write one, or run anything but that search. On standard output JSON
a line: {"reason"} first, why it is not possible here, or ""; then {"code", "seconds"} for each word,
seconds being a warm question's.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ragkit.doctor.corpus import QUESTION
from ragkit.doctor.sensor.enclosure import nothing_leads_out
from ragkit.doctor.workload import PIPELINE, Plan, Workload
from ragkit.errors import EXIT_OK, RagkitError
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.namespace import leave_network

MODULE = "ragkit.doctor.enclosed"
GUARDED, NOT = "guarded", "not"
_FINE = (0, 3, 6)
_DOCUMENTS = 50
_REPEATED = 50
"""How often a process is asked: a warm question takes milliseconds."""
_PREFIX = "ragkit-guard-"


@dataclass(frozen=True, slots=True)
class Searches:
    """Whole processes of `ragkit search` over a made-up corpus in `folder`, which must be empty."""

    folder: Path
    plan: Plan

    def prepare(self) -> None:
        """Make the documents, index them under the guard, and write the questions. Raises RagkitError."""
        work = self._work(guarded=True)
        work.prepare()
        for number in range(_DOCUMENTS):
            text = f"Lease {number}. The rent of flat {number} is {number} euros a month.\n"
            (self.folder / "documents" / f"lease {number}.txt").write_text(text, encoding="utf-8")
        work.run(["ingest", PIPELINE])
        line = json.dumps({"id": 1, "question": QUESTION})
        self._asked.write_text("\n".join([line] * (_REPEATED + 1)), encoding="utf-8")

    def warm_seconds(self, *, guarded: bool) -> tuple[int, float]:
        """Exit code, and the median seconds of a question, the first of the process left out."""
        files = ["--questions", str(self._asked), "--output", str(self._found)]
        command = self._work(guarded=guarded).command(["search", PIPELINE, *files])
        ended = subprocess.run(command.words, check=False, **command.options)
        if ended.returncode not in _FINE:
            return ended.returncode, 0.0
        lines = self._found.read_text(encoding="utf-8").splitlines()[1:]
        return EXIT_OK, median(float(json.loads(line)["seconds"]) for line in lines)

    def _work(self, *, guarded: bool) -> Workload:
        return Workload(self.folder, self.plan, guarded=guarded)

    @property
    def _asked(self) -> Path:
        return self.folder / "asked.jsonl"

    @property
    def _found(self) -> Path:
        return self.folder / "found.jsonl"


def main(plan: str) -> None:
    """Serve until standard input ends, or holds another word."""
    reason = _enclosed()
    _tell({"reason": reason})
    if reason:
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the folder goes away
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        _serve(Searches(Path(folder), Plan(**json.loads(plan))))


def _serve(searches: Searches) -> None:
    is_prepared = False
    for line in sys.stdin:
        word = line.strip()
        if word not in (GUARDED, NOT):
            sys.exit(f"{MODULE} knows two words.")
        try:
            if not is_prepared:
                searches.prepare()
                is_prepared = True
            code, seconds = searches.warm_seconds(guarded=word == GUARDED)
        except RagkitError as error:
            code, seconds = error.exit_code, 0.0
        _tell({"code": code, "seconds": seconds})


def _enclosed() -> str:
    if not sys.platform.startswith("linux"):
        return f"no network namespaces on {sys.platform}"
    reason = leave_network(Kernel())
    return reason or ("" if nothing_leads_out() else "the new network is not empty")


def _tell(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
