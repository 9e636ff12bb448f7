"""`ragkit models bench`: what is timed, with an engine of Python whose clock stands under our control."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import CheckFailed, NotReady
from ragkit.flows import benching_models
from ragkit.flows.benching_models import bench_model, measured, work
from ragkit.llm.offloading import computed_on
from ragkit.llm.runtime import ContextSettings
from ragkit.models import InstalledModel
from ragkit.protocols import Message
from ragkit.rendering import models as rendering
from ragkit.types.models import Batch, Computing, ModelBench
from tests.models.gguf_files import gguf


def nothing(*_: object) -> None:
    """No progress."""


COMPUTING = Computing(threads=2, batch_threads=4, batch=512, ubatch=128, flash=False)
ON_A_CARD = replace(COMPUTING, device="llama.cpp computes on a card.")


class Engine:
    """Words are tokens. Counts what runs at once."""

    name, digest, context = "tiny", "ab" * 32, 2048
    settings = ContextSettings(4608, 14, threads=2, batch_threads=4, batch=512, flash=False)

    def __init__(self, parallel: int = 8, fails: bool = False) -> None:
        self.parallel, self.fails = parallel, fails
        self.prompts: list[tuple[Message, ...]] = []
        self.at_once: list[int] = []
        self.closed = False
        self._running, self._lock = 0, threading.Lock()

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def start(self, messages: Sequence[Message], *, opening: str = "") -> Answer:
        self.prompts.append(tuple(messages))
        if self.fails and opening:
            raise NotReady("no memory")
        with self._lock:
            self._running += 1
        return Answer(self)

    def finished(self) -> None:
        with self._lock:
            self.at_once.append(self._running)
            self._running -= 1

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Answer:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def generate(self, *, max_tokens: int, stop: Sequence[str]) -> str:
        return "word " * max_tokens

    def close(self) -> None:
        self._engine.finished()


@pytest.fixture
def model(tmp_path: Path) -> InstalledModel:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf())
    return InstalledModel("tiny", path, "ab" * 32, None)


def test_batches_run_at_once_and_progress_is_told() -> None:
    engine, seen = Engine(), list[tuple[int, int]]()
    told = measured(engine, lambda *part: seen.append(part))
    assert [count for count, _ in told["batches"]] == [1, 2, 4, 8]
    assert all(speed > 0 for _, speed in told["batches"])
    assert max(engine.at_once) == 8
    assert seen == [(done, 6) for done in range(1, 7)]
    assert told["context"] == 2048


def test_cold_and_warm_share_all_but_the_question() -> None:
    engine = Engine()
    told = measured(engine, nothing)
    cold, warm = engine.prompts[:2]
    assert cold[0] == warm[0]
    assert cold[0].fixed
    assert not cold[1].fixed
    beginnings = [prompt[1].content.rpartition("Question:")[0] for prompt in (cold, warm)]
    assert beginnings[0] == beginnings[1]
    assert cold[1] != warm[1]
    assert told["prompt_tokens"] > 200
    assert told["prompt"] == pytest.approx(told["prompt_tokens"] / told["cold"])


def test_no_more_at_once_than_the_engine_is_made_for() -> None:
    told = measured(Engine(parallel=2), nothing)
    assert [count for count, _ in told["batches"]] == [1, 2]


def test_a_fault_of_one_answer_is_told_and_nothing_hangs() -> None:
    with pytest.raises(NotReady, match="no memory"):
        measured(Engine(fails=True), nothing)


def test_the_process_measures_or_begins_and_closes_the_engine(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    monkeypatch.setattr(benching_models, "_opened", lambda *_: engine)
    job = {"path": str(model.path), "name": "tiny", "digest": "ab", "context": 2048, "cache": "/x"}
    assert set(work({**job, "do": "first"}, nothing)) == {"load", "first"}
    told = work({**job, "do": "all"}, nothing)
    assert "batches" in told
    assert told["computing"] == {**asdict(COMPUTING), "device": computed_on()}
    assert engine.closed


def test_both_processes_make_one_table(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    told = {"context": 2048, "prompt_tokens": 500, "prompt": 50.0, "cold": 10.0, "warm": 1.0}

    def apart(module: str, job: dict[str, Any], what: str, on_part: object) -> dict[str, Any]:
        assert cache.is_dir()
        assert job["writes"] == [str(cache)]
        if job["do"] == "first":
            return {"load": 0.2, "first": 9.0}
        return {**told, "computing": asdict(COMPUTING), "batches": [[1, 5.0], [8, 20.0]]}

    monkeypatch.setattr(benching_models, "run_apart", apart)
    found = bench_model(model, context=2048, cache=cache, on_step=nothing)
    assert not cache.exists()
    assert (found.load, found.restarted, found.quantization) == (0.2, 9.0, "Q8_0")
    assert found.batches == (Batch(1, 5.0), Batch(8, 20.0))
    assert found.computing == COMPUTING


def test_a_file_that_llama_cannot_load_is_a_sentence(model: InstalledModel, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.raises(CheckFailed, match=r"tiny\.gguf cannot be loaded"):
        bench_model(model, context=2048, cache=cache, on_step=nothing)
    assert not cache.exists()


@pytest.mark.long
@pytest.mark.real
def test_the_starter_is_measured_through_the_engine(
    starter_models: dict[str, Path], tmp_path: Path
) -> None:
    path = starter_models["SmolLM2-135M-Instruct"]
    found = bench_model(
        InstalledModel("starter", path, "ab" * 32, None),
        context=4096,
        cache=tmp_path / "cache",
        on_step=nothing,
    )
    assert [batch.count for batch in found.batches] == [1, 2, 4, 8]
    assert min(found.cold, found.warm, found.restarted, found.load, found.prompt) > 0
    assert not (tmp_path / "cache").exists()


def test_in_words() -> None:
    found = ModelBench(
        name="m", quantization="Q8_0", size=10**9, context=4096, prompt_tokens=600, prompt=60.0,
        load=0.5, cold=10.0, warm=0.4, restarted=9.0, computing=ON_A_CARD,
        batches=(Batch(1, 10.0), Batch(8, 31.0)),
    )  # fmt: skip
    text = rendering.bench(found)
    assert "cold 10.00 s, with the beginning read before 0.40 s, in a new process 9.00 s" in text
    assert "3.10x" in text
    assert "llama.cpp computes on a card.\n" in text
    assert "no flash attention, 4 threads for prompts and 2 for writing" in text
