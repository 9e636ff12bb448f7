"""Drafting: one sentence at a time out of a model, and the evidence it points at.

Nothing that leaves here has been checked; composing.py decides what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from ragkit.folding import folded_in_place
from ragkit.protocols import Generation, Generator, Message
from ragkit.types import Evidence
from ragkit.verification.words import ABBREVIATIONS

MAX_SENTENCE_TOKENS = 96
"""Of a sentence. One that goes on after an abbreviation may have up to as many again, so that twice the room
is kept for it."""

_STOPS = ("\n", "[", ". ")
_LEAD_IN = re.compile(
    r"(?:[-*•·]\s*|\(?\d{1,2}[.)](?:\s+|$))*"
    r"(?:\([\w &'’,.-]{1,120}\.[a-z]{2,5}(?:, \d+)?\)[.:]?\s*)?"
    r"(?:(?:according to the evidence|the evidence (?:is that|is(?=:)|(?:says|states|shows)(?: that)?)"
    r"|según la evidencia|la evidencia (?:dice|indica|muestra)(?: que)?)\b[:,]?\s*)?",
    re.IGNORECASE,
)
"""What small models put before a sentence: list marks, a file's name, words about the evidence."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote and the evidence it points at. Never shown as it is."""

    text: str
    cited: tuple[Evidence, ...]


def draft_sentence(
    generator: Generator,
    messages: Sequence[Message],
    said: str,
    evidence: Mapping[str, Evidence],
    most: int = MAX_SENTENCE_TOKENS,
) -> Draft | None:
    """The model's next sentence and where it points; None if it has ended its turn.

    said: what was shown before, which is put in its mouth. evidence: by number. most: tokens of the
    sentence, as MAX_SENTENCE_TOKENS counts them.
    """
    with closing(generator.start(messages, opening=said)) as generation:
        text = _write_sentence(generation, most)
        if not text and generation.ended:
            return None
        generation.write(" [")
        return Draft(text, _point(generation, evidence))


def rewrite(generator: Generator, messages: Sequence[Message]) -> str:
    """The one sentence that answers `messages`."""
    with closing(generator.start(messages)) as generation:
        return _write_sentence(generation)


def _point(generation: Generation, evidence: Mapping[str, Evidence]) -> tuple[Evidence, ...]:
    """One or two evidence sentences. Only numbers that exist can come out."""
    first = generation.choose(list(evidence))
    others = [number for number in evidence if number != first]
    if not others or generation.choose(["]", ", "]) == "]":
        return (evidence[first],)
    return evidence[first], evidence[generation.choose(others)]


def _write_sentence(generation: Generation, most: int = MAX_SENTENCE_TOKENS) -> str:
    """One sentence of the model's, on one line and with its full stop; "" if it says none."""
    text = ""
    left = most
    while True:
        text += generation.generate(max_tokens=left, stop=_STOPS)
        left //= 2
        if generation.ended or left == 0 or not _ends_in_abbreviation(text):
            break
        generation.write(". ")
        text += ". "
    return _plain(text)


def _plain(text: str) -> str:
    """A sentence as it is shown; "" for what holds no word, such as the number of a list."""
    line = " ".join(text.split())
    plain = line[_matched(line) :]
    if not any(sign.isalpha() for sign in plain):
        return ""
    plain = plain[0].upper() + plain[1:] if plain != line else plain
    return plain if plain[-1] in ".?!" else plain.rstrip(",;: ") + "."


def _matched(line: str) -> int:
    found = _LEAD_IN.match(line)
    return found.end() if found else 0


def _ends_in_abbreviation(text: str) -> bool:
    """Whether `text` was cut at the stop of `Dr.`, `Inc.` or an initial, not of a sentence."""
    last = folded_in_place(text.rsplit(maxsplit=1)[-1]) if text.split() else ""
    return last in ABBREVIATIONS or (
        len(last) == 1 and last.isalpha() and text.endswith(last.upper())
    )
