"""The models that write: each opened once, for all pipelines with its settings; ahead, if there is time."""

from __future__ import annotations

from collections.abc import Callable

from ragkit.llm.environment import set_environment
from ragkit.llm.opening import Opening, Wanted
from ragkit.protocols import Generator
from ragkit.settings import GeneratorSettings


class Generators:
    """Keeps opened models. make: opens one; given up where it is not wanted any more."""

    def __init__(self, make: Callable[[GeneratorSettings, Wanted], Generator]) -> None:
        self._make = make
        self._open: dict[GeneratorSettings, Generator] = {}
        self._openings: dict[GeneratorSettings, Opening] = {}

    def opened(self, settings: GeneratorSettings) -> Generator:
        """Raises what `make` does, also where it was opened ahead; the next one who asks tries anew."""
        opening = self._openings.pop(settings, None)
        if opening is not None:
            self._open[settings] = opening.taken()
        if settings not in self._open:
            self._open[settings] = self._make(settings, lambda: True)
        return self._open[settings]

    def open_ahead(self, settings: GeneratorSettings) -> None:
        """Begin to open it, in a thread of its own."""
        if settings not in self._open and settings not in self._openings:
            set_environment()
            self._openings[settings] = Opening(lambda wanted: self._make(settings, wanted))

    def close(self) -> None:
        """Free those that are open, and give up what is being opened."""
        for opening in self._openings.values():
            opening.give_up()
        self._openings.clear()
        for generator in self._open.values():
            generator.close()
        self._open.clear()
