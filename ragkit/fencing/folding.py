"""One plain spelling of a text, in which disguises of letters are gone, with the way back.

Lower case, no accents, letters that look Latin as Latin ones, nothing that cannot be seen, words
joined that a line's end had cut, digits within words as the letters they stand for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_LOOKALIKES = dict(
    zip(
        "асеорхуіјѕԁһӏԛԝвкмнтгпзαεορυντκχιγβηωʀɪɢɴѵꞁօսոɡɑ",
        "aceopxyijsdhlqwbkmhtrnzaeopuvtkxiybnwrignvlouhga",
        strict=True,
    )
)
"""Cyrillic, Greek, Armenian and phonetic letters that are drawn like, or nearly like, Latin ones."""
_TAGS = range(0xE0020, 0xE007F)
_CUT_WORD = re.compile(r"(?<=[a-z])[-\u2010\u00ac][ \t]*\n[ \t]*(?=[a-z])")
_DIGITS = re.compile(r"(?<=[a-z])[013457@$](?=[a-z])|(?<![a-z0-9])[1!](?=gn[o0]r)")
_LETTERS = str.maketrans("013457@$!", "oieastasi")


@dataclass(frozen=True, slots=True)
class Folded:
    """places: int64, shape (characters + 1,), where each character of `text` stands in the original,
    the original's length last; None where they are the same."""

    text: str
    places: NDArray[np.int64] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of `text`, not empty, as a stretch of the original."""
        if self.places is None:
            return start, end
        return int(self.places[start]), int(self.places[end - 1]) + 1


def fold_disguises(text: str) -> Folded:
    """`text` in its plain spelling."""
    folded = Folded(text.lower(), None) if text.isascii() else _of_letters(text)
    folded = _without(folded, _CUT_WORD)
    plain = _DIGITS.sub(lambda found: found[0].translate(_LETTERS), folded.text)
    return Folded(plain, folded.places)


def _of_letters(text: str) -> Folded:
    letters = {sign: _plain(sign) for sign in set(text)}
    if all(len(plain) == 1 for plain in letters.values()):
        return Folded(text.translate({ord(sign): plain for sign, plain in letters.items()}), None)
    spelled = [letters[sign] for sign in text]
    lengths = np.fromiter(map(len, spelled), np.int64, len(spelled))
    places = np.repeat(np.arange(len(spelled)), lengths)
    return Folded("".join(spelled), np.append(places, len(text)))


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """What stands for one character: a few plain ones, or none for what cannot be seen."""
    if sign.isascii():
        return sign.lower()
    if ord(sign) in _TAGS:
        return chr(ord(sign) - 0xE0000).lower()
    kind = unicodedata.category(sign)
    if kind in ("Cf", "Mn", "Me") or sign in "\u115f\u1160\u3164\uffa0":
        return ""
    if kind == "Zs":
        return " "
    signs = unicodedata.normalize("NFKD", sign).lower()
    return "".join(
        _LOOKALIKES.get(each, each) for each in signs if unicodedata.category(each) != "Mn"
    )


def _without(folded: Folded, pattern: re.Pattern[str]) -> Folded:
    """Without what a pattern finds."""
    found = list(pattern.finditer(folded.text))
    if not found:
        return folded
    size = len(folded.text)
    places = np.arange(size + 1) if folded.places is None else folded.places
    kept = np.ones(size + 1, np.bool_)
    for match in found:
        kept[match.start() : match.end()] = False
    return Folded(pattern.sub("", folded.text), places[kept])
