"""The engine beside llama-cpp-python's high-level class, in one process, in turn: what each takes.

    python -m ragkit.bench.generated    {"model", "digest", "cache", "rounds", "prompts"}
                                        -> {"done", "total"}..., figures

The engine is opened as people have it: computing as was measured on this machine (llm/tuning.py). The class is
opened with its defaults, and with its best settings: every core for prompts and writing, attention as was
measured for the engine; for prompts also with flash attention, which reads fastest where it writes slowest.
Owner of llama_cpp for that. Where llama.cpp was built for Intel AMX it would
crash at the first token; the layout that does is withheld from both sides (llm/native.py).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ragkit.bench.greedy import compared, prompts
from ragkit.isolation import seal
from ragkit.llm import native
from ragkit.llm.engine import LlamaEngine
from ragkit.machine import physical_cores
from ragkit.protocols import Message

CONTEXT = 4096
WRITTEN_TOKENS = 32
LONG_WORDS = 420
TOGETHER = 8
CHOICES = 12
OPTIONS = tuple(str(number) for number in range(1, 10))


def long_text(seed: int) -> str:
    """Plain sentences, different from the first word on."""
    words = ("supplier", "patient", "notice", "dose", "invoice", "agreement", "clinic", "payment")
    chosen = [words[(seed * 31 + place * 7 + place // 5) % len(words)] for place in range(60)]
    text = f"Document {seed}. " + " ".join(f"The {word} comes first." for word in chosen)
    return " ".join(text.split()[:LONG_WORDS])


class Sides:
    """What is compared. Each method gives seconds, or the seconds of both sides."""

    def __init__(self, model: Path, digest: str, cache: Path, *, halves: bool = True) -> None:
        native.library()
        from llama_cpp import GGML_TYPE_Q8_0, Llama

        cores = physical_cores()
        self.engine = LlamaEngine(
            model, name="bench", digest=digest, context=CONTEXT, cache=cache, halves=halves
        )
        common: dict[str, Any] = {"n_ctx": CONTEXT, "verbose": False}
        if not halves:
            common |= {"type_k": GGML_TYPE_Q8_0, "type_v": GGML_TYPE_Q8_0, "flash_attn": True}
        self.usual = Llama(str(model), **common)
        best = {"n_threads": cores, "n_threads_batch": cores}
        self.best = Llama(
            str(model), **{**common, **best, "flash_attn": self.engine.settings.flash}
        )
        self.flash = Llama(str(model), **{**common, **best, "flash_attn": True})
        self._seed = 0

    def close(self) -> None:
        for side in (self.engine, self.usual, self.best, self.flash):
            side.close()

    # Texts

    def engine_text(self, prompt: str, tokens: int) -> str:
        with closing(self.engine.start([Message("user", prompt)])) as generation:
            return generation.generate(max_tokens=tokens, stop=[])

    def class_text(self, llama: Any, prompt: str, tokens: int) -> str:
        response = llama.create_chat_completion(
            [{"role": "user", "content": prompt}],
            temperature=0.0,
            repeat_penalty=1.0,
            max_tokens=tokens,
        )
        return str(response["choices"][0]["message"]["content"])

    def engine_texts_in_eights(self, asked: Sequence[str], tokens: int) -> list[str]:
        return [
            text
            for at in range(0, len(asked), TOGETHER)
            for text in self.engine_texts_at_once(asked[at : at + TOGETHER], tokens)
        ]

    def best_text(self, prompt: str, tokens: int) -> str:
        return self.class_text(self.best, prompt, tokens)

    def engine_texts_at_once(self, asked: Sequence[str], tokens: int) -> list[str]:
        found: dict[str, str] = {}

        def write(prompt: str) -> None:
            found[prompt] = self.engine_text(prompt, tokens)

        threads = [threading.Thread(target=write, args=(prompt,)) for prompt in asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [found[prompt] for prompt in asked]

    def tie(self, prompt: str, one: str, other: str) -> float | None:
        """Where two texts part: how much likelier (in logits) the model finds the one than the other.

        None where one of them only ends sooner.
        """
        with closing(self.engine.start([Message("user", prompt)])) as generation:
            gap = generation.odds(one, other)
        return None if gap is None else abs(gap)

    # Seconds

    def reading(self) -> dict[str, float]:
        """Prompt tokens a second."""
        best, flash = self._class_reading(self.best), self._class_reading(self.flash)
        self._seed += 1
        text = long_text(self._seed)
        before = self.engine.decoded_tokens
        with closing(self.engine.start([Message("user", text)])) as generation:
            own = clocked(generation.read)
        return {
            "best": best,
            "flash": flash,
            "ragkit": (self.engine.decoded_tokens - before) / own,
        }

    def _class_reading(self, llama: Any) -> float:
        self._seed += 1
        tokens = llama.tokenize(long_text(self._seed).encode())
        llama.reset()
        return len(tokens) / clocked(lambda: llama.eval(tokens))

    def writing(self) -> dict[str, float]:
        """Tokens a second after the first one, of one text."""
        prompt = "Tell a long story about a lease."
        return {
            "usual": self._class_speed(self.usual, prompt),
            "best": self._class_speed(self.best, prompt),
            "ragkit": self._engine_speed(prompt),
        }

    def _class_speed(self, llama: Any, prompt: str) -> float:
        llama.reset()
        parts = llama.create_chat_completion(
            [{"role": "user", "content": prompt}],
            temperature=0.0,
            repeat_penalty=1.0,
            max_tokens=WRITTEN_TOKENS,
            stream=True,
        )
        moments = [
            time.perf_counter() for part in parts if "content" in part["choices"][0]["delta"]
        ]
        return (len(moments) - 1) / (moments[-1] - moments[0])

    def _engine_speed(self, prompt: str) -> float:
        with closing(self.engine.start([Message("user", prompt)])) as generation:
            generation.generate(max_tokens=1, stop=[])
            before = self.engine.decoded_tokens
            seconds = clocked(lambda: generation.generate(max_tokens=WRITTEN_TOKENS, stop=[]))
        return (self.engine.decoded_tokens - before) / seconds

    def eight(self, number: int) -> dict[str, float]:
        """Seconds for eight answers: in a row through the class, at once through the engine."""
        asked = [f"{prompt} ({number})" for prompt in prompts(50)[::6][:TOGETHER]]

        def in_a_row() -> None:
            for prompt in asked:
                self.class_text(self.usual, prompt, WRITTEN_TOKENS)

        return {
            "usual": clocked(in_a_row),
            "ragkit": clocked(lambda: self.engine_texts_at_once(asked, WRITTEN_TOKENS)),
        }

    def second_question(self) -> dict[str, float]:
        """Seconds to the first token: of a first question over documents, and of a second one."""
        self._seed += 1
        documents = long_text(self._seed)

        def ask(question: str) -> None:
            messages = [Message("user", f"{documents}\n\n{question}")]
            with closing(self.engine.start(messages)) as generation:
                generation.generate(max_tokens=1, stop=[])

        return {
            "first": clocked(lambda: ask("Who pays?")),
            "second": clocked(lambda: ask("When does it end?")),
        }

    def choosing(self) -> dict[str, float]:
        """Seconds for as many tokens, written freely and chosen among nine numbers."""
        taken = {"free": 0.0, "masked": 0.0}
        with closing(self.engine.start([Message("user", "Count.")])) as generation:
            for _ in range(CHOICES):  # in turn: what disturbs one disturbs the other
                taken["free"] += clocked(lambda: generation.generate(max_tokens=1, stop=[]))
                taken["masked"] += clocked(lambda: generation.choose(OPTIONS))
        return taken


def clocked(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measured(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Progress, then the figures."""
    opened = Path(request["model"]), request["digest"], Path(request["cache"])
    rounds = request["rounds"]
    with closing(Sides(*opened)) as sides:
        with closing(Sides(*opened, halves=False)) as bytewise:
            figures: dict[str, Any] = {"texts": compared(sides, bytewise, request["prompts"])}
        figures["settings"] = asdict(sides.engine.settings)
        works: dict[str, Callable[[int], dict[str, float]]] = {
            "reading": lambda _: sides.reading(),
            "writing": lambda _: sides.writing(),
            "eight": sides.eight,
            "second_question": lambda _: sides.second_question(),
            "choosing": lambda _: sides.choosing(),
        }
        for number in range(rounds):
            yield {"done": number, "total": rounds}
            for name, work in works.items():
                figures.setdefault(name, []).append(work(number))
        yield figures


def main() -> int:
    """The child's side."""
    seal(
        accept_weak=True
    )  # the parent has decided what level it accepts, and its filter is inherited
    request = json.load(sys.stdin)
    for line in measured(request):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
