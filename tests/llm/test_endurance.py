"""A thousand requests, a third of them cancelled at some moment: no leak, and no text of another's."""

from __future__ import annotations

import random
import threading
from contextlib import closing
from pathlib import Path

import pytest

from ragkit.errors import Interrupted
from ragkit.llm.engine import LlamaEngine
from ragkit.protocols import Message
from tests.llm.test_engine_real import PROMPTS, is_anothers, model_path

pytestmark = [pytest.mark.real, pytest.mark.long]

REQUESTS = 1000
THREADS = 4
TOKENS = 6
SYSTEM = Message("system", "You answer in a few words.", fixed=True)
FLAT = 1.03


def resident() -> int:
    """Bytes of memory of this process."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


class Asking:
    """Threads that ask at random; `wrong` are texts of another question."""

    def __init__(self, engine: LlamaEngine) -> None:
        self._engine = engine
        self._expected = {prompt: self._said(prompt) for prompt in PROMPTS}
        self.wrong: list[tuple[str, str]] = []
        self.finished = self.cancelled = 0
        self._counting = threading.Lock()  # protects the two numbers above

    def _said(self, prompt: str) -> str:
        with closing(self._engine.start([SYSTEM, Message("user", prompt)])) as generation:
            return generation.generate(max_tokens=TOKENS, stop=[])

    def run(self, requests: int, seed: int) -> None:
        works = [
            threading.Thread(target=self._work, args=(requests // THREADS, seed * THREADS + n))
            for n in range(THREADS)
        ]
        for work in works:
            work.start()
        for work in works:
            work.join()

    def _work(self, requests: int, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(requests):
            prompt = chance.choice(PROMPTS)
            if chance.random() < 1 / 3:
                self._cancel_soon(prompt, chance.random() * 0.1)
                continue
            said = self._said(prompt)
            own = self._expected[prompt]
            if is_anothers(said, own, (text for text in self._expected.values() if text != own)):
                self.wrong.append((prompt, said))
            with self._counting:
                self.finished += 1

    def _cancel_soon(self, prompt: str, seconds: float) -> None:
        with closing(self._engine.start([SYSTEM, Message("user", prompt)])) as generation:
            timer = threading.Timer(seconds, generation.close)
            timer.start()
            try:
                generation.generate(max_tokens=200, stop=[])
            except (Interrupted, RuntimeError):  # it may be closed before it begins
                with self._counting:
                    self.cancelled += 1
            finally:
                timer.cancel()


def test_a_thousand_requests_leave_nothing_behind() -> None:
    with LlamaEngine(
        model_path(), name="s", digest="0" * 64, context=1024, threads=2, halves=False
    ) as engine:
        asking = Asking(engine)
        asking.run(REQUESTS // 5, seed=0)
        before = resident()
        asking.run(REQUESTS - REQUESTS // 5, seed=1)
        after = resident()
    assert asking.wrong == []
    assert asking.finished > REQUESTS // 2
    assert asking.cancelled > REQUESTS // 4
    assert after < FLAT * before
