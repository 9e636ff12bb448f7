"""The latest runs of a pipeline as a table."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.rendering.times import duration_between, local_time
from ragkit.types import RunRecord, isolation_of, rates_of

COLUMNS = ("run", "started", "took", "outcome", "added", "changed", "removed", "unreadable")
RATES = ("embedded", "files/s", "chunks/s")
LEVEL = "isolation"


def show_runs(pipeline: str, runs: Sequence[RunRecord]) -> str:
    """One line for each run, newest first; times in the machine's zone."""
    if not runs:
        return f"{pipeline}: no ingest yet."
    rows = [(*COLUMNS, *RATES, LEVEL), *(_row(run) for run in runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join([f"{pipeline}:", *(_line(row, widths) for row in rows)])


def _row(run: RunRecord) -> tuple[str, ...]:
    figures, rates = run.figures, rates_of(run.figures)
    counts = (str(figures.get(name, "")) for name in COLUMNS[4:])
    speeds = (rates.get(name) for name in ("files_per_second", "chunks_per_second"))
    return (
        str(run.id),
        local_time(run.started),
        duration_between(run.started, run.finished),
        run.outcome,
        *counts,
        str(figures.get("embedded", "")),
        *("" if speed is None else f"{speed:.3g}" for speed in speeds),
        isolation_of(figures),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    left = {1, 3, len(widths) - 1}
    cells = [
        cell.ljust(width) if number in left else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return ("  " + "  ".join(cells)).rstrip()
