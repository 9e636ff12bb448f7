"""Whether a model fits into this machine before it is loaded, and what is smaller if it does not."""

from __future__ import annotations

import shlex

from ragkit.errors import NotReady, UsageFault
from ragkit.llm import native
from ragkit.llm.gguf_metadata import GgufAbout, read_about
from ragkit.llm.memory import BITS, need, next_smaller
from ragkit.llm.offloading import bytes_taken_off, used
from ragkit.llm.parts import bytes_of, parts_of
from ragkit.machine import memory_limit
from ragkit.models import InstalledModel

_SURELY = 4
"""A file this many times smaller than the memory fits, whatever it keeps: its header is not read for it."""


def require_fit(model: InstalledModel, context: int, memory: int = 0) -> None:
    """memory: bytes beside those of graphics cards; 0 asks the machine. Raises NotReady with the estimate
    and the next command, UsageFault for more context than a model of the registry reads.
    """
    if model.spec is not None and 0 < model.spec.window < context:
        raise UsageFault(
            f"{model.name} reads at most {model.spec.window} tokens at once, and `context` is {context}.",
            hint=f"In pipelines.yaml: generator: {{model: {model.name}, context: {model.spec.window}}}",
        )
    room = memory or memory_limit()
    if bytes_of(model.path) * _SURELY <= room:
        return
    about = read_about(model.path)
    tokens = min(context, about.context or context)
    wanted = need(bytes_of(model.path), about.cache_per_token, tokens).total
    if wanted <= room or _fits_with_devices(about, tokens, wanted, room):
        return
    raise NotReady(
        f"{model.name} needs about {wanted / 1e9:.1f} GB of memory for {tokens} tokens, and "
        f"{room / 1e9:.1f} GB are there.",
        hint=smaller_form(model, about.quantization, save=wanted - room),
    )


def _fits_with_devices(about: GgufAbout, tokens: int, wanted: int, room: int) -> bool:
    """Whether one device holds it whole, or the cards so much that the machine holds the rest."""
    devices = native.devices()
    if any(wanted <= one.free_memory for one in used(devices)):
        return True
    weights = bytes_of(about.path)
    away = bytes_taken_off(weights, about.layers, about.cache_per_token, tokens, devices)
    return wanted - away <= room


def _saved(model: InstalledModel, quantization: str, smaller: str) -> int:
    """Bytes: about."""
    return int(bytes_of(model.path) * (1 - BITS[smaller] / BITS[quantization.upper()]))


def smaller_form(model: InstalledModel, quantization: str, save: int = 0) -> str:
    """The command that brings the next smaller form of a model; if there is none, a smaller model's.

    save: bytes that its file must be smaller at least.
    """
    smaller = next_smaller(quantization)
    while smaller and _saved(model, quantization, smaller) < save:
        smaller = next_smaller(smaller)
    if not smaller:
        return "ragkit models recommend"
    if model.spec is not None and smaller in model.spec.quantizations:
        return f"ragkit models pull {model.spec.name}:{smaller}"
    if len(parts_of(model.path)) > 1:
        return "ragkit models recommend"
    return f"ragkit models quantize {shlex.quote(model.reference)} --to {smaller}"
