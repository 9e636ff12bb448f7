"""A model file from elsewhere, looked at before any native code opens it, then taken in under a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import NotReady, UsageFault
from ragkit.flows.fitting import require_fit
from ragkit.llm.architectures import require_known
from ragkit.llm.gguf_metadata import GgufAbout, read_about, require_generator
from ragkit.llm.quantizing import was_quantized
from ragkit.models import InstalledModel, ModelStore, Progress
from ragkit.models.named import name_for
from ragkit.settings import GeneratorSettings

LEAST_CONTEXT = 512
"""Tokens: the least that `generator: {context: ...}` takes. Fewer hold no instructions and evidence."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in. reader: whether it is large enough to compose answers.

    context: tokens to set for it. advice: what stands in the way of using it, and the next command.
    """

    name: str
    path: Path
    sha256: str
    about: GgufAbout
    reader: bool
    context: int
    advice: tuple[str, str] = ("", "")


def import_model(store: ModelStore, file: Path, name: str, progress: Progress) -> Imported:
    """Raises UsageFault, CheckFailed (no whole language model, or of a kind that llama.cpp does not know),
    Busy, StorageFault.
    """
    about = read_about(file)
    require_generator(about)
    require_known(about)
    if 0 < about.context < LEAST_CONTEXT:
        raise UsageFault(
            f"{file.name} reads at most {about.context} tokens at once, and an answer takes at least "
            f"{LEAST_CONTEXT}.",
            hint="ragkit models recommend",
        )
    model = store.add(file, name or name_for(file.stem), progress)
    usual = GeneratorSettings().context
    context = min(usual, about.context or usual)
    advice = _advice(model, about, context)
    return Imported(model.name, model.path, model.digest, about, model.reader, context, advice)


def _advice(model: InstalledModel, about: GgufAbout, context: int) -> tuple[str, str]:
    """(what is the matter, the next command), where it does not fit here or is larger than need be."""
    try:
        require_fit(model, context)
    except NotReady as fault:
        return fault.message, fault.hint
    if was_quantized(about.quantization):
        return "", ""
    return (
        f"It is {about.quantization}: at Q4_K_M it takes less than a third of the memory, and writes faster.",
        f"ragkit models quantize {model.name} --to Q4_K_M",
    )
