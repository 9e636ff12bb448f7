"""JSON from a model that cannot get it wrong: the skeleton is written for it, it fills in the values.

Braces, names and commas are put into its mouth and cost no choice; numbers and labels are chosen among
what is allowed, texts end at their quotation mark. So every answer parses, whatever the model.

This is for programs that use the engine; no command of ragkit needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ragkit.protocols import Generation

Value = str | int | bool
_DIGITS = tuple("0123456789")


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text of at most so many tokens."""

    max_tokens: int = 64


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from 0 on, of at most so many digits."""

    max_digits: int = 6


@dataclass(frozen=True, slots=True)
class Label:
    """One of a few words."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""


Field = Text | Number | Label | Truth


def fill(generation: Generation, fields: Mapping[str, Field]) -> dict[str, Value]:
    """An object with exactly these fields, in their order; its JSON is what the model has then said.

    Raises UsageFault if the context is full.
    """
    found: dict[str, Value] = {}
    before = "{"
    for name, field in fields.items():
        generation.write(f"{before}{json.dumps(name, ensure_ascii=False)}: ")
        found[name] = _value(generation, field)
        before = ", "
    generation.write("}" if fields else "{}")
    return found


def _value(generation: Generation, field: Field) -> Value:
    if isinstance(field, Text):
        return _text(generation, field.max_tokens)
    if isinstance(field, Number):
        return _number(generation, field.max_digits)
    if isinstance(field, Truth):
        return generation.choose(("true", "false")) == "true"
    generation.write('"')
    chosen = generation.choose(field.options)
    generation.write('"')
    return chosen


def _text(generation: Generation, max_tokens: int) -> str:
    """Up to the first quotation mark, or the end of the line. A backslash is no beginning of anything."""
    generation.write('"')
    said = generation.generate(max_tokens=max_tokens, stop=('"', "\n", "\r", "\t", "\\"))
    generation.write('"')
    return "".join(character for character in said if character >= " ").strip()


def _number(generation: Generation, max_digits: int) -> int:
    """Digit by digit, until the model finds an end likelier than another digit."""
    digits = generation.choose(_DIGITS)
    while len(digits) < max_digits and digits != "0":
        chosen = generation.choose((*_DIGITS, ""))
        if not chosen:
            break
        digits += chosen
    return int(digits)
