"""A nightly report for people: as Markdown for the file, as plain text for the terminal.

What is said, and in which order, is here for the page of nightly_page.py too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ragkit.rendering.nightly_parts import (
    NAMED,
    TERMINAL,
    Line,
    Section,
    Style,
    Tone,
    listed,
    markdown,
)
from ragkit.rendering.nightly_steps import after_ingest, in_one_sentence, included_in_the_time
from ragkit.rendering.times import duration_between, local_time
from ragkit.types import (
    READ_OCR,
    DoubtfulPage,
    Failure,
    FencedIn,
    GateVerdict,
    HiddenIn,
    NightlyReport,
    isolation_of,
)

UNITS = {
    "files_per_second": "files/s",
    "megabytes_per_second": "MB/s",
    "chunks_per_second": "chunks/s",
}


def as_markdown(report: NightlyReport, beside: Path | None = None) -> str:
    """The report as the file that is read in the morning.

    beside: the folder that it will lie in, to which links are relative; None: they are absolute.
    """
    style = markdown(beside)
    parts = [f"# {title_of(report)}", f"**{summary_of(report, style)}**"]
    for section in sections_of(report, style):
        body = "\n".join(f"- {_in_one(line)}" for line in section.lines)
        parts.append(f"## {section.heading}\n\n{body}")
    return "\n\n".join(parts) + "\n"


def as_text(report: NightlyReport) -> str:
    """The same for a terminal."""
    lines = [title_of(report), f"  {summary_of(report, TERMINAL)}"]
    for section in sections_of(report, TERMINAL):
        lines.append(f"  {section.heading}")
        lines += [f"    {_in_one(line)}" for line in section.lines]
    return "\n".join(lines)


def gate_as_text(gate: GateVerdict) -> str:
    """What the quality gate found, for the terminal."""
    section = _gate(gate, TERMINAL)
    return "\n".join([f"{section.heading}:", *(f"  {_in_one(line)}" for line in section.lines)])


def _in_one(line: Line) -> str:
    said = ": ".join(filter(None, (line.mark, line.place, line.words)))
    return f"{said} ({line.aside})" if line.aside else said


def title_of(report: NightlyReport) -> str:
    return f"{report.pipeline}, night of {local_time(report.started)[:10]}"


def summary_of(report: NightlyReport, style: Style) -> str:
    """The one sentence that is read first."""
    if report.error is not None:
        return f"Failed: {style.words(str(report.error['message']))}"
    changes = report.changes
    if report.gate is not None and not report.gate.passed:
        gone = f"; {len(changes.removed)} removed all the same" if changes.removed else ""
        steps = in_one_sentence(report)
        return f"Held back by the quality gate: {_waiting(report)} not shown yet{gone}.{steps}"
    new = sum(failure.new for failure in report.failures)
    counts = (
        f"{len(changes.added)} added, {len(changes.changed)} changed, "
        f"{len(changes.renamed)} renamed, {len(changes.removed)} removed"
    )
    if changes.metadata_changed:
        counts += f", {len(changes.metadata_changed)} with changed metadata"
    unread = f"{len(report.failures)} cannot be read ({new} of them new)"
    read = unread if report.failures else "everything could be read"
    return f"Done: {counts}; {read}.{in_one_sentence(report)}"


def _waiting(report: NightlyReport) -> str:
    """What the ingest would have published."""
    counts = [(report.figures.get(name), name) for name in ("added", "changed")]
    remade = (report.figures.get("remade"), "made anew")
    named = [f"{count} {what}" for count, what in (*counts, remade) if count]
    return f"{', '.join(named)}," if named else "what is new is"


def sections_of(report: NightlyReport, style: Style) -> Iterator[Section]:
    """What there is to say, the most urgent first; what did not happen is left out."""
    if report.error is not None:
        yield Section("What to do", _advice(report, style), "bad")
    if report.gate is not None:
        yield _gate(report.gate, style)
    steps = list(after_ingest(report, style))
    yield from (step for step in steps if step.tone != "good")
    held = [Line(place=style.name(path, None)) for path in report.held]
    yield from listed("Held back, not shown yet", held, "warn")
    failures = sorted(report.failures, key=lambda failure: not failure.new)
    tone: Tone = "bad" if report.has_new_failures else "warn"
    yield from listed("Could not be read", [_failure(item, style) for item in failures], tone)
    yield from _doubtful(report.doubtful, style)
    hidden = [_hidden(item, style) for item in report.hidden]
    yield from listed("Text that cannot be seen", hidden, "warn")
    fenced = [_fenced(item, style) for item in report.fenced]
    yield from listed("Reads like an instruction to a machine, fenced", fenced, "warn")
    yield from _changes(report, style)
    yield from (step for step in steps if step.tone == "good")
    yield Section("Figures", list(_figures(report)))
    yield from listed("Notes", [Line(words=style.words(note)) for note in report.notes])


def _advice(report: NightlyReport, style: Style) -> list[Line]:
    hint = style.words(str((report.error or {}).get("hint", "")))
    stays = "What was published before goes on answering."
    return [Line(words=words) for words in (hint, stays) if words]


def _gate(gate: GateVerdict, style: Style) -> Section:
    """The questions that failed come first, whether the gate let the state pass or not."""
    lines = [
        Line(
            style.words(failure.id),
            f"“{style.words(failure.question)}”" if failure.question else "(question erased)",
            style.words(failure.reason),
            style.name(failure.document, None) if failure.document else "",
        )
        for failure in gate.failures[:NAMED]
    ]
    passed = "passed" if gate.passed else "not passed: the old state stays, removals aside"
    lines.append(
        Line(
            words=f"{passed}; recall {gate.recall:.2f} of at least {gate.minimum:.2f}, "
            f"{len(gate.failures)} of {gate.questions} questions failed"
        )
    )
    tone: Tone = "bad" if not gate.passed else "warn" if gate.failures else "good"
    return Section("Quality gate", lines, tone)


def _failure(failure: Failure, style: Style) -> Line:
    return Line(
        "NEW" if failure.new else "",
        style.name(failure.document, None),
        style.words(failure.reason),
        f"since {local_time(failure.since)}",
    )


def _doubtful(pages: Sequence[DoubtfulPage], style: Style) -> Iterator[Section]:
    """The least sure first; pages that OCR read, then those whose own text is of little quality."""
    ranked = sorted(pages, key=lambda page: page.confidence)
    by_ocr = [page for page in ranked if page.read_as == READ_OCR]
    others = [page for page in ranked if page.read_as != READ_OCR]
    yield from listed("Pages with doubtful OCR", _pages(by_ocr, "confidence", style), "warn")
    yield from listed(
        "Pages whose text layer is of little quality", _pages(others, "quality", style), "warn"
    )


def _pages(pages: Iterable[DoubtfulPage], measure: str, style: Style) -> list[Line]:
    return [
        Line("", style.name(page.document, page.page), f"{measure} {page.confidence:.2f}")
        for page in pages
    ]


def _hidden(item: HiddenIn, style: Style) -> Line:
    place = style.name(item.document, item.page)
    return Line("", place, f"{item.characters} characters, {style.words(item.kind)}")


def _fenced(item: FencedIn, style: Style) -> Line:
    return Line("", style.name(item.document, item.page), style.words(", ".join(item.kinds)))


def _changes(report: NightlyReport, style: Style) -> Iterator[Section]:
    def named(paths: Iterable[str]) -> list[Line]:
        return [Line(place=style.name(path, None)) for path in paths]

    changes = report.changes
    yield from listed("Added", named(changes.added))
    yield from listed("Changed", named(changes.changed))
    renamed = [
        Line(place=f"{style.name(old, None)} {style.arrow} {style.name(new, None)}")
        for old, new in changes.renamed
    ]
    yield from listed("Renamed", renamed)
    yield from listed("Removed", named(changes.removed))
    yield from listed("Metadata changed", named(changes.metadata_changed))


def _figures(report: NightlyReport) -> Iterator[Line]:
    run = f"run {report.run}, " if report.run else ""
    took = duration_between(report.started, report.finished) + included_in_the_time(report)
    yield Line(words=f"{run}{local_time(report.started)}, {took}; generation {report.generation}")
    figures = report.figures
    if figures:
        megabytes = float(str(figures.get("bytes_read", 0))) / 1e6
        read = f"{figures['files_read']} files read ({megabytes:.1f} MB)"
        made = f"{figures['unchanged']} unchanged, {figures['embedded']} chunks embedded"
        yield Line(words=f"{read}, {made}")
        ocr = f", {figures['ocr_pages']} pages read by OCR" if figures.get("ocr_pages") else ""
        indexed = f"{figures['documents']} documents in {figures['chunks']} chunks are indexed"
        yield Line(words=f"{indexed}{ocr}")
        if isolation := isolation_of(figures):
            yield Line(words=f"isolation level {isolation}")
    if report.rates:
        shown = [(report.rates.get(name), unit) for name, unit in UNITS.items()]
        rates = ", ".join(f"{rate:.3g} {unit}" for rate, unit in shown if rate is not None)
        yield Line(words=rates)
