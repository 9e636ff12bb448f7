"""How fast a language model is on this machine, through the engine that answers are written with.

python -m ragkit.flows.benching_models     the first token in a new process; the job on standard input
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.files import make_private
from ragkit.llm.gguf_metadata import read_about
from ragkit.llm.measuring import ENGLISH, SPANISH
from ragkit.llm.model_process import run_apart, serve
from ragkit.llm.offloading import computed_on
from ragkit.llm.parts import bytes_of
from ragkit.models import InstalledModel
from ragkit.models.files import storage_faults
from ragkit.protocols import Generator, Message
from ragkit.types import Step
from ragkit.types.models import Batch, Computing, ModelBench

if TYPE_CHECKING:
    from ragkit.llm.engine import LlamaEngine

AT_ONCE = (1, 2, 4, 8)
_THIS = "ragkit.flows.benching_models"
_WRITTEN = 32
_INSTRUCTIONS = (
    "You answer questions about documents. Use only the numbered sentences you are given, say which "
    "of them you used, and say that it is not in the documents when they do not answer the question."
)
_QUESTIONS = (
    "When is the rent due?",
    "Who may change the building?",
    "What was the blood pressure?",
    "How long had the cough lasted?",
    "What interest may be charged?",
    "When is the next visit?",
    "How is the rent paid?",
    "Was there a fever?",
    "Was the medicine changed?",
)
OnStep = Callable[[Step], None]


def bench_model(model: InstalledModel, *, context: int, cache: Path, on_step: OnStep) -> ModelBench:
    """cache: a folder for what the engine measures and keeps; it is made, and removed at the end.

    Native code runs in processes of its own, the second of which is the new one that is timed. Raises
    CheckFailed, NotReady, UsageFault if the context is too small for a prompt of 600 tokens, StorageFault;
    RagkitError if llama.cpp crashed.
    """
    about = read_about(model.path)
    what = f"measuring {model.name}"
    job = {
        "path": str(model.path),
        "name": model.name,
        "digest": model.digest,
        "context": context,
        "cache": str(cache),
        "writes": [str(cache)],
    }

    def tell(done: int, total: int) -> None:
        on_step(Step(what, done, total))

    with storage_faults(cache.parent):
        make_private(cache)
    try:
        told = run_apart(_THIS, {**job, "do": "all"}, what, tell)
        again = run_apart(_THIS, {**job, "do": "first"}, what, tell)
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    batches = tuple(Batch(*batch) for batch in told.pop("batches"))
    computing = Computing(**told.pop("computing"))
    return ModelBench(
        name=model.name,
        quantization=about.quantization,
        size=bytes_of(model.path),
        load=again["load"],
        restarted=again["first"],
        computing=computing,
        batches=batches,
        **told,
    )


def work(job: dict[str, Any], on_part: Callable[[int, int], None]) -> dict[str, Any]:
    """What is done in a process of its own: all figures, or the first token of a process."""
    model = InstalledModel(job["name"], Path(job["path"]), job["digest"], None)
    began = time.perf_counter()
    with _opened(model, job["context"], Path(job["cache"])) as engine:
        load = time.perf_counter() - began
        if job["do"] == "all":
            return {**measured(engine, on_part), "computing": computing_of(engine)}
        return {"load": load, "first": _first_token(engine, _QUESTIONS[0])}


def measured(engine: Generator, on_part: Callable[[int, int], None]) -> dict[str, Any]:
    """The figures of ModelBench that one process has, in JSON; batches as (count, tokens a second)."""
    counts = [count for count in AT_ONCE if count <= max(engine.parallel, 1)]
    steps = len(counts) + 2
    cold = _first_token(engine, _QUESTIONS[0])
    on_part(1, steps)
    warm = _first_token(engine, _QUESTIONS[1])
    on_part(2, steps)
    batches = []
    for place, count in enumerate(counts, 3):
        batches.append((count, _batch(engine, count)))
        on_part(place, steps)
    tokens = sum(engine.count_tokens(message.content) for message in _messages(_QUESTIONS[0]))
    return {
        "context": engine.context,
        "prompt_tokens": tokens,
        "prompt": tokens / cold,
        "cold": cold,
        "warm": warm,
        "batches": batches,
    }


def computing_of(engine: LlamaEngine) -> dict[str, Any]:
    """The fields of Computing."""
    settings = engine.settings
    return {
        "threads": settings.threads,
        "batch_threads": settings.batch_threads,
        "batch": settings.batch,
        "ubatch": settings.pass_rows,
        "flash": settings.flash,
        "device": computed_on(),
    }


def _opened(model: InstalledModel, context: int, cache: Path) -> LlamaEngine:
    from ragkit.llm.engine import LlamaEngine

    return LlamaEngine(
        model.path, name=model.name, digest=model.digest, context=context, cache=cache
    )


def _messages(question: str) -> Sequence[Message]:
    """Instructions, then documents, then the question: what differs stands last."""
    return (
        Message("system", _INSTRUCTIONS, fixed=True),
        Message("user", f"{ENGLISH}\n\n{SPANISH}\n\n{ENGLISH}\n\nQuestion: {question}"),
    )


def _first_token(engine: Generator, question: str) -> float:
    """Seconds until the first token of an answer is there."""
    began = time.perf_counter()
    generation = engine.start(_messages(question))
    try:
        generation.generate(max_tokens=1, stop=())
        return time.perf_counter() - began
    finally:
        generation.close()


def _batch(engine: Generator, count: int) -> float:
    """Tokens a second of `count` answers at once, a thread each, after all have read their prompts."""
    ready = threading.Barrier(count + 1)
    written: list[int] = []
    faults: list[BaseException] = []

    def answer(question: str) -> None:
        try:
            generation = engine.start(_messages(question), opening="The answer: 1, 2, 3, 4,")
            try:
                generation.generate(max_tokens=1, stop=())
                ready.wait()
                text = generation.generate(max_tokens=_WRITTEN, stop=())
                written.append(engine.count_tokens(text))
            finally:
                generation.close()
        except BaseException as fault:  # noqa: BLE001 (raised in the thread that asked)
            faults.append(fault)
            ready.abort()

    threads = [threading.Thread(target=answer, args=(q,)) for q in _QUESTIONS[1 : count + 1]]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):  # `faults` tells why
        ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise next(
            (one for one in faults if not isinstance(one, threading.BrokenBarrierError)), faults[0]
        )
    return sum(written) / (time.perf_counter() - began)


if __name__ == "__main__":
    serve(work)
