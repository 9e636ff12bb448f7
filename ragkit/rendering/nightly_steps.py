"""What a nightly report says of the steps after the ingest: summaries and sweeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ragkit.rendering.nightly_parts import NAMED, Line, Section, Style, Tone
from ragkit.types import NightlyReport, StepReport
from ragkit.types.nights import LEFT_OUT, NOT_FINISHED, VerdictCount

TITLE = "After the ingest"
NOT_DONE = {
    NOT_FINISHED: "not finished: what was made is kept, the next night goes on from there",
    LEFT_OUT: "left out, since the ingest failed or was not reported; what was written before stays",
}


def in_one_sentence(report: NightlyReport) -> str:
    """For the sentence that is read first; "" where all steps are done."""
    said = ""
    for steps, what in ((report.failed_steps, "failed"), (report.unfinished_steps, "not finished")):
        if steps:
            said += f" After the ingest {what}: {', '.join(step.name for step in steps)}."
    return said


def included_in_the_time(report: NightlyReport) -> str:
    """What to say behind how long the night took: which steps are in it; "" for none."""
    ended = [step for step in report.after_ingest if step.outcome not in (NOT_FINISHED, LEFT_OUT)]
    if not ended:
        return ""
    some = "" if len(ended) == len(report.after_ingest) else " that are done"
    return f" with the steps after the ingest{some}"


def after_ingest(report: NightlyReport, style: Style) -> Iterator[Section]:
    """One section, or none where the settings have no step. Its tone is that of the worst step."""
    steps = report.after_ingest
    if not steps:
        return
    tone: Tone = "good"
    if any(step.outcome != "done" for step in steps):
        tone = "bad" if report.failed_steps else "warn"
    yield Section(TITLE, [line for step in steps for line in _lines(step, style)], tone)


def _lines(step: StepReport, style: Style) -> Iterator[Line]:
    took = f"{step.seconds:.0f} s" if step.seconds >= 1 else f"{step.seconds:.1f} s"
    name = Path(step.output).name
    if step.error is not None:
        said = f"{step.name}: {style.words(str(step.error['message']))}"
        yield Line("FAILED", style.words(name), said, style.words(str(step.error.get("hint", ""))))
        yield from _faults(step.error, style)
    elif step.outcome != "done":
        yield Line("", style.words(name), f"{step.name}: {NOT_DONE.get(step.outcome, '')}")
    else:
        place = style.link(name, step.entry or step.output)
        told = _rows(step) if step.name == "sweep" else _summaries(step)
        yield Line("", place, f"{step.name}: {told}", took)
        yield from _questions(step, style)


def _faults(error: Mapping[str, Any], style: Style) -> Iterator[Line]:
    """Of a file of questions, each with its place."""
    for fault in error.get("faults", ()):
        place = f"line {fault['line']}, {fault['place']}" if fault["line"] else fault["place"]
        yield Line("", style.words(place), style.words(fault["problem"]))


def _summaries(step: StepReport) -> str:
    said = [
        _counted(step.documents, "document"),
        f"{step.made} made now",
        f"{step.reused} as before",
    ]
    if step.removed:
        said.append(f"{step.removed} removed")
    if step.unreadable:
        said.append(f"{step.unreadable} could not be read, wholly or in part")
    return ", ".join(said)


def _rows(step: StepReport) -> str:
    counts = step.counts
    whole = VerdictCount(
        "",
        yes=sum(count.yes for count in counts),
        no=sum(count.no for count in counts),
        unclear=sum(count.unclear for count in counts),
        unreadable=sum(count.unreadable for count in counts),
    )
    asked = f"{_counted(len(counts), 'question')} of {_counted(step.documents, 'document')}"
    judged = f"{_counted(step.made, 'row')} judged now, {step.reused} as before"
    return f"{asked}: {_verdicts(whole)}; {judged}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _questions(step: StepReport, style: Style) -> Iterator[Line]:
    """One line each, where there are several."""
    if len(step.counts) < 2:
        return
    for count in step.counts[:NAMED]:
        yield Line("", style.words(count.id), _verdicts(count))
    if step.counts[NAMED:]:
        yield Line(words=f"and {len(step.counts) - NAMED} more: the JSON names them all")


def _verdicts(count: VerdictCount) -> str:
    said = f"{count.yes} yes, {count.no} no, {count.unclear} unclear"
    return f"{said}, {count.unreadable} unreadable" if count.unreadable else said
