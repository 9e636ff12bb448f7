"""The nightly report in Markdown and in plain text: complete, urgent things first, and inert."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ragkit.rendering.nightly import NAMED, as_markdown, as_text
from ragkit.rendering.runs import show_runs
from ragkit.rendering.times import duration_between, local_time
from ragkit.types import (
    DocumentChanges,
    DoubtfulPage,
    Failure,
    NightlyReport,
    RunRecord,
    rates_of,
)

FIGURES: dict[str, object] = {
    "files_read": 12,
    "bytes_read": 3_400_000,
    "unchanged": 400,
    "embedded": 90,
    "documents": 411,
    "chunks": 9000,
    "ocr_pages": 31,
    "seconds": 40.0,
    "embedding_seconds": 3.0,
}
REPORT = NightlyReport(
    pipeline="legal",
    run=17,
    started="2026-11-22T02:00:04+00:00",
    finished="2026-11-22T02:03:16+00:00",
    outcome="done",
    generation=9,
    changes=DocumentChanges(
        added=("a_b.txt",), changed=("mail.eml",), renamed=(("x.txt", "y.txt"),), removed=("z.txt",)
    ),
    failures=(
        Failure("mail.eml::old.pdf", "It is damaged.", "2026-11-20T02:00:00+00:00", new=False),
        Failure("scan.pdf", "It is encrypted.", "2026-11-22T02:00:09+00:00", new=True),
    ),
    doubtful=(DoubtfulPage("fax.pdf", 3, 0.41), DoubtfulPage("photo.png", None, 0.2)),
    figures=FIGURES,
    rates=rates_of(FIGURES),
    notes=("A reader was busy.",),
)


@pytest.fixture(autouse=True)
def madrid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


def test_markdown() -> None:
    assert as_markdown(REPORT) == (
        "# legal, night of 2026-11-22\n\n"
        "**Done: 1 added, 1 changed, 1 renamed, 1 removed; 2 cannot be read (1 of them new).**\n\n"
        "## Could not be read (2)\n\n"
        "- NEW: `scan.pdf`: It is encrypted. (since 2026-11-22 03:00)\n"
        "- `mail.eml > old.pdf`: It is damaged. (since 2026-11-20 03:00)\n\n"
        "## Added (1)\n\n- `a_b.txt`\n\n"
        "## Changed (1)\n\n- `mail.eml`\n\n"
        "## Renamed (1)\n\n- `x.txt` -> `y.txt`\n\n"
        "## Removed (1)\n\n- `z.txt`\n\n"
        "## Pages with doubtful OCR (2)\n\n"
        "- `photo.png`: confidence 0.20\n- `fax.pdf`, p. 3: confidence 0.41\n\n"
        "## Figures\n\n"
        "- run 17, 2026-11-22 03:00, 3 min 12 s; generation 9\n"
        "- 12 files read (3.4 MB), 400 unchanged, 90 chunks embedded\n"
        "- 411 documents in 9000 chunks are indexed, 31 pages read by OCR\n"
        "- 0.3 files/s, 0.085 MB/s, 30 chunks/s\n\n"
        "## Notes (1)\n\n- A reader was busy.\n"
    )


def test_text_for_the_terminal_says_the_same() -> None:
    text = as_text(REPORT)
    for words in (
        "NEW: scan.pdf",
        "x.txt -> y.txt",
        "fax.pdf, p. 3: confidence 0.41",
        "30 chunks/s",
    ):
        assert words in text
    assert "`" not in text


def test_a_failed_night_says_what_to_do() -> None:
    error: dict[str, object] = {
        "message": "Another process writes to /srv.",
        "hint": "Wait.",
        "exit_code": 5,
    }
    failed = replace(REPORT, run=0, outcome="failed", figures={}, rates={}, error=error)
    page = as_markdown(failed)
    assert "**Failed: Another process writes to /srv.**" in page
    assert "- Wait.\n- What was published before goes on answering." in page


def test_long_lists_are_cut_and_say_so() -> None:
    many = DocumentChanges(added=tuple(f"{number}.txt" for number in range(NAMED + 5)))
    page = as_markdown(replace(REPORT, changes=many))
    assert f"## Added ({NAMED + 5})" in page
    assert "- and 5 more: the JSON names them all" in page


@pytest.mark.parametrize(
    "name", ["a`b.txt", "``.txt", "\x1b[31mred\x1b[0m.txt", "two\nlines.txt", "\u202egnp.exe"]
)
def test_names_are_inert(name: str) -> None:
    report = replace(REPORT, changes=DocumentChanges(added=(name,)))
    page, text = as_markdown(report), as_text(report)
    assert not any(sign in page + text for sign in "\x1b\u202e")
    (line,) = page.split("## Added (1)\n\n")[1].split("\n\n")[0].splitlines()
    fence = line.removeprefix("- ")[: len(line) - 2 - len(line[2:].lstrip("`"))]
    assert line.endswith(fence)
    assert fence not in line[2 + len(fence) : -len(fence)]


def test_reasons_are_no_markup() -> None:
    evil = Failure("a.pdf", "![x](http://x) <img src=x> [y](z)", REPORT.started, new=True)
    page = as_markdown(replace(REPORT, failures=(evil,)))
    assert "\\!\\[x\\](http" in page
    assert "<img" not in page.replace("\\<img", "")


def test_a_report_survives_being_kept() -> None:
    assert NightlyReport.from_dict(REPORT.as_dict()) == REPORT


def test_what_did_not_happen_has_no_rate() -> None:
    assert rates_of({"files_read": 0, "embedded": 0, "seconds": 3.0}) == {}
    assert rates_of({"files_read": 6, "seconds": 3.0}) == {"files_per_second": 2.0}


def test_times() -> None:
    assert local_time("2026-07-01T23:30:00+00:00") == "2026-07-02 01:30"
    assert duration_between("2026-07-01T00:00:00+00:00", "2026-07-01T02:05:40+00:00") == "2 h 5 min"
    assert duration_between("2026-07-01T00:00:00+00:00", "") == ""


def test_runs_are_a_table() -> None:
    runs = [
        RunRecord(12, "2026-11-22T02:00:00+00:00", "", "killed", {}),
        RunRecord(
            11,
            "2026-11-21T02:00:00+00:00",
            "2026-11-21T02:00:40+00:00",
            "done",
            {**FIGURES, "added": 3, "changed": 1, "removed": 0, "unreadable": 2},
        ),
    ]
    assert show_runs("legal", runs) == (
        "legal:\n"
        "  run  started           took  outcome  added  changed  removed  unreadable  embedded"
        "  files/s  chunks/s\n"
        "   12  2026-11-22 03:00        killed\n"
        "   11  2026-11-21 03:00  40 s  done         3        1        0           2        90"
        "      0.3        30"
    )
    assert show_runs("legal", []) == "legal: no ingest yet."
