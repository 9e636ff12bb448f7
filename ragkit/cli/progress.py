"""Progress on stderr: one line that is rewritten at a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from ragkit.types import Step

PLAIN_SECONDS = 5.0
TERMINAL_SECONDS = 0.1
BAR = 24


class ProgressLine:
    """Call it with each Step; use it in a `with`, so that the line is closed."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._terminal = sys.stderr.isatty()
        self._shown_at = 0.0
        self._stage = ""
        self._started = time.monotonic()
        self._open = False

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if step.stage != self._stage:
            self._stage = step.stage
            self._shown_at = 0.0
        pause = TERMINAL_SECONDS if self._terminal else PLAIN_SECONDS
        whole = step.total > 0 and step.done >= step.total
        if self._silent or (now - self._shown_at < pause and not (whole and self._terminal)):
            return
        self._shown_at = now
        self._write(self._line(step, now - self._started))

    def bytes(self, what: str, done: int, total: int) -> None:
        """Progress of a download or a check, in bytes."""
        megabytes = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
        self(Step(what, done, total, megabytes))

    def _line(self, step: Step, seconds: float) -> str:
        if not step.total:
            return f"{step.stage} {step.detail}".rstrip()
        share = min(1.0, step.done / step.total if step.share is None else step.share)
        left = (
            f", about {_duration(seconds * (1 - share) / share)} left" if 0.02 < share < 1 else ""
        )
        counts = step.detail if step.detail.endswith("MB") else f"{step.done} of {step.total}"
        detail = f", {step.detail}" if step.detail and step.detail != counts else ""
        bar = "█" * round(share * BAR) + "░" * (BAR - round(share * BAR))
        head = f"{bar} " if self._terminal else ""
        return f"{head}{step.stage} {counts}{detail}{left}"

    def _write(self, line: str) -> None:
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{line}")
            self._open = True
        else:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
