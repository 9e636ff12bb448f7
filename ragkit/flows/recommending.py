"""Which language models a machine can run for a pipeline, how fast, and which to begin with."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ragkit.errors import ModelMissing
from ragkit.llm import native
from ragkit.llm.memory import BESIDE, BITS, file_bytes, need
from ragkit.llm.model_process import speeds_apart
from ragkit.machine import memory_limit, physical_cores, this_machine
from ragkit.models import ModelSpec, ModelStore
from ragkit.types.models import Capacity, Fit, Recommendation, Speeds

_BLOCK = 256 * 1024 * 1024
"""Bytes read at once to time the memory: more than processors keep close by."""
_ROUNDS = 3
_COMPUTED = 0.79
"""Share of the starter's parameters that are computed for each token of a prompt: its table of words,
28 of 135 million, is only looked up. Of larger models nearly all are."""
_FASTER_PROMPT = (1.5, 3.3)
"""How much faster products of other quantizations are read than the starter's own Q4_1, from and to. The
starter made anew at Q4_0, Q8_0, F16 and F32 read 3.3-4.1, 2.1-2.6, 2.4-2.8 and 2.5-3.2 times as fast."""
_OF_BANDWIDTH = 0.8
"""Share of what memory gives that writing reaches at best."""
_INSTRUCTIONS = 300
"""Tokens of a prompt beside its evidence."""
_WRITTEN = 150
"""Tokens of an answer."""
_PATIENCE = 120.0
"""Seconds for an answer: beyond it a smaller model is the one to begin with."""
_BUSY = 0.5
_UNMEASURED = 4.1
"""Billions of parameters of the model to begin with on a processor whose speed was not measured."""
ESTIMATE = (
    "Speeds are estimates, to within about a factor of two: prompts by the parameters, from a short run "
    "of the starter here; writing between what the starter reached for each byte and what this "
    "machine's memory gives. An answer: {prompt} tokens read, {written} written. "
    "`ragkit models bench NAME` measures."
)
STARTER = "The starter is no reader: it is for trying things out, and its sentences are replaced by quotes."


def capacity(store: ModelStore, *, measure: bool) -> Capacity:
    """This machine. measure: time its memory and the starter, about half a minute on two cores."""
    machine = this_machine()
    cards = [one for one in native.devices() if one.kind in ("gpu", "integrated-gpu")]
    card = max(cards, key=lambda one: one.free_memory, default=None)
    found = Capacity(
        memory=memory_limit(),
        cores=physical_cores(),
        instructions=machine.instructions,
        graphics=card.free_memory if card else 0,
        graphics_name=card.description if card else "",
        disk=_free_disk(store.root),
    )
    return _measured(found, store) if measure else found


def _measured(found: Capacity, store: ModelStore) -> Capacity:
    busy = os.getloadavg()[0] / max(found.cores, 1)
    found = replace(found, bandwidth=_bandwidth(), busy=busy)
    starter = store.registry.default("generator")
    try:
        model = store.resolve(starter.name, role="generator")
    except ModelMissing:
        return found
    speeds = speeds_apart(model.path, found.cores)
    return replace(found, speeds=speeds, starter_bytes=model.path.stat().st_size)


def _bandwidth() -> float:
    """Bytes a second at which one array is read; the best of some rounds."""
    numbers = np.ones(_BLOCK // 4, np.float32)
    fastest = 0.0
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        np.dot(numbers, numbers)
        fastest = max(fastest, numbers.nbytes / (time.perf_counter() - began))
    return fastest


def _free_disk(root: Path) -> int:
    place = next(folder for folder in (root, *root.parents) if folder.exists())
    return shutil.disk_usage(place).free


def recommend(
    store: ModelStore, machine: Capacity, *, pipeline: str, context: int, evidence: int
) -> Recommendation:
    """context and evidence: tokens, as the pipeline sets them."""
    every = [_fit(store, spec, machine, context, evidence) for spec in _forms(store)]
    fits = sorted((fit for fit in every if fit.where), key=_merit, reverse=True)
    reading = [fit for fit in fits if fit.reader and fit.on_disk and fit.context >= context]
    return Recommendation(
        capacity=machine,
        context=context,
        pipeline=pipeline,
        best=_best(reading),
        fits=tuple(fits),
        too_large=tuple(fit for fit in every if not fit.where and ":" not in fit.name),
        notes=tuple(_notes(store, machine, every, context, evidence)),
    )


def _forms(store: ModelStore) -> Iterator[ModelSpec]:
    """Every generator of the registry at each of its quantizations."""
    for spec in store.registry:
        if spec.role == "generator":
            yield spec
            yield from (spec.at(one.quantization) for one in spec.variants)


def _fit(store: ModelStore, spec: ModelSpec, machine: Capacity, context: int, evidence: int) -> Fit:
    count, exact = _size(store, spec)
    tokens = min(context, spec.window or context)
    cache = 2 * spec.layers * spec.kv_heads * spec.head_size
    memory = need(count, cache, tokens).total
    slow, fast = _speeds(spec, count, machine)
    here = store.has(spec.name)
    return Fit(
        name=spec.name,
        quantization=spec.quantization,
        parameters=spec.parameters,
        size=count,
        exact=exact,
        memory=memory,
        context=tokens,
        where=_where(memory, machine),
        on_disk=here or machine.asked or count < machine.disk,
        reader=spec.reader,
        licence=spec.licence,
        languages=spec.languages,
        about=spec.description,
        here=here,
        slow=slow,
        fast=fast,
        answer=_seconds(slow, fast, evidence + _INSTRUCTIONS),
    )


def _size(store: ModelStore, spec: ModelSpec) -> tuple[int, bool]:
    """Bytes of the file, and whether that is known. Unknown: by the same model's other file."""
    if all(file.size for file in spec.files):
        return spec.size, True
    base = store.registry[spec.name.partition(":")[0]]
    bits = BITS.get(spec.quantization, 0.0), BITS.get(base.quantization, 0.0)
    if base.size and all(bits):
        return int(base.size * bits[0] / bits[1]), False
    return file_bytes(spec.parameters * 1e9, spec.quantization), False


def _where(memory: int, machine: Capacity) -> str:
    if memory <= machine.graphics:
        return "graphics"
    return "memory" if memory <= machine.memory - BESIDE else ""


def _speeds(
    spec: ModelSpec, count: int, machine: Capacity
) -> tuple[Speeds, Speeds] | tuple[None, None]:
    """From and to. The starter's own were measured."""
    if machine.speeds is None or machine.graphics:
        return None, None
    if spec.default:
        return machine.speeds, machine.speeds
    read = machine.speeds.prompt * 0.135 * _COMPUTED / spec.parameters
    written = machine.speeds.generation * machine.starter_bytes / count
    best = max(written, machine.bandwidth * _OF_BANDWIDTH / count)
    slow, fast = _FASTER_PROMPT
    return Speeds(read * slow, written), Speeds(read * fast, best)


def _seconds(slow: Speeds | None, fast: Speeds | None, prompt: int) -> tuple[float, float] | None:
    if slow is None or fast is None:
        return None
    return (
        prompt / fast.prompt + _WRITTEN / fast.generation,
        prompt / slow.prompt + _WRITTEN / slow.generation,
    )


def _merit(fit: Fit) -> tuple[bool, float, float]:
    """Readers first, larger models first, then more bits."""
    return fit.reader, fit.parameters, BITS.get(fit.quantization, 0.0)


def _best(readers: list[Fit]) -> Fit | None:
    """The largest that does not make a person wait too long, of one model its usual quantization; one
    of English alone only where no other is: which languages will be asked for is not known here.
    """
    usual = [fit for fit in readers if ":" not in fit.name and "no commercial" not in fit.licence]
    timely = [fit for fit in usual if _is_timely(fit)]
    several = [fit for fit in timely if fit.languages != ("en",)]
    return next(iter(several or timely or usual[-1:] or readers[-1:]), None)


def _is_timely(fit: Fit) -> bool:
    if fit.answer is None:
        return fit.where == "graphics" or fit.parameters <= _UNMEASURED
    return fit.answer[0] <= _PATIENCE


def _no_speeds(store: ModelStore, machine: Capacity) -> str:
    """Why there are none, and what gives them."""
    starter = store.registry.default("generator").name
    if machine.asked:
        return "How fast they are is measured on the machine itself: ragkit models recommend"
    if store.has(starter):
        return "How fast they are here was not measured: ragkit models recommend --measure"
    return f"How fast they are here is told from the starter, which is not here: ragkit models pull {starter}"


def _notes(
    store: ModelStore, machine: Capacity, every: list[Fit], context: int, evidence: int
) -> Iterator[str]:
    if any(fit.slow for fit in every):
        yield ESTIMATE.format(prompt=evidence + _INSTRUCTIONS, written=_WRITTEN)
    elif machine.graphics:
        yield "On a graphics card speeds are not estimated: `ragkit models bench NAME` measures."
    elif machine.speeds is None:
        yield _no_speeds(store, machine)
    if machine.speeds and machine.busy > _BUSY:
        yield f"Other programs were computing ({machine.busy:.1f} a core): alone it is faster."
    if machine.asked and machine.speeds:
        yield "Speeds are those of this machine's processor; run it there for those of the other."
    short = [fit.name for fit in every if fit.where and fit.context < context]
    if short:
        yield f"Read fewer than the pipeline's {context} tokens at once: {', '.join(short)}."
    full = [fit.name for fit in every if fit.where and not fit.on_disk]
    if full:
        yield f"No room on the disk for: {', '.join(full)}."
    yield (
        f"Memory: the file, what is kept of {context} tokens, and working memory; what fits leaves "
        f"{BESIDE / 1e9:.0f} GB to other programs."
    )
    yield STARTER
