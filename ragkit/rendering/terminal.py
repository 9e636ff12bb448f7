"""What is printed for people: plain text, in which nothing a document says can steer the terminal."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence

from ragkit.rendering.phrases import ENGLISH, Phrases
from ragkit.types import (
    DOUBTFUL,
    READ_OCR,
    Citation,
    DoubtfulPage,
    FencedIn,
    HiddenIn,
    IngestPlan,
    IngestReport,
    ReadAs,
    TimeRange,
    Unreadable,
)

# C0 and C1 controls but newline and tab, DEL, and the characters that hide or reorder others:
# zero-width ones, line and paragraph separators, bidirectional controls, the byte order mark, tags.
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
SPACES = re.compile(r"\s+")
PREVIEW_CHARACTERS = 320
MOST_LINES = 20
"""Of one kind in a report at the terminal."""


def inert(text: str) -> str:
    """`text` without escape sequences, hidden and reordering characters."""
    return STEERING.sub("", text)


def one_line(text: str) -> str:
    """`text` inert and on one line."""
    return SPACES.sub(" ", inert(text)).strip()


def shortened(text: str, characters: int = PREVIEW_CHARACTERS) -> str:
    """One line of at most so many characters, cut at a word."""
    line = one_line(text)
    return line if len(line) <= characters else line[:characters].rsplit(" ", 1)[0] + " …"


def place_of(document: str, page: int | None, said: Phrases = ENGLISH) -> str:
    """'mail.eml > contract.pdf, p. 2'."""
    name = one_line(document).replace("::", " > ")
    return f"{name}, {said.page.format(page=page)}" if page is not None else name


def cited_place(citation: Citation, said: Phrases = ENGLISH) -> str:
    """The place of a quote, and how its page was read where that leaves doubts."""
    place = place_of(citation.document, citation.page, said)
    doubt = doubt_of(citation.read_as, citation.confidence, said)
    return f"{place} ({doubt})" if doubt else place


def doubt_of(read_as: ReadAs, confidence: float | None, said: Phrases = ENGLISH) -> str:
    """'OCR, 96% sure', always; 'poor text layer, quality 61%' only where it is to be doubted."""
    if confidence is None:
        return said.ocr if read_as == READ_OCR else ""
    share = said.share(confidence)
    if read_as == READ_OCR:
        return said.ocr_sure.format(share=share)
    return said.poor_text.format(share=share) if confidence < DOUBTFUL else ""


def unreadable_lines(unreadable: Sequence[Unreadable], most: int = MOST_LINES) -> list[str]:
    """'Could not be read: ...', one line each."""
    return _first(
        most,
        [
            f"Could not be read: {place_of(item.document, None)}: {one_line(item.reason)}"
            for item in unreadable
        ],
    )


def doubtful_lines(doubtful: Sequence[DoubtfulPage], most: int = MOST_LINES) -> list[str]:
    """'Not to be relied on: scan.pdf, p. 3 (OCR, 61% sure)', one line for each page."""
    return _first(
        most,
        [
            f"Not to be relied on: {place_of(page.document, page.page)} "
            f"({doubt_of(page.read_as, page.confidence)})"
            for page in doubtful
        ],
    )


def hidden_lines(hidden: Sequence[HiddenIn], most: int = MOST_LINES) -> list[str]:
    """'Text that cannot be seen, left out: letter.pdf, p. 1: 412 characters, white on white'."""
    return _first(
        most,
        [
            f"Text that cannot be seen, left out: {place_of(item.document, item.page)}: "
            f"{item.characters} characters, {one_line(item.kind)}"
            for item in hidden
        ],
    )


def fenced_lines(fenced: Sequence[FencedIn], most: int = MOST_LINES) -> list[str]:
    """'Reads like an instruction to a machine, fenced: letter.pdf, p. 1: asks to ...'."""
    return _first(
        most,
        [
            f"Reads like an instruction to a machine, fenced: {place_of(item.document, item.page)}: "
            f"{', '.join(item.kinds)}"
            for item in fenced
        ],
    )


def _first(most: int, lines: list[str]) -> list[str]:
    more = len(lines) - most
    return [*lines[:most], f"... and {more} more (--json lists all)."] if more > 0 else lines


def show_report(report: IngestReport) -> str:
    """One ingest in a few lines."""
    remade = f", {report.remade} made anew" if report.remade else ""
    is_held = report.gate is not None and not report.gate.passed
    held = "held back by the quality gate, not shown yet: " if is_held else ""
    lines = [
        f"{report.pipeline}: {held}{report.added} added, {report.changed} changed, "
        f"{report.renamed} renamed, {report.removed} removed, {report.unchanged} unchanged{remade}.",
        *_metadata_changed(report.metadata_changed),
        f"{report.files_read} files read, {report.embedded} chunks embedded in {report.seconds:.1f} s; "
        f"generation {report.generation} shows {report.documents} documents in {report.chunks} chunks.",
    ]
    if report.ocr_pages:
        lines.append(f"{report.ocr_pages} of its pages were read by OCR.")
    lines += [*doubtful_lines(report.doubtful), *hidden_lines(report.hidden)]
    lines += fenced_lines(report.fenced)
    return "\n".join([*lines, *report.notes, *unreadable_lines(report.unreadable)])


def _metadata_changed(count: int) -> list[str]:
    if not count:
        return []
    return [f"{count} of them {'has' if count == 1 else 'have'} other metadata than before."]


def show_plan(plan: IngestPlan) -> str:
    """What an ingest would do."""
    counts = (
        f"{plan.pipeline}: {len(plan.new)} new, {len(plan.changed)} changed, "
        f"{len(plan.removed)} gone, {plan.unchanged} unchanged (by size and time)."
    )
    kinds = ", ".join(
        f"{kind.files} {one_line(kind.suffix) or 'without suffix'} ({_size(kind.bytes)})"
        for kind in plan.kinds
    )
    lines = [counts, *([f"  To read: {kinds}."] if kinds else []), f"  {_duration_of(plan)}"]
    return "\n".join([*lines, *_named("new", plan.new), *_named("changed", plan.changed)])


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def _duration_of(plan: IngestPlan) -> str:
    if plan.time is None:
        return "How long it takes is not known yet: the first ingest measures this machine."
    reasons = {
        "runs": "by this pipeline's earlier runs",
        "machine": "by the embedder's measured speed",
        "nothing": "there is nothing to read",
    }
    time = f"Time: {time_in_words(plan.time)} ({reasons[plan.time.basis]})"
    if plan.time.scanned < 1:
        return f"{time}."
    more, unit = _in_units(plan.time.scanned, math.ceil)
    return f"{time}, and up to {more:g} {unit} more if all pages of images and PDF files need OCR."


def time_in_words(time: TimeRange) -> str:
    """'about 3 to 6 minutes', 'about 40 seconds to 2 minutes': the range, widened to whole units."""
    low, unit_below = _in_units(time.low, math.floor)
    high, unit = _in_units(time.high, math.ceil)
    if not low:
        return f"up to {high:g} {unit}"
    return f"about {low:g} {'' if unit_below == unit else unit_below + ' '}to {high:g} {unit}"


def seconds_in_words(seconds: float) -> str:
    """'40 seconds', '3 minutes', '1.2 hours': rounded up."""
    count, unit = _in_units(seconds, math.ceil)
    return f"{count:g} {unit}" if count > 1 else f"1 {unit.removesuffix('s')}"


def _in_units(seconds: float, rounded: Callable[[float], int]) -> tuple[float, str]:
    """Seconds up to a minute and a half, minutes up to an hour and a half, then tenths of hours."""
    if seconds < 90:
        return rounded(seconds), "seconds"
    if seconds < 5400:
        return rounded(seconds / 60), "minutes"
    return rounded(seconds / 360) / 10, "hours"


def _named(what: str, paths: Iterable[str]) -> list[str]:
    return [f"  {what}: {one_line(path)}" for path in paths]


def indented(text: str, first: str, width: int, hanging: str | None = None) -> str:
    rest = " " * len(first) if hanging is None else hanging
    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
