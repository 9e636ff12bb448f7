"""Work on a model in a process of its own, so that a crash of native code ends nothing but that work.

    python -m ragkit.llm.model_process     a job on standard input; JSON lines on standard output

A job is {"do": "quantize" | "speeds" | "likeliest", "writes": [folders], ...}. Each line is {"done",
"total"}, then {"result"} or {"fault"}. The process has no network and writes nowhere but into `writes`.
Other modules' work is done so too: `run_apart` starts one, which calls `serve`.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import ragkit
from ragkit.errors import (
    CheckFailed,
    NotReady,
    RagkitError,
    StorageFault,
    UsageFault,
    explained,
)
from ragkit.files import scratch_file
from ragkit.isolation import seal
from ragkit.types.models import Speeds

OnPart = Callable[[int, int], None]
_FAULTS: dict[str, type[RagkitError]] = {
    kind.__name__: kind for kind in (CheckFailed, NotReady, StorageFault, UsageFault)
}
_THIS = "ragkit.llm.model_process"
_PR_SET_PDEATHSIG = 1


def quantize_apart(source: Path, target: Path, to: str, threads: int, on_part: OnPart) -> None:
    """As quantizing.quantize. Raises CheckFailed, NotReady, or RagkitError if llama.cpp crashed."""
    run_apart(
        _THIS,
        {
            "do": "quantize",
            "source": str(source),
            "target": str(target),
            "to": to,
            "threads": threads,
            "writes": [str(target.parent)],
        },
        f"making {source.name} smaller",
        on_part,
    )


def speeds_apart(source: Path, threads: int) -> Speeds:
    """As measuring.Measured.speeds."""
    job = {"do": "speeds", "source": str(source), "threads": threads}
    found = run_apart(_THIS, job, f"measuring {source.name}", _nobody)
    return Speeds(float(found["prompt"]), float(found["generation"]))


def likeliest_apart(
    source: Path, texts: tuple[str, ...], threads: int, on_part: OnPart
) -> list[list[int]]:
    """As measuring.Measured.likeliest."""
    job = {"do": "likeliest", "source": str(source), "texts": texts, "threads": threads}
    found: list[list[int]] = run_apart(_THIS, job, f"reading with {source.name}", on_part)
    return found


def _nobody(done: int, total: int) -> None:
    """For jobs of one step."""


def run_apart(module: str, job: dict[str, Any], what: str, on_part: OnPart) -> Any:
    """The result of a job of `module`, in JSON. what: for messages, such as "measuring a.gguf".

    The process does not outlive this call; on Linux not even where the caller is killed. Raises what
    the job did, NotReady if it was killed, RagkitError if it crashed.
    """
    with scratch_file("job") as given:
        told = json.dumps({**job, "parent": os.getpid()})
        given.write(told.encode("utf-8", "surrogateescape"))
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", module],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONPATH": _root()},
        )
        with process:
            try:
                answer = _followed(process.stdout or BytesIO(), on_part)
            except BaseException:  # also Ctrl-C: it must not go on without its listener
                process.kill()
                raise
    return _result(answer, process.returncode, what)


def _root() -> str:
    return str(Path(ragkit.__path__[0]).parent)


def _followed(stream: IO[bytes], on_part: OnPart) -> dict[str, Any]:
    """The last line that is no progress; {} if there was none."""
    answer: dict[str, Any] = {}
    for line in stream:
        try:
            told = json.loads(line)
        except ValueError:  # native code printed something
            continue
        if "done" in told:
            on_part(told["done"], told["total"])
        else:
            answer = told
    return answer


def _result(answer: dict[str, Any], code: int, what: str) -> Any:
    if "result" in answer:
        return answer["result"]
    fault = answer.get("fault")
    if fault:
        kind = _FAULTS.get(fault["kind"], RagkitError)
        raise kind(fault["message"], hint=fault["hint"])
    if code == -signal.SIGKILL:
        raise NotReady(
            f"The process {what} was killed, most likely for its memory.",
            hint="ragkit models recommend",
        )
    how = signal.Signals(-code).name if code < 0 else f"code {code}"
    raise RagkitError(
        f"llama.cpp crashed ({how}) while {what}; nothing was changed.",
        hint="Get the file again; if it stays so, please report it with the file's name.",
    )


def serve(done: Callable[[dict[str, Any], OnPart], Any]) -> None:
    """Do the job on standard input. What native code prints must not come between the lines."""
    job = json.load(sys.stdin)
    _end_with(job.get("parent"))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    # Where it is possible; a parent that is sealed has shut this process in already.
    seal(accept_weak=True, write=tuple(map(Path, job.get("writes", ()))))

    def tell(**what: Any) -> None:
        out.write(json.dumps(what) + "\n")

    try:
        tell(result=done(job, lambda part, total: tell(done=part, total=total)))
    except Exception as error:  # noqa: BLE001 (told to the parent, which raises it)
        told = explained(error)
        tell(fault={"kind": type(told).__name__, "message": told.message, "hint": told.hint})


def _end_with(parent: int | None) -> None:
    """Have the kernel kill this process when the one that started it ends, however it ends (prctl(2)).

    Other systems have nothing like it: there the work is done to its end, for nobody.
    """
    if sys.platform != "linux" or parent is None:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os.kill(os.getpid(), signal.SIGKILL)


def _done(job: dict[str, Any], on_part: OnPart) -> Any:
    from ragkit.llm.measuring import opened
    from ragkit.llm.quantizing import quantize

    source, threads = Path(job["source"]), int(job["threads"])
    if job["do"] == "quantize":
        quantize(source, Path(job["target"]), job["to"], threads, on_part)
        return True
    with opened(source, threads) as model:
        if job["do"] == "speeds":
            speeds = model.speeds()
            return {"prompt": speeds.prompt, "generation": speeds.generation}
        return model.likeliest(job["texts"], lambda done: on_part(done, 0))


if __name__ == "__main__":
    serve(_done)
