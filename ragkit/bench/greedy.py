"""Greedy texts of the engine beside the high-level class's, and beside its own of eight at once.

Texts may part where the model finds two words about as likely. llama.cpp adds up in the order of the memory's
cells, which differs as soon as anything else is held or computed beside a text, and what comes in is rounded to
8 bits before every matrix: from the last bit of a sum the next layers make a tenth of a logit. That is a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

COMPARED_TOKENS = 24
TIE = 0.3
"""Logits between two tokens up to which it is one: the spread of all tokens' is 3 to 4.5. Of 50 texts of the
starter model 20 parted from the class's, at tokens that were 0.004 to 0.2 apart, half of them below 0.07."""
_SUBJECTS = (
    "a lease", "a loan", "the notice period", "a discharge letter", "high blood pressure",
    "una factura", "el contrato", "the governing law", "a data breach", "an allergy",
)  # fmt: skip
_ASKED = (
    "What is {}?",
    "Write one sentence about {}.",
    "List three things to know of {}.",
    "Who should read about {}, and why?",
    "Explain {} to a child.",
)


def prompts(count: int) -> list[str]:
    """At most fifty, all different."""
    return [asked.format(subject) for subject in _SUBJECTS for asked in _ASKED][:count]


class Writers(Protocol):
    """Both sides (generated.Sides)."""

    def engine_text(self, prompt: str, tokens: int) -> str: ...

    def engine_texts_in_eights(self, asked: Sequence[str], tokens: int) -> list[str]: ...

    def best_text(self, prompt: str, tokens: int) -> str: ...

    def tie(self, prompt: str, one: str, other: str) -> float | None: ...


def compared(sides: Writers, bytewise: Writers, count: int) -> dict[str, Any]:
    """Greedy texts of both sides, and of eight at once: how many are the same, how many part at a tie.

    bytewise: both sides holding what they read as 8-bit numbers.
    """
    asked = prompts(count)
    own = [sides.engine_text(prompt, COMPARED_TOKENS) for prompt in asked]
    theirs = [sides.best_text(prompt, COMPARED_TOKENS) for prompt in asked]
    together = sides.engine_texts_in_eights(asked, COMPARED_TOKENS)
    return {
        "prompts": len(asked),
        "to_the_class": differences(sides, asked, own, theirs),
        "to_alone": differences(sides, asked, own, together),
        **_in_bytes(bytewise, asked),
    }


def differences(
    sides: Writers, asked: Sequence[str], own: Sequence[str], other: Sequence[str]
) -> dict[str, Any]:
    """How many pairs are the same, part at a tie, and differ. gaps: logits, where they part."""
    gaps = [
        sides.tie(prompt, a, b) for prompt, a, b in zip(asked, own, other, strict=True) if a != b
    ]
    known = sorted(round(gap, 3) for gap in gaps if gap is not None)
    ties = sum(gap <= TIE for gap in known)
    return {
        "same": same(own, other),
        "ties": ties,
        "different": len(gaps) - ties,
        "gaps": known,
    }


def _in_bytes(sides: Writers, asked: Sequence[str]) -> dict[str, int]:
    own = [sides.engine_text(prompt, COMPARED_TOKENS) for prompt in asked]
    theirs = [sides.best_text(prompt, COMPARED_TOKENS) for prompt in asked]
    together = sides.engine_texts_in_eights(asked, COMPARED_TOKENS)
    return {"q8_as_the_class": same(own, theirs), "q8_as_alone": same(own, together)}


def same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs are equal."""
    return sum(a == b for a, b in zip(one, other, strict=True))
