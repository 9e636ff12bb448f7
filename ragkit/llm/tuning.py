"""How this machine computes a model fastest: measured once, when the model is first used here.

    CACHE/engine-f1e2d3c4b5a69788/        of the model with weights of that sha256
        measured-0f3c....json             one for each kind of processor that uses the folder

Tried are numbers of threads, for prompts and for writing apart: prompts gain by every core, writing waits
for memory. A way other than the usual one must be clearly faster, since a measurement of a moment may
meet another program at work. How large a batch is follows from the speed: between two batches an answer
can be stopped. Nothing measured here changes what is written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ragkit.acceleration.machine import machine_id
from ragkit.files import make_private, write_atomically
from ragkit.llm.runtime import ContextSettings, Row, Runtime

OpenRuntime = Callable[[ContextSettings], Runtime]
Clock = Callable[[], float]

PROMPT_TOKENS = 64
WRITTEN_TOKENS = 8
CLEARLY = 1.1
"""Times faster that another way must be to be taken."""
LONGEST_BATCH_SECONDS = 4.0
"""Ctrl-C waits for the end of a batch."""
OWN_SHARE = 0.75
"""Processor seconds for each second of measuring, at least: alone, a process has one processor or more."""
BUSY_SECONDS = 24 * 3600.0
"""So long a machine that was busy is taken for busy: measuring a large model takes half a minute."""
BATCHES = (512, 256, 128, 64)
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found on a machine. Speeds: tokens a second, of one text."""

    threads: int
    batch_threads: int
    batch: int
    prompt_speed: float
    writing_speed: float


def tuned(
    usual: ContextSettings,
    open_runtime: OpenRuntime,
    folder: Path | None,
    library: str,
    cores: int,
    clock: Clock = time.perf_counter,
    used: Clock = time.process_time,
    now: Clock = time.time,
) -> ContextSettings:
    """The settings that are fastest here: as remembered in `folder`, else as measured now.

    usual: what is taken where nothing is clearly faster. library: version of what computes; another one
    is measured anew. Without a folder nothing is measured. used: seconds of processor time of this process.
    now: seconds since 1970. While other programs have the processor, what is measured says nothing: then
    the usual settings are taken, and it is not tried again for a day.
    """
    if folder is None or _was_busy(folder, library, now()):
        return usual
    found = remembered(folder, library)
    if found is None:
        wall, own = clock(), used()

        def is_busy() -> bool:
            return used() - own < OWN_SHARE * (clock() - wall)

        found = measure(usual, open_runtime, cores, clock, is_busy)
        _remember(folder, library, {"busy_since": now()} if found is None else asdict(found))
    if found is None:
        return usual
    return _with(usual, found.threads, found.batch_threads, found.batch)


def measure(
    usual: ContextSettings,
    open_runtime: OpenRuntime,
    cores: int,
    clock: Clock,
    is_busy: Callable[[], bool],
) -> Measured | None:
    """Tries the numbers of threads worth trying; takes about a second for a small model.

    None, and no further one is tried, once other programs have the processor.
    """
    speeds: dict[int, tuple[float, float]] = {}
    for count in _counts(usual.threads, cores):
        speeds[count] = _speeds(open_runtime(_small(usual, count)), clock)
        if is_busy():
            return None
    reading = _fastest(usual.batch_threads, ((n, pair[0]) for n, pair in speeds.items()))
    writing = _fastest(usual.threads, ((n, pair[1]) for n, pair in speeds.items()))
    prompt_speed = speeds[reading][0]
    return Measured(
        writing,
        reading,
        batch_within(PROMPT_TOKENS, PROMPT_TOKENS / prompt_speed),
        round(prompt_speed, 1),
        round(speeds[writing][1], 1),
    )


def batch_within(rows: int, seconds: float) -> int:
    """The largest batch that ends within LONGEST_BATCH_SECONDS where `rows` take `seconds`."""
    fitting = (size for size in BATCHES if size * seconds <= LONGEST_BATCH_SECONDS * rows)
    return next(fitting, BATCHES[-1])


def remembered(folder: Path, library: str) -> Measured | None:
    """What was measured on this kind of machine; None if nothing was, or with another library."""
    try:
        content = json.loads(_path(folder).read_text(encoding="utf-8"))
        if (content.pop("version"), content.pop("library")) != (_VERSION, library):
            return None
        found = Measured(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    whole = all(isinstance(n, int) and n > 0 for n in (found.threads, found.batch_threads))
    return found if whole and found.batch in BATCHES else None


def _was_busy(folder: Path, library: str, now: float) -> bool:
    """Whether other programs had the processor when it was measured, less than a day ago."""
    try:
        content = json.loads(_path(folder).read_text(encoding="utf-8"))
        since = content["busy_since"]
        same = (content["version"], content["library"]) == (_VERSION, library)
        return same and 0 <= now - since < BUSY_SECONDS
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _remember(folder: Path, library: str, found: Mapping[str, object]) -> None:
    """Where nothing can be written, it is measured again next time."""
    content = {"version": _VERSION, "library": library, **found}
    with suppress(OSError):
        make_private(folder)
        write_atomically(_path(folder), json.dumps(content, indent=1))


def _path(folder: Path) -> Path:
    return folder / f"measured-{machine_id()}.json"


def _counts(usual: int, cores: int) -> list[int]:
    """Numbers of threads to try: the usual one, half of it, one fewer, and every core there is."""
    return sorted({usual, max(1, usual // 2), max(1, usual - 1), cores}, reverse=True)


def _small(usual: ContextSettings, threads: int) -> ContextSettings:
    """The same for a context that is soon made."""
    smaller = _with(usual, threads, threads, usual.batch)
    return ContextSettings(**{**asdict(smaller), "cells": 256, "slots": 1})


def _with(settings: ContextSettings, threads: int, reading: int, batch: int) -> ContextSettings:
    changed = {"threads": threads, "batch_threads": reading, "batch": batch}
    return ContextSettings(**{**asdict(settings), **changed})


def _speeds(runtime: Runtime, clock: Clock) -> tuple[float, float]:
    """Tokens a second, read and written. The first batch brings the weights into memory."""
    with closing(runtime):
        runtime.decode([Row(1, 0, 0)])
        started = clock()
        last = PROMPT_TOKENS
        runtime.decode([Row(1 + at % 50, 0, 1 + at, at == last - 1) for at in range(last)])
        read = clock()
        for at in range(WRITTEN_TOKENS):
            runtime.decode([Row(1 + at, 0, 1 + PROMPT_TOKENS + at, True)])
        written = clock()
    return PROMPT_TOKENS / (read - started), WRITTEN_TOKENS / (written - read)


def _fastest(usual: int, speeds: Iterable[tuple[int, float]]) -> int:
    known = dict(speeds)
    best = max(known, key=lambda count: known[count])
    return best if known[best] > CLEARLY * known[usual] else usual
