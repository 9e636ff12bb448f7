"""A nightly report for people: as Markdown for the file, as plain text for the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ragkit.rendering.markdown import literal
from ragkit.rendering.terminal import one_line, place_of
from ragkit.rendering.times import duration_between, local_time
from ragkit.types import DoubtfulPage, Failure, NightlyReport

UNITS = {
    "files_per_second": "files/s",
    "megabytes_per_second": "MB/s",
    "chunks_per_second": "chunks/s",
}
NAMED = 100
"""Documents that a list names; the JSON beside it has them all."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a document (with a page, or None) and other words are written."""

    name: Callable[[str, int | None], str]
    words: Callable[[str], str]


class Section(NamedTuple):
    """A part of a report, shown as a list."""

    title: str
    lines: Sequence[str]


def as_markdown(report: NightlyReport) -> str:
    """The report as the file that is read in the morning."""
    parts = [f"# {_title(report)}", f"**{_summary(report, MARKDOWN)}**"]
    for section in _sections(report, MARKDOWN):
        body = "\n".join(f"- {line}" for line in section.lines)
        parts.append(f"## {section.title}\n\n{body}")
    return "\n\n".join(parts) + "\n"


def as_text(report: NightlyReport) -> str:
    """The same for a terminal."""
    lines = [_title(report), f"  {_summary(report, TERMINAL)}"]
    for section in _sections(report, TERMINAL):
        lines.append(f"  {section.title}")
        lines += [f"    {line}" for line in section.lines]
    return "\n".join(lines)


def _title(report: NightlyReport) -> str:
    return f"{report.pipeline}, night of {local_time(report.started)[:10]}"


def _summary(report: NightlyReport, style: Style) -> str:
    """The one sentence that is read first."""
    if report.error is not None:
        return f"Failed: {style.words(str(report.error['message']))}"
    new = sum(failure.new for failure in report.failures)
    changes = report.changes
    counts = (
        f"{len(changes.added)} added, {len(changes.changed)} changed, "
        f"{len(changes.renamed)} renamed, {len(changes.removed)} removed"
    )
    unread = f"{len(report.failures)} cannot be read ({new} of them new)"
    return f"Done: {counts}; {unread if report.failures else 'everything could be read'}."


def _sections(report: NightlyReport, style: Style) -> Iterator[Section]:
    """What there is to say, the most urgent first; what did not happen is left out."""
    if report.error is not None:
        yield Section("What to do", _advice(report, style))
    failures = sorted(report.failures, key=lambda failure: not failure.new)
    yield from _listed("Could not be read", [_failure(item, style) for item in failures])
    changes = report.changes
    yield from _listed("Added", [style.name(path, None) for path in changes.added])
    yield from _listed("Changed", [style.name(path, None) for path in changes.changed])
    renamed = [
        f"{style.name(old, None)} -> {style.name(new, None)}" for old, new in changes.renamed
    ]
    yield from _listed("Renamed", renamed)
    yield from _listed("Removed", [style.name(path, None) for path in changes.removed])
    doubtful = sorted(report.doubtful, key=lambda page: page.confidence)
    yield from _listed("Pages with doubtful OCR", [_page(page, style) for page in doubtful])
    yield Section("Figures", list(_figures(report)))
    yield from _listed("Notes", [style.words(note) for note in report.notes])


def _listed(title: str, lines: Sequence[str]) -> Iterator[Section]:
    if not lines:
        return
    more = [f"and {len(lines) - NAMED} more: the JSON names them all"] if lines[NAMED:] else []
    yield Section(f"{title} ({len(lines)})", [*lines[:NAMED], *more])


def _advice(report: NightlyReport, style: Style) -> list[str]:
    hint = style.words(str((report.error or {}).get("hint", "")))
    return [*([hint] if hint else []), "What was published before goes on answering."]


def _failure(failure: Failure, style: Style) -> str:
    new = "NEW: " if failure.new else ""
    since = local_time(failure.since)
    return (
        f"{new}{style.name(failure.document, None)}: {style.words(failure.reason)} (since {since})"
    )


def _page(page: DoubtfulPage, style: Style) -> str:
    return f"{style.name(page.document, page.page)}: confidence {page.confidence:.2f}"


def _figures(report: NightlyReport) -> Iterator[str]:
    run = f"run {report.run}, " if report.run else ""
    took = duration_between(report.started, report.finished)
    yield f"{run}{local_time(report.started)}, {took}; generation {report.generation}"
    figures = report.figures
    if figures:
        megabytes = float(str(figures.get("bytes_read", 0))) / 1e6
        read = f"{figures['files_read']} files read ({megabytes:.1f} MB)"
        yield f"{read}, {figures['unchanged']} unchanged, {figures['embedded']} chunks embedded"
        ocr = f", {figures['ocr_pages']} pages read by OCR" if figures.get("ocr_pages") else ""
        yield f"{figures['documents']} documents in {figures['chunks']} chunks are indexed{ocr}"
    if report.rates:
        shown = [(report.rates.get(name), unit) for name, unit in UNITS.items()]
        yield ", ".join(f"{rate:.3g} {unit}" for rate, unit in shown if rate is not None)


def _in_code(document: str, page: int | None) -> str:
    """A name that is inert in Markdown too: in a code span, fenced by more ticks than it holds."""
    text = place_of(document, None)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest else ""
    shown = f"{fence}{padding}{text}{padding}{fence}"
    return shown if page is None else f"{shown}, p. {page}"


TERMINAL = Style(place_of, one_line)
MARKDOWN = Style(_in_code, literal)  # a reason may hold what a file said about itself
