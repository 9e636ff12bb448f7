"""How this machine computes a model fastest: measured once, when the model is first used here.

    CACHE/engine-f1e2d3c4b5a69788/                of the model with weights of that sha256
        measured-0f3c....json                     one for each kind of processor that uses the folder
        measured-0f3c....-flash.json              where there was no choice of attention

Tried are both ways of attention (attention.py), then numbers of threads, for prompts and for writing apart:
prompts gain by every core, writing waits for memory. Another number of threads must be clearly faster, since
a measurement of a moment may meet another program at work. How large a batch is follows from the speed:
between two batches an answer can be stopped. What is written changes by none of it but where two words are
about as likely.

Not tried, since it would never be chosen:
- 8-bit keys and values: prompts are read at half the speed after 1,024 tokens (61 beside 116 a second), and
  other words are written. They are for who wishes to have half of the memory back.
- Passes of other sizes: 384 tokens in passes of 512 or of 128 took the same, within 4 %.
- Reading the file into memory of its own: it took 0.31 s of processor time in place of 0.23, and other
  programs could not have its pages back.
(the starter model, two threads, the machine quiet)
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ragkit.acceleration.machine import machine_id
from ragkit.files import make_private, write_atomically
from ragkit.llm.opening import Wanted, still_wanted
from ragkit.llm.runtime import ContextSettings, Row, Runtime

OpenRuntime = Callable[[ContextSettings], Runtime]
Clock = Callable[[], float]

PROMPT_TOKENS = 64
"""As many as flash attention needs for its fast way with prompts (GGML_FA_TILE_Q)."""
WRITTEN_TOKENS = 8
STATE_TOKENS = 32
TIMES = 16
"""So often those are put before what is measured: half of a usual prompt, where the ways of attention
differ, without half a prompt's time."""
READ_IN_AN_ANSWER, WRITTEN_IN_AN_ANSWER = 900, 100
"""Tokens of evidence (`answers.evidence_tokens`), and of four sentences: what the ways are compared by."""
CLEARLY = 1.1
"""Times faster that another number of threads must be to be taken."""
LONGEST_BATCH_SECONDS = 4.0
"""Ctrl-C waits for the end of a batch."""
OWN_SHARE = 0.75
"""Processor seconds for each second of measuring, at least: alone, a process has one processor or more."""
BUSY_SECONDS = 24 * 3600.0
"""So long a machine that was busy is taken for busy: measuring a large model takes half a minute."""
BATCHES = (512, 256, 128, 64)
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second, of one text after many others: of a prompt, and written."""

    reading: float
    writing: float

    @property
    def answer_seconds(self) -> float:
        return READ_IN_AN_ANSWER / self.reading + WRITTEN_IN_AN_ANSWER / self.writing


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found on a machine. Speeds: tokens a second, of one text."""

    threads: int
    batch_threads: int
    batch: int
    flash: bool
    prompt_speed: float
    writing_speed: float


@dataclass(frozen=True, slots=True)
class Choice:
    """usual: what is taken where nothing is measured. threads: whether their number may be chosen.
    ways: with flash attention or without, what may be chosen, the usual one first."""

    usual: ContextSettings
    threads: bool
    ways: tuple[bool, ...]

    @property
    def is_open(self) -> bool:
        return self.threads or len(self.ways) > 1

    @property
    def kind(self) -> str:
        """For file names: what was measured with a choice says nothing about another one."""
        if len(self.ways) > 1:
            return ""
        attention = "-flash" if self.usual.flash else "-pairs"
        return attention if self.usual.halves else f"{attention}-bytes"

    def taken(self, found: Measured) -> ContextSettings:
        """With what was found, where it may be chosen."""
        settings = replace(self.usual, batch=found.batch, flash=found.flash)
        if not self.threads:
            return settings
        return replace(settings, threads=found.threads, batch_threads=found.batch_threads)


def tuned(
    choice: Choice,
    open_runtime: OpenRuntime,
    folder: Path | None,
    library: str,
    cores: int,
    clock: Clock = time.perf_counter,
    used: Clock = time.process_time,
    now: Clock = time.time,
    wanted: Wanted = lambda: True,
) -> ContextSettings:
    """The settings that are fastest here: as remembered in `folder`, else as measured now.

    library: version of what computes; another one is measured anew. Without a folder, or where nothing may
    be chosen, nothing is measured. used: seconds of processor time of this process. now: seconds since
    1970. wanted: as Opening says; Interrupted is raised where it no longer is. While other programs have
    the processor, what is measured says nothing: then the usual settings are taken, and it is not tried
    again for a day.
    """
    if folder is None or not choice.is_open:
        return choice.usual
    path = folder / f"measured-{machine_id()}{choice.kind}.json"
    if _was_busy(path, library, now()):
        return choice.usual
    found = remembered(path, library)
    if found is None:
        wall, own = clock(), used()

        def is_busy() -> bool:
            return used() - own < OWN_SHARE * (clock() - wall)

        def measured(left: threading.Event) -> Measured | None:
            return measure(
                choice,
                open_runtime,
                cores,
                clock,
                lambda: is_busy() or left.is_set() or not wanted(),
            )

        found = _in_a_thread(measured)
        still_wanted(wanted)
        _remember(path, library, {"busy_since": now()} if found is None else asdict(found))
    return choice.usual if found is None else choice.taken(found)


def _in_a_thread(work: Callable[[threading.Event], Measured | None]) -> Measured | None:
    """In one that ends. OpenMP's threads belong to the thread that they compute for, and while there are more
    of them than processors those of the engine would not spin: it would write a third slower.

    left: set where the caller is interrupted.
    """
    left = threading.Event()
    with ThreadPoolExecutor(1, "ragkit-measuring") as pool:
        try:
            return pool.submit(work, left).result()
        except BaseException:
            left.set()
            raise


def measure(
    choice: Choice,
    open_runtime: OpenRuntime,
    cores: int,
    clock: Clock,
    is_busy: Callable[[], bool],
) -> Measured | None:
    """Tries the ways of attention, then the numbers of threads worth trying; a few seconds for a small model.

    Flash attention is taken where an answer takes no longer with it. None, and no further one is tried,
    once other programs have the processor.
    """
    usual = choice.usual
    by_way: dict[bool, Speed] = {}
    for flash in choice.ways:
        by_way[flash] = _speed(open_runtime(_small(usual, usual.threads, flash)), clock)
        if is_busy():
            return None
    flash = min(sorted(by_way, reverse=True), key=lambda way: by_way[way].answer_seconds)
    speeds = {usual.threads: by_way[flash]}
    for count in _counts(usual.threads, cores):
        speeds[count] = _speed(open_runtime(_small(usual, count, flash)), clock)
        if is_busy():
            return None
    return _best(usual.threads, speeds, flash)


def _best(usual: int, speeds: Mapping[int, Speed], flash: bool) -> Measured:
    """speeds: by number of threads."""
    reading = _fastest(usual, ((n, speed.reading) for n, speed in speeds.items()))
    writing = _fastest(usual, ((n, speed.writing) for n, speed in speeds.items()))
    prompt_speed = speeds[reading].reading
    return Measured(
        threads=writing,
        batch_threads=reading,
        batch=batch_within(PROMPT_TOKENS, PROMPT_TOKENS / prompt_speed),
        flash=flash,
        prompt_speed=round(prompt_speed, 1),
        writing_speed=round(speeds[writing].writing, 1),
    )


def batch_within(rows: int, seconds: float) -> int:
    """The largest batch that ends within LONGEST_BATCH_SECONDS where `rows` take `seconds`."""
    fitting = (size for size in BATCHES if size * seconds <= LONGEST_BATCH_SECONDS * rows)
    return next(fitting, BATCHES[-1])


def remembered(path: Path, library: str) -> Measured | None:
    """What was measured on this kind of machine; None if nothing was, or with another library."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if (content.pop("version"), content.pop("library")) != (_VERSION, library):
            return None
        found = Measured(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    whole = all(isinstance(n, int) and n > 0 for n in (found.threads, found.batch_threads))
    return found if whole and found.batch in BATCHES and isinstance(found.flash, bool) else None


def _was_busy(path: Path, library: str, now: float) -> bool:
    """Whether other programs had the processor when it was measured, less than a day ago."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        since = content["busy_since"]
        same = (content["version"], content["library"]) == (_VERSION, library)
        return same and 0 <= now - since < BUSY_SECONDS
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _remember(path: Path, library: str, found: Mapping[str, object]) -> None:
    """Where nothing can be written, it is measured again next time."""
    content = {"version": _VERSION, "library": library, **found}
    with suppress(OSError):
        make_private(path.parent)
        write_atomically(path, json.dumps(content, indent=1))


def _counts(usual: int, cores: int) -> list[int]:
    """Numbers of threads to try beside the usual one: half of it, one fewer, and every core there is."""
    return sorted({max(1, usual // 2), max(1, usual - 1), cores} - {usual}, reverse=True)


def _small(usual: ContextSettings, threads: int, flash: bool) -> ContextSettings:
    """The same for a context that is soon made."""
    cells = STATE_TOKENS * (TIMES + 1) + PROMPT_TOKENS + WRITTEN_TOKENS
    changed = replace(usual, threads=threads, batch_threads=threads, flash=flash)
    return replace(changed, cells=cells, slots=2)


def _speed(runtime: Runtime, clock: Clock) -> Speed:
    """Of a prompt's middle. What stands before it brings the weights into memory."""
    with closing(runtime):
        runtime.decode([Row(1 + at, 0, at) for at in range(STATE_TOKENS)])
        if runtime.cuts:  # a recurrent state is as long after many tokens as after a few
            runtime.repeat(0, TIMES)
        started = clock()
        end = STATE_TOKENS + PROMPT_TOKENS
        runtime.decode([Row(1 + at, 0, at, at == end - 1) for at in range(STATE_TOKENS, end)])
        read = clock()
        for at in range(end, end + WRITTEN_TOKENS):
            runtime.decode([Row(1 + at, 0, at, True)])
        written = clock()
    return Speed(PROMPT_TOKENS / (read - started), WRITTEN_TOKENS / (written - read))


def _fastest(usual: int, speeds: Iterable[tuple[int, float]]) -> int:
    known = dict(speeds)
    best = max(known, key=lambda count: known[count])
    return best if known[best] > CLEARLY * known[usual] else usual
