"""A small assembler for the kernel's classic filter language (linux/filter.h, linux/seccomp.h).

A program is a list of steps that fall through to the next one; comparisons jump forward to a label.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

NEXT = ""
"""The label of whatever step comes next."""

CALL_NUMBER = 0
ARCHITECTURE = 4

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_JUMP_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_RETURN_ALLOW = 0x7FFF0000
_RETURN_ERROR = 0x00050000


class Step(NamedTuple):
    """One instruction. `then` and `otherwise` are labels; `label` is the name of this place."""

    code: int
    value: int
    then: str = NEXT
    otherwise: str = NEXT
    label: str = ""


def argument(position: int) -> int:
    """Where the low half of a call's argument (from 0) lies, on a little-endian machine.

    The arguments looked at are C ints, of which the kernel itself reads no more.
    """
    return 16 + 8 * position


def load(offset: int, label: str = "") -> Step:
    """Read a word of the call: CALL_NUMBER, ARCHITECTURE or an argument."""
    return Step(_LOAD_WORD, offset, label=label)


def keep_bits(mask: int) -> Step:
    """Clear all other bits of what was loaded."""
    return Step(_AND, mask)


def if_equal(value: int, then: str, otherwise: str = NEXT) -> Step:
    """Jump by whether what was loaded equals `value`."""
    return Step(_JUMP_EQUAL, value, then, otherwise)


def if_at_least(value: int, then: str) -> Step:
    """Jump if what was loaded, unsigned, is `value` or more."""
    return Step(_JUMP_AT_LEAST, value, then)


def if_any_bit(mask: int, then: str, otherwise: str = NEXT) -> Step:
    """Jump by whether any bit of `mask` is set."""
    return Step(_JUMP_ANY_BIT, mask, then, otherwise)


def refuse(error: int, label: str) -> Step:
    """End: the call fails with this error number."""
    return Step(_RETURN, _RETURN_ERROR | error, label=label)


ALLOW = Step(_RETURN, _RETURN_ALLOW, label="allow")
"""End: the call is made."""


NOTIFY = Step(_RETURN, 0x7FC00000, label="notify")
"""End: whoever listens is told, and says how it goes on."""


def assemble(steps: list[Step]) -> bytes:
    """The program in the kernel's form; labels lie ahead (struct refuses a jump back)."""
    places = {step.label: place for place, step in enumerate(steps) if step.label}

    def distance(here: int, label: str) -> int:
        return places[label] - here - 1 if label else 0

    return b"".join(
        struct.pack("=HBBI", s.code, distance(at, s.then), distance(at, s.otherwise), s.value)
        for at, s in enumerate(steps)
    )
