"""Short measurements of a model: how fast it reads and writes here, and what it holds likeliest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ragkit.llm import native
from ragkit.llm.handle import ModelHandle
from ragkit.llm.offloading import layers_here
from ragkit.llm.runtime import ContextSettings, LlamaRuntime, Row
from ragkit.llm.vocabulary import Vocabulary
from ragkit.types.models import Speeds

PROMPT_TOKENS = 256
WRITTEN_TOKENS = 24
"""Enough that one token's jitter is below a twentieth, few enough for a 14 billion model to be done in
half a minute on two cores."""
_ROUNDS = 2
"""The faster one counts: the first also brings the weights from the disk."""
_AT_ONCE = 64
"""Tokens whose successors are asked for in one batch."""
_FEWEST = 8
"""Of a text's first tokens nothing can be foretold: they are not compared."""

ENGLISH = (
    "The tenant shall pay the rent on the first working day of each month by bank transfer to the "
    "account named in the schedule. If the rent is not paid within fourteen days of that day, the "
    "landlord may charge interest at four per cent above the base rate. The tenant shall keep the "
    "rooms clean and in good repair, and shall not make any change to the building without the "
    "landlord's written consent. The patient was seen in clinic on Monday with a cough that had "
    "lasted for three weeks. There was no fever. The chest was clear, the blood pressure was 128 over "
    "76, and the medicine was left unchanged until the next visit in six months."
)
SPANISH = (
    "El arrendatario pagará la renta el primer día hábil de cada mes mediante transferencia a la "
    "cuenta indicada en el anexo. Si la renta no se paga en los catorce días siguientes, el "
    "arrendador podrá cobrar un interés de cuatro puntos sobre el tipo básico. El arrendatario "
    "mantendrá las habitaciones limpias y en buen estado, y no hará ningún cambio en el edificio sin "
    "el consentimiento escrito del arrendador. La paciente acudió a la consulta el lunes con tos de "
    "tres semanas. No tenía fiebre. La tensión era de 128 sobre 76, y no se cambió la medicación "
    "hasta la próxima visita, dentro de seis meses."
)
OWN_TEXTS = (ENGLISH, SPANISH)
"""Written for this; used where no pipeline is given."""


class Measured:
    """A model opened for measuring. Made by `opened`."""

    def __init__(self, model: object, threads: int, *, flash: bool) -> None:
        self._model, self._threads, self._flash = model, threads, flash
        self._vocabulary = Vocabulary(native.library(), ModelHandle(model, native.free_model))

    def speeds(self) -> Speeds:
        """The best of two rounds."""
        tokens = self._tokens(" ".join(OWN_TEXTS) * 4)[:PROMPT_TOKENS]
        with self._runtime(PROMPT_TOKENS + WRITTEN_TOKENS, 1, PROMPT_TOKENS) as runtime:
            rounds = [_round(runtime, tokens) for _ in range(_ROUNDS)]
        return Speeds(max(one.prompt for one in rounds), max(one.generation for one in rounds))

    def likeliest(self, texts: Sequence[str], on_tokens: Callable[[int], None]) -> list[list[int]]:
        """For each text, the token held likeliest after each of its tokens but the first few."""
        found, done = [], 0
        for text in texts:
            tokens = self._tokens(text)
            with self._runtime(len(tokens) + 1, _AT_ONCE, _AT_ONCE) as runtime:
                likeliest: list[int] = []
                for start in range(0, len(tokens), _AT_ONCE):
                    part = tokens[start : start + _AT_ONCE]
                    runtime.decode([Row(t, 0, start + n, True) for n, t in enumerate(part)])
                    likeliest += [int(np.argmax(runtime.logits(n))) for n in range(len(part))]
                    done += len(part)
                    on_tokens(done)
            found.append(likeliest[_FEWEST:])
        return found

    def _tokens(self, text: str) -> list[int]:
        opening = self._vocabulary.opening_token
        return [*([] if opening is None else [opening]), *self._vocabulary.tokenize(text)]

    @contextmanager
    def _runtime(self, cells: int, slots: int, batch: int) -> Iterator[LlamaRuntime]:
        threads = self._threads
        settings = ContextSettings(cells, slots, threads, threads, batch, flash=self._flash)
        runtime = LlamaRuntime(self._model, settings)
        try:
            yield runtime
        finally:
            runtime.close()


@contextmanager
def opened(path: Path, threads: int) -> Iterator[Measured]:
    """Raises CheckFailed, NotReady."""
    layers = layers_here(path, PROMPT_TOKENS + WRITTEN_TOKENS)
    model = native.load_model(path, gpu_layers=layers)
    try:
        yield Measured(
            model, threads, flash=layers != 0
        )  # as the engine's usual way (attention.py)
    finally:
        native.free_model(model)


def _round(runtime: LlamaRuntime, tokens: list[int]) -> Speeds:
    runtime.cut(0, 0)
    last = len(tokens) - 1
    began = time.perf_counter()
    runtime.decode([Row(token, 0, place, place == last) for place, token in enumerate(tokens)])
    token = int(np.argmax(runtime.logits(last)))
    read = time.perf_counter()
    for place in range(len(tokens), len(tokens) + WRITTEN_TOKENS):
        runtime.decode([Row(token, 0, place, True)])
        token = int(np.argmax(runtime.logits(0)))
    written = time.perf_counter()
    return Speeds(len(tokens) / (read - began), WRITTEN_TOKENS / (written - read))
