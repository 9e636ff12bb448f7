"""Characters that no reader of a page sees, and that can carry words to a machine all the same.

Unicode tags spell out whole instructions unseen; zero-width characters cut a word so that no search
finds it; direction controls show a text in another order than it is read in. Where a script or an
emoji needs such a character it stays.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

KIND = "invisible characters"
"""As a kind of hidden text."""

_TAGS = "\U000e0000-\U000e007f"
_VARIANTS = "\U000e0100-\U000e01ef"
_WIDTHLESS = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
)
_JOINERS = "\u200c\u200d"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SUSPECT = re.compile(f"[{_TAGS}{_VARIANTS}{_WIDTHLESS}{_JOINERS}]|(?P<direction>[{_DIRECTIONS}])")

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_JOINED = re.compile(
    "[\u0600-\u109f\u1780-\u18af\u1a20-\u1aaf\u1b00-\u1bff\ua840-\uabff"  # scripts that join letters
    "\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff]"  # emoji
)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\u1b00-\u1bff"
    "\u3040-\u30ff\u3400-\u9fff\ua980-\ua9ff\uaa00-\uaadf]"
)
"""Scripts without spaces, where U+200B says where a line may be broken."""
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{1,8}\U000e007f")
"""The flags of England, Scotland, Wales: the only emoji that tags are for."""


def visible(text: str) -> str:
    """`text` without the characters that cannot be seen; the very same text where there are none."""
    hidden = _places(text)
    if not hidden:
        return text
    kept, start = [], 0
    for place in hidden:
        kept.append(text[start:place])
        start = place + 1
    return "".join((*kept, text[start:]))


def in_visible(text: str, places: Sequence[int]) -> list[int]:
    """Where the characters at `places` of `text` stand in `visible(text)`; of one that cannot be seen,
    where the next one stands."""
    hidden = _places(text)
    return [place - bisect_left(hidden, place) for place in places]


def count_invisible(text: str) -> int:
    """How many characters of `text` cannot be seen and have no business in it.

    A byte order mark at its beginning and soft hyphens, which word processors leave, are not counted.
    """
    return sum(
        text[place] != "\u00ad" and (place, text[place]) != (0, "\ufeff") for place in _places(text)
    )


def _places(text: str) -> list[int]:
    if text.isascii() or _SUSPECT.search(text) is None:
        return []
    flags = {at for flag in _FLAG.finditer(text) for at in range(flag.start(), flag.end())}
    return [place for place in _out_of_place(text) if place not in flags]


def _out_of_place(text: str) -> Iterator[int]:
    """Where suspect characters stand that the script around them does not need."""
    end, is_right_to_left = -1, False
    for match in _SUSPECT.finditer(text):
        place = match.start()
        if place > end:
            start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            end = len(text) if end < 0 else end
            is_right_to_left = _RIGHT_TO_LEFT.search(text, start, end) is not None
        if match["direction"]:
            if not is_right_to_left:
                yield place
        elif not _is_needed(match[0], text[place - 1 : place]):
            yield place


def _is_needed(character: str, before: str) -> bool:
    """Whether it belongs to the character `before` it."""
    if character in _JOINERS:
        return _JOINED.match(before) is not None
    if "\u180b" <= character <= "\u180f":
        return "\u1800" <= before <= "\u18af"  # forms of Mongolian letters
    is_break_or_variant = character == "\u200b" or character >= "\U000e0100"
    return is_break_or_variant and _UNSPACED.match(before) is not None
