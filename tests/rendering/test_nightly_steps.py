"""What a nightly report says of the steps after the ingest, in every form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.rendering.nightly import as_markdown, as_text
from ragkit.rendering.nightly_page import as_html
from ragkit.rendering.nightly_parts import address_of
from ragkit.types import NightlyReport, StepReport
from ragkit.types.nights import LEFT_OUT, VerdictCount
from tests.rendering.test_nightly import HELD_BACK, REPORT

SUMMARIES = StepReport(
    "summarize",
    "/files/work/summaries",
    "done",
    entry="/files/work/summaries/summary.html",
    documents=40,
    made=3,
    reused=37,
    removed=1,
    unreadable=2,
    seconds=62.4,
)
SWEPT = StepReport(
    "sweep",
    "/files/work/due diligence (1).xlsx",
    "done",
    entry="/files/work/due diligence (1).xlsx",
    documents=42,
    made=6,
    reused=78,
    unreadable=4,
    counts=(VerdictCount("change-of-control", 9, 30, 1, 2), VerdictCount("law", 40, 0, 0, 2)),
    seconds=0.31,
)
FAILED = StepReport(
    "sweep",
    "/files/work/<b>own.csv",
    "failed",
    error={
        "error": "ConfigFault",
        "message": "asked.yaml has faults.",
        "hint": "",
        "exit_code": 2,
        "faults": [{"place": "questions.0", "line": 2, "problem": "needs `question`, a text"}],
    },
)
DONE = replace(REPORT, after_ingest=(SUMMARIES, SWEPT))
LEFT = replace(SWEPT, outcome=LEFT_OUT)
STORE = Path("/files/.ragkit/legal/runs")


def test_markdown_counts_and_leads_to_the_files() -> None:
    page = as_markdown(DONE, STORE)
    assert (
        "## After the ingest\n\n"
        "- [summaries](../../../work/summaries/summary.html): summarize: 40 documents, 3 made now, "
        "37 as before, 1 removed, 2 could not be read, wholly or in part (62 s)\n"
        "- [due diligence (1).xlsx](../../../work/due%20diligence%20%281%29.xlsx): sweep: 2 questions "
        "of 42 documents: 49 yes, 30 no, 1 unclear, 4 unreadable; 6 rows judged now, 78 as before "
        "(0.3 s)\n"
        "- change-of-control: 9 yes, 30 no, 1 unclear, 2 unreadable\n"
        "- law: 40 yes, 0 no, 0 unclear, 2 unreadable\n\n"
        "## Figures"
    ) in page
    assert page.index("Removed") < page.index("After the ingest")


def test_a_report_that_may_lie_anywhere_has_whole_addresses() -> None:
    assert "](file:///files/work/summaries/summary.html)" in as_markdown(DONE)
    assert 'href="file:///files/work/summaries/summary.html"' in as_html(DONE)
    assert "/files/work/summaries/summary.html: summarize: 40 documents" in as_text(DONE)


@pytest.mark.parametrize(
    ("path", "beside", "address"),
    [
        ("/a/b/c.html", "/a/s/runs", "../../b/c.html"),
        ("/a/b/c.html", "/mnt/s/runs", "file:///a/b/c.html"),
        ("/a/javascript:alert(1)", "/a", "javascript%3Aalert%281%29"),
        ("/a/x#y?z.md", "/a", "x%23y%3Fz.md"),
        ('/a/"><script>.csv', "/a", "%22%3E%3Cscript%3E.csv"),
        ("/a/ñ.csv", "/b", "file:///a/%C3%B1.csv"),
    ],
)
def test_addresses(path: str, beside: str, address: str) -> None:
    assert address_of(path, Path(beside)) == address


def test_the_page_links_too() -> None:
    page = as_html(DONE, STORE)
    links = re.findall(r'<a class="name" href="([^"]*)">([^<]*)</a>', page)
    assert links == [
        ("../../../work/summaries/summary.html", "summaries"),
        ("../../../work/due%20diligence%20%281%29.xlsx", "due diligence (1).xlsx"),
    ]
    assert '<section class="good">\n<h2>After the ingest</h2>' in page


def test_what_failed_comes_first_with_its_faults() -> None:
    report = replace(REPORT, after_ingest=(SUMMARIES, FAILED))
    text = as_text(report)
    assert "1 of them new). After the ingest failed: sweep.\n  After the ingest\n" in text
    assert "FAILED: <b>own.csv: sweep: asked.yaml has faults.\n" in text
    assert "line 2, questions.0: needs `question`, a text" in text
    page = as_html(report, STORE)
    assert '<section class="bad">\n<h2>After the ingest</h2>' in page
    assert "<b>own" not in page
    assert '<span class="outcome bad">Done, but a step after it failed</span>' in page
    assert "<b>" not in as_markdown(report)


def test_a_night_that_was_ended_in_a_step() -> None:
    ended = replace(SWEPT, outcome="not finished", entry="", counts=())
    text = as_text(replace(REPORT, after_ingest=(SUMMARIES, ended)))
    assert "After the ingest not finished: sweep." in text
    page = as_html(replace(REPORT, failures=(), after_ingest=(ended,)))
    assert '<span class="outcome warn">Done, but a step after it is not finished</span>' in page
    assert "sweep: not finished: what was made is kept, the next night goes on from there" in text
    assert '<section class="warn">\n<h2>After the ingest' in as_html(
        replace(REPORT, after_ingest=(ended,))
    )


def test_left_out_and_held_back() -> None:
    left = replace(SUMMARIES, outcome=LEFT_OUT, entry="")
    error: dict[str, object] = {"error": "Busy", "message": "Busy.", "hint": "", "exit_code": 5}
    failed = replace(REPORT, outcome="failed", error=error, after_ingest=(left,))
    assert "summarize: left out, since the ingest failed" in as_text(failed)
    assert "After the ingest failed: sweep." in as_text(replace(HELD_BACK, after_ingest=(FAILED,)))


def test_no_steps_no_section() -> None:
    for page in (as_text(REPORT), as_markdown(REPORT), as_html(REPORT)):
        assert "After the ingest" not in page


@pytest.mark.parametrize("report", [DONE, replace(REPORT, after_ingest=(FAILED,)), REPORT])
def test_the_report_comes_back_from_what_is_kept(report: NightlyReport) -> None:
    assert NightlyReport.from_dict(report.as_dict()) == report


@pytest.mark.parametrize("form", [as_markdown, as_text, as_html])
@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((SUMMARIES, SWEPT), "3 min 12 s with the steps after the ingest; generation"),
        ((SUMMARIES, FAILED), "3 min 12 s with the steps after the ingest; generation"),
        (
            (SUMMARIES, StepReport("sweep", "/files/rows.csv")),
            "3 min 12 s with the steps after the ingest that are done; generation",
        ),
        ((LEFT,), "3 min 12 s; generation"),
        ((), "3 min 12 s; generation"),
    ],
)
def test_how_long_the_night_took_says_which_steps_are_in_it(
    form: Callable[[NightlyReport], str], steps: tuple[StepReport, ...], said: str
) -> None:
    assert said in form(replace(REPORT, after_ingest=steps))
