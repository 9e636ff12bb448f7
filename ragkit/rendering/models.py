"""Models in words: what fits a machine, what a smaller form of one lost, how fast one is here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.types.models import (
    Agreement,
    Capacity,
    Computing,
    Fit,
    ModelBench,
    Recommendation,
    Shrunk,
    Speeds,
)


def size(count: float) -> str:
    """Bytes in MB or GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def recommendation(found: Recommendation) -> str:
    """What a person who asks "what can I run?" is told."""
    readers = [fit for fit in found.fits if fit.reader]
    others = [fit for fit in found.fits if not fit.reader]
    lines = [*_machine(found.capacity), "", *_first(found)]
    lines += _table("Models that write answers, the largest first:", readers)
    lines += _table("No readers: they choose what is quoted, and write nothing to rely on:", others)
    if found.too_large:
        names = ", ".join(f"{fit.name} ({size(fit.memory)})" for fit in found.too_large)
        lines += ["", f"Too large for it: {names}."]
    lines += ["", *(f"- {note}" for note in found.notes)]
    return "\n".join(lines)


def _machine(machine: Capacity) -> Iterator[str]:
    graphics = (
        f"graphics memory {size(machine.graphics)} ({machine.graphics_name})"
        if machine.graphics
        else "no graphics card that llama.cpp can use"
    )
    cores = f", {machine.cores} cores" if machine.cores else ""
    who = "A machine with" if machine.asked else "This machine:"
    yield f"{who} {size(machine.memory)} of memory{cores}, {graphics}."
    if machine.instructions:
        yield f"Instruction sets that count: {' '.join(machine.instructions)}."
    if machine.disk:
        yield f"Free on the disk of the models: {size(machine.disk)}."


def _first(found: Recommendation) -> Iterator[str]:
    """The one to begin with, and what to do: bring it, then name it in the settings."""
    whose = f"the pipeline {found.pipeline}" if found.pipeline else "a pipeline as it comes"
    if found.best is None:
        yield f"No model that writes answers fits for {whose}. Quotes and search need none."
        return
    best = found.best
    yield f"To begin with, for {whose} (context {found.context} tokens): {best.name}"
    yield f"  {best.about}"
    yield "  It is here already." if best.here else f"  {best.command}"
    yield "  and in pipelines.yaml, below the pipeline:"
    yield f"    generator: {{model: {best.name}, context: {found.context}}}"


def _table(title: str, fits: Sequence[Fit]) -> Iterator[str]:
    """Each model once at its usual quantization, what to expect of it, and what else it comes at."""
    if not fits:
        return
    timed = any(fit.slow for fit in fits)
    yield from ("", title, _heading(timed))
    told = set()
    for fit in fits:
        model = fit.name.partition(":")[0]
        if model in told:
            continue
        told.add(model)
        forms = [one for one in fits if one.name.partition(":")[0] == model]
        usual = next((one for one in forms if one.name == model), forms[-1])
        yield _row(usual, timed)
        yield f"    {usual.about} ({usual.licence})"
        also = [_form_of(one) for one in forms if one is not usual]
        if also:
            yield f"    also {', '.join(also)}"


def _form_of(fit: Fit) -> str:
    """':Q8_0 4.3 GB', as it stands behind the model's name."""
    exact = "" if fit.exact else "~"
    return f":{fit.quantization} {exact}{size(fit.size)}{' [here]' if fit.here else ''}"


def _heading(timed: bool) -> str:
    speeds = f"  {'prompt t/s':>11} {'writes t/s':>11}  {'an answer':>11}" if timed else ""
    return f"  {'':<36}{'file':>8} {'memory':>8}{speeds}"


def _row(fit: Fit, timed: bool) -> str:
    exact = "" if fit.exact else "~"
    marks = "".join(
        mark
        for mark, holds in ((" [graphics card]", fit.where == "graphics"), (" [here]", fit.here))
        if holds
    )
    speeds = (
        f"  {_range(fit, 'prompt'):>11} {_range(fit, 'generation'):>11}  {_answer(fit):>11}"
        if timed
        else ""
    )
    return f"  {fit.name:<36}{exact + size(fit.size):>8} {size(fit.memory):>8}{speeds}{marks}"


def _range(fit: Fit, what: str) -> str:
    if fit.slow is None or fit.fast is None:
        return "?"
    return _between(_rate(getattr(fit.slow, what)), _rate(getattr(fit.fast, what)))


def _between(low: str, high: str) -> str:
    """'3-9', or '3' where both are the same: what was measured."""
    return low if low == high else f"{low}-{high}"


def _rate(speed: float) -> str:
    return f"{speed:.1f}" if speed < 10 else f"{speed:.0f}"


def _answer(fit: Fit) -> str:
    if fit.answer is None:
        return "?"
    first, last = fit.answer
    if last < 120:
        return f"{_between(f'{first:.0f}', f'{last:.0f}')} s"
    return f"{_between(f'{first / 60:.0f}', f'{last / 60:.0f}')} min"


def shrunk(made: Shrunk) -> str:
    """A model before and after, and what was lost."""
    lines = [
        f"{'':<10}{'file':>10}  {'prompt':>12}  {'writes':>12}",
        _form("before", made.before.size, made.before.speeds, made.before.quantization),
        _form("after", made.after.size, made.after.speeds, made.after.quantization),
        *made.notes,
        _agreement(made.agreement),
    ]
    if made.after.size > made.before.size:
        lines.append("It is larger than the original: precision that is gone does not come back.")
    if made.twice:
        lines.append(
            f"The original was {made.before.quantization}, so precision was lost twice: from an F16 or "
            "BF16 file the same size keeps more."
        )
    lines += [
        f"It is {made.after.name}, sha256 {made.digest}.",
        "To use it, in pipelines.yaml below the pipeline (below `defaults:` for all of them):",
        f"    generator: {{model: {made.after.name}}}",
    ]
    return "\n".join(lines)


def _agreement(found: Agreement | None) -> str:
    if found is None:
        return "The two were not compared: what was lost is not known."
    return (
        f"At {found.share:.1%} of {found.tokens} places in {found.text} both hold the same next token "
        "likeliest."
    )


def _form(what: str, count: int, speeds: Speeds | None, quantization: str) -> str:
    if speeds is None:
        return f"{what:<10}{size(count):>10}  {'not measured':>28}  {quantization}"
    return (
        f"{what:<10}{size(count):>10}  {speeds.prompt:>8.1f} t/s  {speeds.generation:>8.1f} t/s"
        f"  {quantization}"
    )


def bench(found: ModelBench) -> str:
    """A table of one model's speeds."""
    single = found.batches[0].generation if found.batches else 0.0
    lines = [
        f"{found.name} ({found.quantization}, {size(found.size)}), context {found.context} tokens",
        *([found.computing.device] if found.computing.device else []),
        _computing(found.computing),
        f"opened in {found.load:.2f} s; reads {found.prompt:.1f} prompt tokens a second",
        f"first token after a prompt of {found.prompt_tokens} tokens: cold {found.cold:.2f} s, with the "
        f"beginning read before {found.warm:.2f} s, in a new process {found.restarted:.2f} s",
        f"{'answers at once':<18}{'tokens/s':>10}{'against one':>13}",
    ]
    for batch in found.batches:
        gain = batch.generation / single if single else 0.0
        lines.append(f"{batch.count:<18}{batch.generation:>10.1f}{gain:>12.2f}x")
    return "\n".join(lines)


def _computing(how: Computing) -> str:
    """What was measured when the model was first used here."""
    attention = "flash attention" if how.flash else "no flash attention"
    return (
        f"as measured here: {attention}, {how.batch_threads} threads for prompts and {how.threads} for "
        f"writing, prompts in batches of {how.batch} tokens, {how.ubatch} at once"
    )
