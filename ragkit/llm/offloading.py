"""What a model is computed on: how many of its layers fit on the devices that llama.cpp tells of."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from ragkit.llm import native
from ragkit.llm.gguf_metadata import read_about
from ragkit.llm.native import Device
from ragkit.llm.parts import bytes_of

ALL_LAYERS = -1
_RESERVE = 600_000_000
"""Bytes of a device left for what llama.cpp computes with there."""
_CACHE_BYTES = 2
"""Of a number that is kept of a token (f16)."""


def used(devices: Iterable[Device]) -> list[Device]:
    """Those that llama.cpp puts layers on: its graphics cards, integrated ones only where there are no others
    (llama.cpp, src/llama.cpp, "default device selection")."""
    known = list(devices)
    cards = [one for one in known if one.kind == "gpu"]
    return cards or [one for one in known if one.kind == "integrated-gpu"]


def layers_that_fit(
    weights: int, layers: int, cache_per_token: int, context: int, devices: Iterable[Device]
) -> int:
    """How many layers to put on the devices, ALL_LAYERS if all of them fit, 0 without a device.

    weights: bytes of the model's files. cache_per_token: numbers kept for each token. Each layer takes its
    share of the weights and of the context; the output takes as much as one more layer. A layer lies on one
    device, whole.
    """
    free = [max(0, one.free_memory - _RESERVE) for one in used(devices)]
    if not any(free) or not layers:
        return ALL_LAYERS if any(free) else 0
    layer = (weights + cache_per_token * _CACHE_BYTES * context) / (layers + 1)
    fitting = sum(int(each / layer) for each in free)
    return ALL_LAYERS if fitting > layers else fitting


def layers_here(path: Path, context: int) -> int:
    """The same for a file on this machine. 0 where llama.cpp was built for processors only."""
    if not native.facts().offloads:
        return 0
    about = read_about(path)
    return layers_that_fit(
        bytes_of(path), about.layers, about.cache_per_token, context, native.devices()
    )


def bytes_taken_off(
    weights: int, layers: int, cache_per_token: int, context: int, devices: Iterable[Device]
) -> int:
    """Bytes of weights and context that graphics cards hold in the machine's place; 0 without one.

    Devices that share the machine's memory (integrated ones, all of Apple's) take nothing off it.
    """
    cards = [one for one in devices if one.kind == "gpu" and sys.platform != "darwin"]
    count = layers_that_fit(weights, layers, cache_per_token, context, cards)
    whole = weights + cache_per_token * _CACHE_BYTES * context
    return whole if count == ALL_LAYERS else whole * count // (layers + 1)


def computed_on() -> str:
    """In one line: which devices llama.cpp uses here, or that it was built for processors only."""
    if not native.facts().offloads:
        return "llama.cpp is built for the processor only here; a graphics card would not be used."
    names = [one.description or one.name for one in used(native.devices())]
    if not names:
        return "llama.cpp can use graphics cards, and finds none here: the processor computes."
    return f"llama.cpp computes on {', '.join(names)}."
