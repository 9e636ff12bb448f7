"""A smaller form of a language model: made, measured, and compared with what it was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ragkit.errors import NotReady, UsageFault
from ragkit.flows.fitting import require_fit
from ragkit.llm.gguf_metadata import read_about, require_generator
from ragkit.llm.memory import file_bytes
from ragkit.llm.model_process import likeliest_apart, quantize_apart, speeds_apart
from ragkit.llm.quantizing import TARGETS, was_quantized
from ragkit.machine import physical_cores
from ragkit.models import InstalledModel, ModelStore
from ragkit.models.named import name_for, new_named, require_space
from ragkit.types import Step
from ragkit.types.models import Agreement, ModelForm, Shrunk, Speeds

OnStep = Callable[[Step], None]
_TOKENS = 1024
"""Of context that measuring and comparing take at most: texts of 1500 characters, 280 tokens to time."""
_OTHER_FOLDER = "set RAGKIT_MODELS to another folder"


@dataclass(frozen=True, slots=True)
class Sample:
    """Texts to compare two models on, and what to call them: a pipeline's own, or ragkit's."""

    texts: tuple[str, ...]
    called: str


def shrink(
    store: ModelStore, source: str, to: str, *, name: str, sample: Sample, on_step: OnStep
) -> Shrunk:
    """Make `source` (a name or a path) at the quantization `to` an own model called `name`.

    The original stays as it was, and after a fault or Ctrl-C nothing new is left. What does not fit into
    memory is not measured, and the new model kept. Raises UsageFault, ModelMissing, CheckFailed, NotReady,
    StorageFault; RagkitError if llama.cpp crashed.
    """
    target = _target(to)
    name = name or _suggested(store, source, target)
    store.require_name(name)
    model = store.resolve(source, role="generator", progress=_bytes(on_step))
    about = read_about(model.path)
    require_generator(about)
    if about.quantization == target:
        raise UsageFault(f"{model.name} is {target} already.", hint="ragkit models list")
    measuring = _Measuring(sample, physical_cores(), on_step)
    with new_named(store.root, name, _bytes(on_step)) as aside:
        require_space(file_bytes(about.parameters, target), aside.parent, _OTHER_FOLDER)
        making = _parts(on_step, f"making {name}")
        quantize_apart(model.path, aside, target, measuring.threads, making)
        before, after, agreement = measuring.both(model, InstalledModel(name, aside, "", None))
    made = store.resolve(name, role="generator", progress=_bytes(on_step))
    return Shrunk(
        before,
        replace(after, path=str(made.path)),
        agreement,
        was_quantized(about.quantization),
        made.digest,
        tuple(measuring.notes),
    )


def _suggested(store: ModelStore, source: str, target: str) -> str:
    """What the new model is called where nobody says: the original's name and the quantization."""
    if source in store.registry:
        stem = store.registry[source].name.partition(":")[0]
    else:
        stem = source if source in store.named() else Path(source).stem
    return name_for(stem, f"-{target}")


def _target(to: str) -> str:
    wanted = to.upper()
    if wanted not in TARGETS:
        raise UsageFault(
            f"{to!r} is no quantization that can be made here. There are: {', '.join(TARGETS)}.",
            hint="ragkit models quantize NAME --to Q4_K_M",
        )
    return wanted


@dataclass
class _Measuring:
    """What is measured of two models. What does not fit is left out, and `notes` says so."""

    sample: Sample
    threads: int
    on_step: OnStep
    notes: list[str] = field(default_factory=list)

    def both(
        self, model: InstalledModel, new: InstalledModel
    ) -> tuple[ModelForm, ModelForm, Agreement | None]:
        before, after = self._form(model), self._form(new)
        if before.speeds is None or after.speeds is None:
            return before, after, None
        return before, after, self._agreement(model.path, new.path)

    def _form(self, model: InstalledModel) -> ModelForm:
        about = read_about(model.path)
        return ModelForm(
            model.name, str(about.path), about.quantization, about.size, self._speeds(model)
        )

    def _speeds(self, model: InstalledModel) -> Speeds | None:
        self.on_step(Step(f"measuring {model.name}", 0, 0))
        try:
            require_fit(replace(model, spec=None), _TOKENS)
            return speeds_apart(model.path, self.threads)
        except NotReady as fault:  # also where the estimate was too low, and the process was killed
            self.notes.append(f"{fault.message} It was not timed.")
            return None

    def _agreement(self, before: Path, after: Path) -> Agreement | None:
        try:
            return _compared(before, after, self.sample, self.threads, self.on_step)
        except NotReady as fault:
            self.notes.append(fault.message)
            return None


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
