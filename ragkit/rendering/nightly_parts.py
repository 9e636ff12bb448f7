"""What a nightly report is made of, and how its words are written in Markdown and at a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from ragkit.rendering.markdown import literal
from ragkit.rendering.terminal import one_line, place_of

NAMED = 100
"""Documents that a list names; the JSON beside it has them all."""

Tone = Literal["bad", "warn", "good", "plain"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a document (with a page, or None), other words, what leads to a file (its name, its absolute
    path), and one thing becoming another are written."""

    name: Callable[[str, int | None], str]
    words: Callable[[str], str]
    link: Callable[[str, str], str]
    arrow: str = "->"


class Line(NamedTuple):
    """One thing to know: a mark before it, where it is, what is to say, and what comes in brackets."""

    mark: str = ""
    place: str = ""
    words: str = ""
    aside: str = ""


class Section(NamedTuple):
    """A part of a report, shown as a list. total: how many things it tells of; -1 if that is no matter."""

    title: str
    lines: Sequence[Line]
    tone: Tone = "plain"
    total: int = -1

    @property
    def heading(self) -> str:
        return self.title if self.total < 0 else f"{self.title} ({self.total})"


def listed(title: str, lines: Sequence[Line], tone: Tone = "plain") -> Iterator[Section]:
    if not lines:
        return
    more = Line(words=f"and {len(lines) - NAMED} more: the JSON names them all")
    shown = [*lines[:NAMED], *([more] if lines[NAMED:] else [])]
    yield Section(title, shown, tone, len(lines))


def _in_code(document: str, page: int | None) -> str:
    """A name that is inert in Markdown too: in a code span, fenced by more ticks than it holds."""
    text = place_of(document, None)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest else ""
    shown = f"{fence}{padding}{text}{padding}{fence}"
    return shown if page is None else f"{shown}, p. {page}"


def address_of(path: str, beside: Path | None) -> str:
    """Of a file or folder, in a report that lies in the folder `beside`: relative, so that both can be
    moved or shared together. Absolute where that is not known, or nothing is above both."""
    if beside is None or os.path.commonpath([beside.absolute(), path]) == os.sep:
        return Path(path).as_uri()
    return quote(os.path.relpath(path, beside.absolute()))


def _as_link(name: str, path: str, beside: Path | None) -> str:
    return f"[{literal(name)}]({address_of(path, beside)})"


TERMINAL = Style(place_of, one_line, lambda name, path: one_line(path))


def markdown(beside: Path | None) -> Style:
    """For a report that lies in the folder `beside`, None where that is not known."""
    # A reason may hold what a file said about itself.
    return Style(_in_code, literal, partial(_as_link, beside=beside))
