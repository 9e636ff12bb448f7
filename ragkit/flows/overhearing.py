"""A generator whose texts are overheard as they end: to count what is written, or to note prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ragkit.flows.passing_on import Around
from ragkit.protocols import GREEDY, Generation, Generator, Message, OnText, Sampling


@dataclass(frozen=True, slots=True)
class Heard:
    """One text. said: what the model wrote and chose, and was given to say, after `opening`."""

    messages: tuple[Message, ...]
    opening: str
    said: str


class Overheard(Around):
    """Implements protocols.Generator over another one.

    hear: given each text when it is closed, in the thread that closes it; of several threads, maybe at
    the same moment.
    """

    def __init__(self, generator: Generator, hear: Callable[[Heard], None]) -> None:
        super().__init__(generator)
        self._hear = hear

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> Generation:
        generation = self._generator.start(messages, opening=opening, seconds=seconds)
        return _OverheardGeneration(generation, tuple(messages), opening, self._hear)


class _OverheardGeneration:
    """Implements protocols.Generation over another one."""

    def __init__(
        self,
        generation: Generation,
        messages: tuple[Message, ...],
        opening: str,
        hear: Callable[[Heard], None],
    ) -> None:
        self._generation = generation
        self._messages = messages
        self._opening = opening
        self._hear: Callable[[Heard], None] | None = hear
        self._said = ""

    @property
    def certainty(self) -> float:
        return self._generation.certainty

    @property
    def ended(self) -> bool:
        return self._generation.ended

    def write(self, text: str) -> None:
        self._generation.write(text)
        self._said += text

    def generate(
        self,
        *,
        max_tokens: int,
        stop: Sequence[str],
        sampling: Sampling = GREEDY,
        on_text: OnText | None = None,
    ) -> str:
        text = self._generation.generate(
            max_tokens=max_tokens, stop=stop, sampling=sampling, on_text=on_text
        )
        self._said += text
        return text

    def choose(self, options: Sequence[str]) -> str:
        chosen = self._generation.choose(options)
        self._said += chosen
        return chosen

    def close(self) -> None:
        self._generation.close()
        hear, self._hear = self._hear, None
        if hear is not None:
            hear(Heard(self._messages, self._opening, self._said))
