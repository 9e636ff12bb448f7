"""The report as a page: well-formed, complete, in need of nothing else, and inert whatever it names."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from ragkit.rendering.nightly import NAMED
from ragkit.rendering.nightly_page import OPEN_LINES, as_html
from ragkit.types import DocumentChanges, Failure, NightlyReport
from tests.rendering.test_nightly import HELD_BACK, REPORT

VOID = {"meta"}
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer"),
    *("h1", "h2", "p", "span", "bdi", "ul", "li", "dl", "dt", "dd", "div", "details", "summary"),
}


class Page(HTMLParser):
    """Every element must be allowed, have harmless attributes, and be closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.metas: dict[str, str] = {}
        self.words: list[str] = []
        self.style = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        names = {name for name, _ in attrs}
        if tag == "meta":
            held = dict(attrs)
            key = held.get("http-equiv") or held.get("name") or "charset"
            self.metas[str(key)] = str(held.get("content") or held.get("charset"))
            return
        assert names <= {"class", "lang"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif data.strip():
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.words)


def test_everything_is_said_the_most_urgent_first() -> None:
    _, *words_below_title = Page(as_html(HELD_BACK)).words
    text = " ".join(words_below_title)
    order = (
        "Held back",
        "legal",
        "Night of 2026-11-22",
        "How long is the *notice*?",
        "Could not be read (2)",
        "NEW",
        "scan.pdf",
        "It is encrypted.",
        "since 2026-11-22",
        "mail.eml > old.pdf",
        "Pages with doubtful OCR (2)",
        "Added (1)",
        "Figures",
        "chunks/s",
        "A reader was busy.",
    )
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_it_needs_nothing_and_may_load_nothing() -> None:
    text = as_html(REPORT)
    page = Page(text)
    digest = base64.b64encode(sha256(page.style.encode()).digest()).decode()
    policy = page.metas["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:|url\(|@import|src=|href=|<script|javascript:", text)
    assert "prefers-color-scheme:dark" in page.style
    assert page.metas["viewport"].startswith("width=device-width")


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style></title><b>",
        "&lt;b&gt;",
        "' onmouseover='x",
        "<!-- ",
        "]]>",
    ],
)
def test_whatever_is_named_is_only_words(evil: str) -> None:
    report = replace(
        HELD_BACK,
        pipeline=evil,
        changes=DocumentChanges(added=(evil,), renamed=((evil, evil),)),
        failures=(Failure(evil, evil, REPORT.started, new=True),),
        notes=(evil,),
        error={"message": evil, "hint": evil, "exit_code": 1},
    )
    assert Page(as_html(report)).text.count(" ".join(evil.split())) >= 8


def test_nothing_steers_the_screen() -> None:
    name = "\u202egnp.exe\x1b[31m\u2066\x00\ufeff.pdf"
    report = replace(REPORT, changes=DocumentChanges(added=(name,)), notes=(name,))
    text = as_html(report)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\x00\ufeff]", text)
    assert '<bdi class="name">gnp.exe[31m.pdf</bdi>' in text


def failed(report: NightlyReport) -> NightlyReport:
    error: dict[str, object] = {"message": "It is locked.", "hint": "Wait.", "exit_code": 5}
    return replace(report, run=0, outcome="failed", figures={}, rates={}, error=error)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (REPORT, "Done, with new failures"),
        (replace(REPORT, failures=()), "Done"),
        (HELD_BACK, "Held back"),
        (failed(REPORT), "Failed"),
    ],
)
def test_the_outcome_is_read_first(report: NightlyReport, words: str) -> None:
    page = Page(as_html(report))
    body = page.words[page.words.index(words) :]
    assert body[0] == words
    assert page.words[1] == words  # after the title


def test_long_lists_are_folded_and_cut() -> None:
    few = tuple(f"{number}.txt" for number in range(OPEN_LINES))
    assert "<details>" not in as_html(replace(REPORT, changes=DocumentChanges(added=few)))
    many = tuple(f"{number}.txt" for number in range(NAMED + 3))
    text = as_html(replace(REPORT, changes=DocumentChanges(added=many)))
    assert f"<summary>Added ({NAMED + 3})</summary>" in text
    assert "and 3 more" in text
