"""What a model needs of a machine's memory: an estimate before anything is loaded.

The weights, twice layers x kv_heads x head_size numbers for each token of context (keys and values),
and what computing takes.
"""

from __future__ import annotations

from dataclasses import dataclass

BESIDE = 3_000_000_000
"""Bytes left to the system, other programs, the index and the embedder."""
_COMPUTING = 450_000_000
"""Bytes: the process itself and llama.cpp's buffers (512 tokens x a vocabulary of 150,000 x 4)."""
_CACHE_BYTES = 2
"""Of a number that is kept of a token (f16)."""
BITS = {
    "Q2_K": 3.2,
    "Q3_K_S": 3.6,
    "Q3_K_M": 4.0,
    "Q3_K_L": 4.3,
    "IQ4_XS": 4.4,
    "Q4_0": 4.7,
    "Q4_K_S": 4.7,
    "Q4_K_M": 4.9,
    "Q4_1": 5.1,
    "Q5_0": 5.6,
    "Q5_K_S": 5.6,
    "Q5_K_M": 5.7,
    "Q5_1": 6.1,
    "Q6_K": 6.6,
    "Q8_0": 8.5,
    "F16": 16.1,
    "BF16": 16.1,
    "F32": 32.2,
}
"""Bits a parameter takes in the file, embeddings and all: the registry's own files of 1.5 to 14 billion
parameters take 4.8 to 5.8 at Q4_K_M and 8.5 at Q8_0."""
SMALLER = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")
"""The quantizations to go down by, each about a fifth smaller than the one before."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes of memory: of the weights, of the context, and in all."""

    weights: int
    cache: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + _COMPUTING


def need(weights: int, cache_per_token: int, context: int) -> Need:
    """weights: bytes. cache_per_token: numbers kept for each token."""
    return Need(weights, cache_per_token * _CACHE_BYTES * context)


def file_bytes(parameters: float, quantization: str) -> int:
    """About how large a model is. parameters: a number, not billions. 0 if the type is not known."""
    return int(parameters * BITS.get(quantization.upper(), 0.0) / 8)


def next_smaller(quantization: str) -> str:
    """The next smaller quantization that is worth using; "" if there is none."""
    own = BITS.get(quantization.upper(), 0.0)
    return next((one for one in SMALLER if BITS[one] < own - 0.3), "")
