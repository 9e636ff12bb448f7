"""Where the words of a quote stand among the pieces of a page, letter by letter.

A page's text is made of the words on the page: hyphens at the ends of lines are taken out, cells are
parted by bars, white space is closed up. What stays the same is the letters and digits and, almost
always, their order; so those alone are compared.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LEAST_FOUND = 0.6
"""Share of a quote's letters that must be found, where they do not stand in one stretch: below that
what is marked may be anything."""
_TELLING, _NEAR = 4, 300
"""Letters of a stretch that tell it from others; shorter ones are looked for this near to the last."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of pieces of text, and of each the piece and its character there."""

    text: str
    pieces: tuple[int, ...]
    characters: tuple[int, ...]


def letters_of(pieces: Iterable[str]) -> Letters:
    """Compatibility forms spelt out and without case: "ﬁ" is "fi"."""
    text, numbers, characters = [], [], []
    for number, piece in enumerate(pieces):
        for character, sign in enumerate(piece):
            for letter in unicodedata.normalize("NFKC", sign).casefold():
                if letter.isalnum():
                    text.append(letter)
                    numbers.append(number)
                    characters.append(character)
    return Letters("".join(text), tuple(numbers), tuple(characters))


def count_earlier(words: str, before: str) -> int:
    """How often the letters of `words` stand in `before`."""
    wanted, text = letters_of([words]).text, letters_of([before]).text
    return len(list(_occurrences(wanted, text))) if wanted else 0


def places_of(words: str, earlier: int, letters: Letters) -> list[range]:
    """Stretches of `letters` that are the words; none where they are not found.

    earlier: how often the same words come before. Where the page has them less often than that, the
    last of them is taken: what repeats on every page is left out of the text.
    """
    wanted = letters_of([words]).text
    if not wanted:
        return []
    found = list(_occurrences(wanted, letters.text))
    if found:
        start = found[min(earlier, len(found) - 1)]
        return [range(start, start + len(wanted))]
    return _in_stretches(words, letters.text)


def _occurrences(wanted: str, text: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + 1)


def _in_stretches(words: str, text: str) -> list[range]:
    """The longest stretches of whole words one after the other, each near the one before."""
    wanted = [found.text for word in words.split() if (found := letters_of([word])).text]
    stretches: list[range] = []
    place, first = 0, 0
    while first < len(wanted):
        count, start = _longest(wanted[first:], text, place, is_first=not stretches)
        if count:
            length = len("".join(wanted[first : first + count]))
            stretches.append(range(start, start + length))
            place = start + length
        first += max(1, count)
    share = sum(map(len, stretches)) / max(1, len("".join(wanted)))
    return stretches if share >= LEAST_FOUND else []


def _longest(wanted: Sequence[str], text: str, place: int, *, is_first: bool) -> tuple[int, int]:
    """(how many of the words stand together, where): the most that do, nearest to `place`."""
    best, joined = (0, 0), ""
    for count, word in enumerate(wanted, start=1):
        joined += word
        starts = list(_occurrences(joined, text))
        if not starts:
            break
        start = min(starts, key=lambda each: abs(each - place))
        if len(joined) >= _TELLING or (not is_first and abs(start - place) <= _NEAR):
            best = (count, start)
    return best
