"""A generator around another one: what the flows lay around a model while they work with it."""

from __future__ import annotations

from ragkit.protocols import Generator


class Around:
    """Passes on all of protocols.Generator but `start`, which is what its heirs are for."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.name = generator.name
        self.digest = generator.digest
        self.context = generator.context
        self.parallel = generator.parallel

    def count_tokens(self, text: str) -> int:
        return self._generator.count_tokens(text)

    def close(self) -> None:
        self._generator.close()
