"""Whether attention is computed in one pass ("flash") or with a matrix of all pairs, where both are possible.

Neither is always faster on processors. On one with AVX-512 for 16-bit numbers llama.cpp adds up heads of 64
numbers one by one with flash attention: the starter model wrote 27 tokens a second after 1,024 others, and 53
without it; prompts it read up to a sixth faster with it. Heads of 128 numbers, or older processors, do not
have this. So it is measured (tuning.py).
"""

from __future__ import annotations

from ragkit.errors import UsageFault
from ragkit.llm.runtime import PASS_ROWS

LARGEST_MATRIX = 300_000_000
"""Bytes of the matrix of pairs above which nobody asks for it: room is left for it in no estimate of a
model's memory (memory.py), and models with so many heads have heads of 128 numbers."""
_PAIR_BYTES = 4


def ways(
    wished: bool | None, *, heads: int, cells: int, ubatch: int, halves: bool, on_processor: bool
) -> tuple[bool, ...]:
    """With flash attention or without: what may be chosen, the usual one first.

    wished: the user's choice. heads: of a layer. On graphics cards it is always on: they are made for it.
    Raises UsageFault where 8-bit numbers and no flash attention are wished: llama.cpp does not compute that.
    """
    if wished is False and not halves:
        raise UsageFault(
            "generator.kv_cache: q8_0 needs flash attention, which generator.flash_attention turns off.",
            hint="In pipelines.yaml: generator: {kv_cache: q8_0, flash_attention: auto}",
        )
    if wished is not None:
        return (wished,)
    matrix = heads * (ubatch or PASS_ROWS) * cells * _PAIR_BYTES
    if not halves or not on_processor or matrix > LARGEST_MATRIX:
        return (True,)
    return (False, True)
