"""The engine beside llama-cpp-python's high-level class, in turn: what each takes.

    python -m ragkit.bench.generated    {"model", "digest", "cache", "rounds", "prompts"}
                                        -> {"done", "total"}..., figures

The engine is opened as people have it: computing as was measured on this machine (llm/tuning.py). The class is
opened with its defaults, and with its best settings: every core for prompts and writing, attention as was
measured for the engine; for prompts also with flash attention, which reads fastest where it writes slowest.
Each is in a process of its own (apart.py).
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ragkit.bench.apart import Apart
from ragkit.bench.greedy import compared, prompts
from ragkit.bench.high_level import CONTEXT, HighLevelClass, clocked
from ragkit.isolation import seal
from ragkit.llm.engine import LlamaEngine
from ragkit.machine import physical_cores
from ragkit.protocols import Message

WRITTEN_TOKENS = 32
LONG_TOKENS = 64
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


class EngineSide:
    """ragkit's. The methods give seconds or texts."""

    def __init__(self, model: Path, digest: str, cache: Path, *, halves: bool) -> None:
        self.engine = LlamaEngine(
            model, name="bench", digest=digest, context=CONTEXT, cache=cache, halves=halves
        )

    def close(self) -> None:
        self.engine.close()

    def settings(self) -> dict[str, Any]:
        """How it computes."""
        return asdict(self.engine.settings)

    def text(self, prompt: str, tokens: int) -> str:
        with closing(self.engine.start([Message("user", prompt)])) as generation:
            return generation.generate(max_tokens=tokens, stop=[])

    def texts_in_eights(self, asked: Sequence[str], tokens: int) -> list[str]:
        return [
            text
            for at in range(0, len(asked), TOGETHER)
            for text in self._at_once(asked[at : at + TOGETHER], tokens)
        ]

    def tie(self, prompt: str, one: str, other: str) -> float | None:
        """Where two texts part: how much likelier (in logits) the model finds the one than the other.

        None where one of them only ends sooner.
        """
        with closing(self.engine.start([Message("user", prompt)])) as generation:
            gap = generation.odds(one, other)
        return None if gap is None else abs(gap)

    def reading(self, text: str) -> float:
        """Prompt tokens a second."""
        before = self.engine.decoded_tokens
        with closing(self.engine.start([Message("user", text)])) as generation:
            seconds = clocked(generation.read)
        return (self.engine.decoded_tokens - before) / seconds

    def writing(self, prompt: str, tokens: int) -> float:
        """Tokens a second after the first one, of one text."""
        with closing(self.engine.start([Message("user", prompt)])) as generation:
            generation.generate(max_tokens=1, stop=[])
            before = self.engine.decoded_tokens
            seconds = clocked(lambda: generation.generate(max_tokens=tokens, stop=[]))
        return (self.engine.decoded_tokens - before) / seconds

    def together(self, asked: Sequence[str], tokens: int) -> float:
        """Seconds for all answers at once."""
        return clocked(lambda: self._at_once(asked, tokens))

    def second_question(self, documents: str) -> dict[str, float]:
        """Seconds to the first token: of a first question over documents, and of a second one."""

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

    def _at_once(self, asked: Sequence[str], tokens: int) -> list[str]:
        found: dict[str, str] = {}

        def write(prompt: str) -> None:
            found[prompt] = self.text(prompt, tokens)

        threads = [threading.Thread(target=write, args=(prompt,)) for prompt in asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [found[prompt] for prompt in asked]


class Sides:
    """What is compared, each in a process of its own; they take turns."""

    def __init__(self, model: Path, digest: str, cache: Path, *, halves: bool = True) -> None:
        self.engine = Apart(EngineSide)
        self.usual, self.best, self.flash = (Apart(HighLevelClass) for _ in range(3))
        self._seed = 0
        try:
            self.engine.open(model, digest, cache, halves=halves)
            self.settings: dict[str, Any] = self.engine("settings")
            cores = {"n_threads": physical_cores(), "n_threads_batch": physical_cores()}
            self.usual.open(model, halves=halves)
            self.best.open(model, halves=halves, flash_attn=self.settings["flash"], **cores)
            self.flash.open(model, halves=halves, flash_attn=True, **cores)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for side in (self.engine, self.usual, self.best, self.flash):
            side.close()

    # Texts: see greedy.Writers

    def engine_text(self, prompt: str, tokens: int) -> str:
        return str(self.engine("text", prompt, tokens))

    def engine_texts_in_eights(self, asked: Sequence[str], tokens: int) -> list[str]:
        return list(self.engine("texts_in_eights", asked, tokens))

    def best_text(self, prompt: str, tokens: int) -> str:
        return str(self.best("text", prompt, tokens))

    def tie(self, prompt: str, one: str, other: str) -> float | None:
        gap: float | None = self.engine("tie", prompt, one, other)
        return gap

    # Rounds: what each side took

    def reading(self, number: int) -> dict[str, float]:
        sides = {"best": self.best, "flash": self.flash, "ragkit": self.engine}
        return {name: side("reading", self._long_text()) for name, side in _turned(sides, number)}

    def writing(self, number: int) -> dict[str, float]:
        sides = {"usual": self.usual, "best": self.best, "ragkit": self.engine}
        prompt = "Tell a long story about a lease."
        return {name: side("writing", prompt, LONG_TOKENS) for name, side in _turned(sides, number)}

    def eight(self, number: int) -> dict[str, float]:
        """Seconds for eight answers: in a row through the class, at once through the engine."""
        asked = [f"{prompt} ({number})" for prompt in prompts(50)[::6][:TOGETHER]]
        return {
            "usual": self.usual("in_a_row", asked, WRITTEN_TOKENS),
            "ragkit": self.engine("together", asked, WRITTEN_TOKENS),
        }

    def second_question(self) -> dict[str, float]:
        taken: dict[str, float] = self.engine("second_question", self._long_text())
        return taken

    def choosing(self) -> dict[str, float]:
        taken: dict[str, float] = self.engine("choosing")
        return taken

    def _long_text(self) -> str:
        """Another one every time: nothing of it was read before."""
        self._seed += 1
        return long_text(self._seed)


def _turned(sides: Mapping[str, Apart], number: int) -> Iterator[tuple[str, Apart]]:
    """Another side begins each round: what a processor does after a pause is for none alone."""
    pairs = list(sides.items())
    first = number % len(pairs)
    return iter(pairs[first:] + pairs[:first])


def measured(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Progress, then the figures."""
    opened = Path(request["model"]), request["digest"], Path(request["cache"])
    rounds = request["rounds"]
    with closing(Sides(*opened, halves=False)) as bytewise, closing(Sides(*opened)) as sides:
        figures: dict[str, Any] = {"texts": compared(sides, bytewise, request["prompts"])}
        figures["settings"] = sides.settings
        works: dict[str, Callable[[int], dict[str, float]]] = {
            "reading": sides.reading,
            "writing": sides.writing,
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
    # The parent has decided what level it accepts, and its filter is inherited.
    seal(accept_weak=True)
    request = json.load(sys.stdin)
    for line in measured(request):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
