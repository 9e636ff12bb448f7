"""A generator that says what a test wrote for it. Ships with the library, for its users' tests too."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from ragkit.errors import UsageFault
from ragkit.protocols import GREEDY, Message, OnText, Sampling


class ScriptedGenerator:
    """Implements protocols.Generator. Each `generate` takes the next of `texts`, each `choose` of `choices`.

    A text is cut at the first stop string, as a model's would be. When the texts are used up, the
    model has ended its turn. A choice that is missing or not among the options becomes the first one.
    """

    name = "scripted"
    digest = "0" * 64
    parallel = 1  # texts are taken in the order in which they are asked for

    def __init__(
        self, texts: Iterable[str] = (), choices: Iterable[str] = (), *, context: int = 100_000
    ) -> None:
        self.context = context
        self.texts = deque(texts)
        self.choices = deque(choices)
        self.prompts: list[tuple[tuple[Message, ...], str]] = []
        """What was started: the messages and the opening of each."""
        self.open_generations = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> ScriptedGeneration:
        needed = sum(self.count_tokens(message.content) for message in messages)
        if needed >= self.context:
            raise UsageFault(f"the prompt needs {needed} tokens and the model has {self.context}")
        self.prompts.append((tuple(messages), opening))
        self.open_generations += 1
        return ScriptedGeneration(self)

    def close(self) -> None:
        self.texts.clear()


class ScriptedGeneration:
    """Implements protocols.Generation for ScriptedGenerator."""

    def __init__(self, generator: ScriptedGenerator) -> None:
        self._generator = generator
        self._on_close: Callable[[], None] | None = self._leave
        self.ended = False
        self.certainty = 1.0
        self.text = ""

    def write(self, text: str) -> None:
        self._require_open()
        self.text += text

    def generate(
        self,
        *,
        max_tokens: int,
        stop: Sequence[str],
        sampling: Sampling = GREEDY,
        on_text: OnText | None = None,
    ) -> str:
        self._require_open()
        if not self._generator.texts:
            self.ended = True
            return ""
        said = " ".join(self._generator.texts.popleft().split(" ")[:max_tokens])
        places = [said.find(mark) for mark in stop]
        said = said[: min((place for place in places if place >= 0), default=len(said))]
        self.text += said
        if on_text is not None and said:
            on_text(said)
        return said

    def choose(self, options: Sequence[str]) -> str:
        self._require_open()
        if not options:
            raise ValueError("there must be an option to choose")
        scripted = self._generator.choices.popleft() if self._generator.choices else ""
        chosen = scripted if scripted in options else options[0]
        self.text += chosen
        return chosen

    def close(self) -> None:
        if self._on_close is not None:
            self._on_close()
            self._on_close = None

    def _require_open(self) -> None:
        if self._on_close is None:
            raise RuntimeError("this generation is closed")

    def _leave(self) -> None:
        self._generator.open_generations -= 1
