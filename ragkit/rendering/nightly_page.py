"""A nightly report as one HTML page that needs nothing else: no script, no network, no other file.

How it is framed and kept from loading anything: page.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ragkit.rendering.nightly import sections_of, summary_of, title_of
from ragkit.rendering.nightly_parts import Line, Section, Style, address_of
from ragkit.rendering.page import page, words
from ragkit.rendering.terminal import place_of
from ragkit.rendering.times import local_time
from ragkit.types import NightlyReport

OPEN_LINES = 20
"""A list longer than this is folded, unless it is urgent."""

OUTCOMES = {"done": "Done", "held back": "Held back", "failed": "Failed"}


def as_html(report: NightlyReport, beside: Path | None = None) -> str:
    """The whole page. beside: as for Markdown."""
    style = Style(_name, words, partial(_link, beside=beside), "→")
    sections = map(_section, sections_of(report, style))
    body = "\n".join([*_head(report, style), *sections, _foot(report)])
    return page(title_of(report), body)


def _head(report: NightlyReport, style: Style) -> Iterator[str]:
    tone, outcome = _outcome(report)
    yield f'<header>\n<span class="outcome {tone}">{words(outcome)}</span>'
    yield f"<h1>{words(report.pipeline)}</h1>"
    yield f'<p class="when">Night of {words(local_time(report.started))}</p>'
    yield f'<p class="lead">{summary_of(report, style)}</p>\n</header>'
    yield '<dl class="tiles">'
    for name, value in _tiles(report):
        yield f"<div><dt>{words(name)}</dt><dd>{words(value)}</dd></div>"
    yield "</dl>"


def _outcome(report: NightlyReport) -> tuple[str, str]:
    """Its colour, and the words beside the colour."""
    if report.outcome != "done":
        return "bad", OUTCOMES.get(report.outcome, report.outcome)
    if report.failed_steps:
        return "bad", "Done, but a step after it failed"
    if report.has_new_failures:
        return "warn", "Done, with new failures"
    if report.unfinished_steps:
        return "warn", "Done, but a step after it is not finished"
    return "good", "Done"


def _tiles(report: NightlyReport) -> Iterator[tuple[str, str]]:
    changes = report.changes
    if "documents" in report.figures:
        yield "documents", str(report.figures["documents"])
    yield "added", str(len(changes.added))
    yield "changed", str(len(changes.changed))
    yield "renamed", str(len(changes.renamed))
    yield "removed", str(len(changes.removed))
    yield "cannot be read", str(len(report.failures))


def _section(section: Section) -> str:
    lines = "\n".join(map(_line, section.lines))
    heading = f"<h2>{words(section.heading)}</h2>"
    if section.tone == "plain" and len(section.lines) > OPEN_LINES:
        inner = f"<details>\n<summary>{words(section.heading)}</summary>\n<ul>\n{lines}\n</ul>\n</details>"
    else:
        inner = f"{heading}\n<ul>\n{lines}\n</ul>"
    return f'<section class="{section.tone}">\n{inner}\n</section>'


def _line(line: Line) -> str:
    """Its parts are written by the style of a page already, so they are escaped."""
    parts = zip(Line._fields, line, strict=True)
    shown = (f'<span class="{kind}">{part}</span>' for kind, part in parts if part)
    return f"<li>{' '.join(shown)}</li>"


def _foot(report: NightlyReport) -> str:
    which = f"Run {report.run}. " if report.run else ""
    return f"<footer>{which}This page names documents: it is as confidential as they are.</footer>"


def _name(document: str, number: int | None) -> str:
    """Isolated, so that letters written from right to left do not reorder what stands beside them."""
    shown = f'<bdi class="name">{words(place_of(document, None))}</bdi>'
    return shown if number is None else f"{shown}, p. {number}"


def _link(name: str, path: str, beside: Path | None) -> str:
    return f'<a class="name" href="{words(address_of(path, beside))}">{words(name)}</a>'
