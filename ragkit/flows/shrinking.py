"""A smaller form of a language model: made, measured, and compared with what it was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import UsageFault
from ragkit.llm.gguf_metadata import GgufAbout, read_about, require_generator
from ragkit.llm.model_process import likeliest_apart, quantize_apart, speeds_apart
from ragkit.llm.quantizing import TARGETS, was_quantized
from ragkit.machine import physical_cores
from ragkit.models import ModelStore
from ragkit.models.named import new_named
from ragkit.types import Step
from ragkit.types.models import Agreement, ModelForm, Shrunk

OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """Texts to compare two models on, and what to call them: a pipeline's own, or ragkit's."""

    texts: tuple[str, ...]
    called: str


def shrink(
    store: ModelStore, source: str, to: str, *, name: str, sample: Sample, on_step: OnStep
) -> Shrunk:
    """Make `source` (a name or a path) at the quantization `to` an own model called `name`.

    The original stays as it was, and after a fault or Ctrl-C nothing new is left. Raises UsageFault,
    ModelMissing, CheckFailed, NotReady, StorageFault; RagkitError if llama.cpp crashed.
    """
    target = _target(to)
    model = store.resolve(source, role="generator", progress=_bytes(on_step))
    about = read_about(model.path)
    require_generator(about)
    if about.quantization == target:
        raise UsageFault(f"{model.name} is {target} already.", hint="ragkit models list")
    name = (
        name
        or f"{model.path.stem if model.spec is None else model.name.partition(':')[0]}-{target}"
    )
    threads = physical_cores()
    with new_named(store.root, name) as aside:
        quantize_apart(model.path, aside, target, threads, _parts(on_step, f"making {name}"))
        before = _form(model.name, about, threads, on_step)
        after = _form(name, read_about(aside), threads, on_step)
        agreement = _compared(about.path, aside, sample, threads, on_step)
    place = store.named()[name]
    digest = store.accept(name, _bytes(on_step))
    after = ModelForm(name, str(place), after.quantization, after.size, after.speeds)
    return Shrunk(before, after, agreement, was_quantized(about.quantization), digest)


def _target(to: str) -> str:
    wanted = to.upper()
    if wanted not in TARGETS:
        raise UsageFault(
            f"{to!r} is no quantization that can be made here. There are: {', '.join(TARGETS)}.",
            hint="ragkit models quantize NAME --to Q4_K_M",
        )
    return wanted


def _form(name: str, about: GgufAbout, threads: int, on_step: OnStep) -> ModelForm:
    on_step(Step(f"measuring {name}", 0, 0))
    speeds = speeds_apart(about.path, threads)
    return ModelForm(name, str(about.path), about.quantization, about.size, speeds)


def _compared(
    before: Path, after: Path, sample: Sample, threads: int, on_step: OnStep
) -> Agreement:
    """Where the likeliest next token is the same. Both have one vocabulary: weights alone changed."""
    first = likeliest_apart(
        before, sample.texts, threads, _parts(on_step, "reading with the original")
    )
    second = likeliest_apart(
        after, sample.texts, threads, _parts(on_step, "reading with the new one")
    )
    pairs = [
        one == other
        for text, again in zip(first, second, strict=True)
        for one, other in zip(text, again, strict=True)
    ]
    return Agreement(len(pairs), sum(pairs), sample.called)


def _parts(on_step: OnStep, what: str) -> Callable[[int, int], None]:
    return lambda done, total: on_step(Step(what, done, total))


def _bytes(on_step: OnStep) -> Callable[[str, int, int], None]:
    def tell(what: str, done: int, total: int) -> None:
        on_step(Step(what, done, total, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"))

    return tell
