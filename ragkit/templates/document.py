"""A document as templates search it: folded, in sentences under their headings, with its values."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ragkit.folding import folded_in_place
from ragkit.templates.amounts import amounts_in
from ragkit.templates.values import (
    Value,
    dates_in,
    durations_in,
    names_in,
    writes_day_first,
)
from ragkit.types import Span
from ragkit.types.fields import FieldType


@dataclass(frozen=True)
class Reading:
    """A document as it is searched. sentences: in order; sections: the heading path of each, shape
    (len(sentences),)."""

    text: str
    sentences: Sequence[Span]
    sections: Sequence[str]
    title: str = ""
    kind: str = ""
    language: str = ""

    @cached_property
    def folded(self) -> str:
        return folded_in_place(self.text).replace("’", "'")

    @cached_property
    def _values(self) -> dict[FieldType, Sequence[Value]]:
        return {}

    def _values_of(self, kind: FieldType) -> Sequence[Value]:
        """All dates, amounts or lengths of time, in order; found once, since every rule asks."""
        if kind not in self._values:
            find: dict[FieldType, Callable[[], Iterator[Value]]] = {
                "date": lambda: dates_in(self.folded, self._is_day_first),
                "duration": lambda: durations_in(self.folded),
                "money": lambda: amounts_in(self.folded, self._is_spanish),
            }
            self._values[kind] = tuple(find[kind]()) if kind in find else ()
        return self._values[kind]

    @property
    def _is_spanish(self) -> bool:
        return self.language == "es"

    @property
    def _is_day_first(self) -> bool | None:
        """As its other dates tell; else so in Spanish, and in English, which has both ways, not known."""
        told = writes_day_first(self.folded)
        return True if told is None and self._is_spanish else told

    @cached_property
    def starts(self) -> list[int]:
        return [span.start for span in self.sentences]

    def sentence_at(self, place: int) -> Span:
        """The sentence, or the line where a place is in none."""
        index = bisect.bisect_right(self.starts, place) - 1
        if index >= 0 and self.sentences[index].end > place:
            return self.sentences[index]
        end = self.text.find("\n", place)
        return Span(self.text.rfind("\n", 0, place) + 1, end if end >= 0 else len(self.text))

    def section_at(self, place: int) -> str:
        index = bisect.bisect_right(self.starts, place) - 1
        return folded_in_place(self.sections[index]) if index >= 0 else ""

    def values_between(self, kind: FieldType, start: int, end: int) -> Iterator[Value]:
        """The values of a type that lie between two places."""
        if kind == "text":
            yield from names_in(self.text, start, end)
            return
        values = self._values_of(kind)
        first = bisect.bisect_left(values, start, key=lambda value: value.start)
        for value in values[first:]:
            if value.end > end:
                return
            yield value
