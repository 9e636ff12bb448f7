"""A sweep for people at a terminal: what is not a plain no, then counts that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ragkit.rendering.counting import counted
from ragkit.rendering.terminal import indented, one_line, place_of, shortened
from ragkit.types.sweeps import Sweep, SweepPlan, SweepRow

_ORDER = {"yes": 0, "unclear": 1, "unreadable": 2, "no": 3}


def show_rows(rows: Sequence[SweepRow], most: int, width: int) -> str:
    """Of each question its rows but for every no, at most `most`: yes, unclear, unreadable."""
    ids = list(dict.fromkeys(row.id for row in rows))
    ordered = sorted(rows, key=lambda row: (ids.index(row.id), _ORDER[row.verdict]))
    parts = []
    for _, group in groupby(ordered, key=lambda row: row.id):
        parts.append("\n".join(_question(list(group), most, width)))
    return "\n\n".join(parts)


def _question(rows: Sequence[SweepRow], most: int, width: int) -> Iterator[str]:
    yield indented(one_line(rows[0].question), "", width)
    told = [row for row in rows if row.verdict != "no"]
    for row in told[:most]:
        page = row.citation.page if row.citation else None
        value = f" {one_line(row.value)} -" if row.value else ""
        quote = f'"{shortened(row.citation.quote, 160)}"' if row.citation else ""
        why = "" if row.verdict == "yes" else f" ({one_line(row.reason)})"
        line = f"{row.verdict:<11}{place_of(row.document, page)}:{value} {quote}{why}"
        yield indented(line, "  ", width, hanging=" " * 13)
    if len(told) > most:
        yield f"  ... and {len(told) - most} more (--output FILE has every row)."


def show_counts(swept: Sweep, output: str) -> str:
    """A line for each question, adding up to the documents in scope."""
    wide = min(60, max(len(one_line(count.question)) for count in swept.counts))
    lines = [f"{'':<{wide}}  {'yes':>6} {'no':>6} {'unclear':>8} {'unread':>7} {'all':>6}"]
    lines += [
        f"{shortened(count.question, wide)[:wide]:<{wide}}  {count.yes:>6} {count.no:>6} "
        f"{count.unclear:>8} {count.unreadable:>7} {count.total:>6}"
        for count in swept.counts
    ]
    where = f" Every row: {output}." if output else ""
    lines.append(
        f"{counted(swept.documents, 'document')}, {counted(swept.judged, 'row')} judged now, "
        f"{swept.reused} before; {swept.seconds:.1f} s.{where}"
    )
    return "\n".join(lines)


def show_plan(plan: SweepPlan) -> str:
    """What a sweep would do."""
    head = (
        f"{plan.pipeline}: {counted(plan.documents, 'document')}, {counted(plan.questions, 'question')}: "
        f"{counted(plan.rows, 'row')}, {plan.to_judge} of them to judge."
    )
    return head if plan.seconds is None else f"{head} About {max(1, round(plan.seconds))} s."
