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
    READ_TEXT_LAYER,
    DocumentChanges,
    DoubtfulPage,
    Failure,
    GateFailure,
    GateVerdict,
    HiddenIn,
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

HELD_BACK = replace(
    REPORT,
    figures={**FIGURES, "added": 3, "changed": 0, "remade": 1},
    outcome="held back",
    gate=GateVerdict(
        False,
        0.5,
        0.9,
        4,
        (
            GateFailure(
                "q-1",
                "How long is the *notice*?",
                "its document is not among the first 8 passages",
                "lease.pdf",
            ),
            GateFailure("q-2", "", "", "(erased document 17)"),
        ),
    ),
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
        "## Pages with doubtful OCR (2)\n\n"
        "- `photo.png`: confidence 0.20\n- `fax.pdf`, p. 3: confidence 0.41\n\n"
        "## Added (1)\n\n- `a_b.txt`\n\n"
        "## Changed (1)\n\n- `mail.eml`\n\n"
        "## Renamed (1)\n\n- `x.txt` -> `y.txt`\n\n"
        "## Removed (1)\n\n- `z.txt`\n\n"
        "## Figures\n\n"
        "- run 17, 2026-11-22 03:00, 3 min 12 s; generation 9\n"
        "- 12 files read (3.4 MB), 400 unchanged, 90 chunks embedded\n"
        "- 411 documents in 9000 chunks are indexed, 31 pages read by OCR\n"
        "- 0.3 files/s, 0.085 MB/s, 30 chunks/s\n\n"
        "## Notes (1)\n\n- A reader was busy.\n"
    )


def test_text_that_cannot_be_seen_and_text_layers_of_little_quality() -> None:
    report = replace(
        REPORT,
        hidden=(HiddenIn("cv.pdf", 2, "white on white", 120), HiddenIn("a.txt", None, "tiny", 3)),
        doubtful=(DoubtfulPage("old.pdf", 7, 0.35, READ_TEXT_LAYER), *REPORT.doubtful),
    )
    page = as_markdown(report)
    assert (
        "## Pages whose text layer is of little quality (1)\n\n- `old.pdf`, p. 7: quality 0.35\n\n"
        "## Text that cannot be seen (2)\n\n"
        "- `cv.pdf`, p. 2: 120 characters, white on white\n- `a.txt`: 3 characters, tiny\n"
    ) in page
    assert "## Pages with doubtful OCR (2)" in page
    assert "cv.pdf, p. 2: 120 characters, white on white" in as_text(report)


def test_a_night_that_the_gate_held_back_names_the_questions_first() -> None:
    page = as_markdown(HELD_BACK)
    assert page.startswith(
        "# legal, night of 2026-11-22\n\n**Held back by the quality gate: 3 added, 1 made anew, "
        "not shown yet; 1 removed all the same.**\n\n## Quality gate\n\n"
        "- q-1: “How long is the \\*notice\\*?”: its document is not among the first 8 passages "
        "(`lease.pdf`)\n- q-2: (question erased) (`(erased document 17)`)\n"
    )
    assert "recall 0.50 of at least 0.90, 2 of 4 questions failed" in page
    assert page.index("Quality gate") < page.index("Could not be read")
    passed = replace(HELD_BACK, outcome="done", gate=GateVerdict(True, 1.0, 0.9, 4))
    assert "  Quality gate\n    passed; recall 1.00 of at least 0.90, 0 of 4" in as_text(passed)


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
    for report in (REPORT, HELD_BACK):
        assert NightlyReport.from_dict(report.as_dict()) == report


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
            {**FIGURES, "added": 3, "changed": 1, "removed": 0, "unreadable": 2}
            | {"isolation": "D", "accepted_weak": True},
        ),
    ]
    assert show_runs("legal", runs) == (
        "legal:\n"
        "  run  started           took  outcome  added  changed  removed  unreadable  embedded"
        "  files/s  chunks/s  isolation\n"
        "   12  2026-11-22 03:00        killed\n"
        "   11  2026-11-21 03:00  40 s  done         3        1        0           2        90"
        "      0.3        30  D, accepted"
    )
    assert show_runs("legal", []) == "legal: no ingest yet."
