"""Whether a model fits into this machine before it is loaded, and what is smaller if it does not."""

from __future__ import annotations

from pathlib import Path

from ragkit.errors import NotReady, UsageFault
from ragkit.llm.gguf_metadata import read_about
from ragkit.llm.memory import need, next_smaller
from ragkit.machine import memory_limit
from ragkit.models import InstalledModel

_SURELY = 4
"""A file this many times smaller than the memory fits, whatever it keeps: its header is not read for it."""


def require_fit(model: InstalledModel, context: int, memory: int = 0) -> None:
    """memory: bytes; 0 asks the machine. Raises NotReady with the estimate and the next command,
    UsageFault for more context than a model of the registry reads.
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
    if wanted > room:
        raise NotReady(
            f"{model.name} needs about {wanted / 1e9:.1f} GB of memory for {tokens} tokens, and "
            f"{room / 1e9:.1f} GB are there.",
            hint=smaller_form(model, about.quantization),
        )


def smaller_form(model: InstalledModel, quantization: str) -> str:
    """The command that brings the next smaller form of a model; if there is none, a smaller model's."""
    smaller = next_smaller(quantization)
    if not smaller:
        return "ragkit models recommend"
    if model.spec is not None and smaller in model.spec.quantizations:
        return f"ragkit models pull {model.spec.name}:{smaller}"
    whole = len(_parts(model.path)) == 1
    return (
        f"ragkit models quantize {model.name} --to {smaller}"
        if whole
        else "ragkit models recommend"
    )


def bytes_of(path: Path) -> int:
    """Of a model's file, or of all of them where it comes in several."""
    return sum(part.stat().st_size for part in _parts(path))


def _parts(path: Path) -> list[Path]:
    """The files of a model: one, or those numbered like NAME-00001-of-00003.gguf."""
    stem, numbered, _ = path.name.partition("-00001-of-")
    return sorted(path.parent.glob(f"{stem}-*-of-*.gguf")) if numbered else [path]
