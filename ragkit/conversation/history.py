"""The turns that are remembered: in memory only, within a budget, the oldest forgotten first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ragkit.types.conversation import Turn

MOST_TURNS = 50
"""A rewriting looks at the last turn, /sources and /why at the last, /forget by number at any that a
person still remembers."""
MOST_CHARACTERS = 400_000
"""Of all turns as they would be saved; one of the sample corpora has 3,700, five of them measured."""


class History:
    """Turns in their order. turns, characters: the budget."""

    def __init__(self, turns: int = MOST_TURNS, characters: int = MOST_CHARACTERS) -> None:
        self._most, self._most_characters = turns, characters
        self._turns: list[Turn] = []
        self._sizes: dict[int, int] = {}
        self.next_number = 1

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(tuple(self._turns))

    @property
    def last(self) -> Turn | None:
        return self._turns[-1] if self._turns else None

    def add(self, turn: Turn) -> list[Turn]:
        """Remember a turn. Returns those that are forgotten for it; the newest never is."""
        self._turns.append(turn)
        self._sizes[turn.number] = len(line_of(turn))
        self.next_number = turn.number + 1
        forgotten = []
        while len(self._turns) > 1 and self._is_over():
            forgotten.append(self._turns[0])
            self._remove(self._turns[0])
        return forgotten

    def _is_over(self) -> bool:
        return len(self._turns) > self._most or sum(self._sizes.values()) > self._most_characters

    def forget(self, is_meant: Callable[[Turn], bool]) -> list[Turn]:
        """Remove turns; returns them."""
        gone = [turn for turn in self._turns if is_meant(turn)]
        for turn in gone:
            self._remove(turn)
        return gone

    def replace(self, turns: list[Turn]) -> None:
        """The same turns with less in them."""
        self._turns = turns

    def _remove(self, turn: Turn) -> None:
        self._turns.remove(turn)
        del self._sizes[turn.number]


def line_of(turn: Turn) -> str:
    """A turn as one line of JSON, without the figures behind its answer."""
    data = turn.as_dict()
    data.pop("explanation", None)
    return json.dumps(data, ensure_ascii=False)
