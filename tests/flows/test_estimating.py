"""The range is wide where little is known, and holds what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ragkit.flows.estimating import OCR_SECONDS, estimate
from ragkit.rendering.terminal import show_plan, time_in_words
from ragkit.types import FileKind, IngestPlan, TimeRange

CONTRACTS = (FileKind(".txt", 20, 1_440_000),)
RUN = {"seconds": 100.0, "bytes_read": 1_000_000, "embedded": 1600, "ocr_pages": 0}


def known(time: TimeRange | None) -> TimeRange:
    assert time is not None
    assert 0 <= time.low < time.high
    return time


def test_nothing_measured_nothing_said() -> None:
    assert estimate(CONTRACTS, (), None) is None


def test_nothing_to_read_takes_a_moment() -> None:
    time = known(estimate((), (RUN,), 30.0))
    assert (time.low, time.basis) == (0, "nothing")


def test_the_machine_gives_a_range_that_holds_what_was_seen() -> None:
    """20 contracts on a machine measured at 34.8 passages a second: 45 s when quiet, 135 s when busy."""
    time = known(estimate(CONTRACTS, (), 34.8, workers=2))
    assert time.basis == "machine"
    assert time.low < 45 < 135 < time.high
    assert time.high / time.low < 6


def test_a_faster_machine_takes_less() -> None:
    fast, slow = (known(estimate(CONTRACTS, (), rate)) for rate in (200.0, 20.0))
    assert fast.high < slow.high
    assert fast.low < slow.low


def test_earlier_runs_count_more_than_the_machine() -> None:
    time = known(estimate(CONTRACTS, (RUN,), 1.0))
    assert time.basis == "runs"
    assert time.low < 144 < time.high
    assert time.high / time.low < 3


def test_runs_that_differ_make_a_wider_range() -> None:
    slower = {**RUN, "seconds": 300.0}
    one, two = (known(estimate(CONTRACTS, runs, None)) for runs in ((RUN,), (RUN, slower)))
    assert two.low == one.low
    assert two.high > one.high


@pytest.mark.parametrize(
    "run",
    [
        {},
        {"seconds": 4.0, "bytes_read": 2_000, "embedded": 4},
        {"seconds": 4.0, "bytes_read": 900_000, "embedded": 0},
    ],
    ids=["of an older version", "of a small file", "of files that were known"],
)
def test_runs_that_tell_nothing_are_left_out(run: dict[str, object]) -> None:
    assert estimate(CONTRACTS, (run,), None) is None


def test_scans_are_counted_apart() -> None:
    text, scans = (FileKind(".txt", 1, 60_000),), (FileKind(".pdf", 4, 600_000),)
    without, with_scans = (known(estimate(kinds, (), 30.0)) for kinds in (text, text + scans))
    assert without.scanned == 0
    assert with_scans.scanned == 30 * OCR_SECONDS


def test_an_image_is_a_page_at_least() -> None:
    time = known(estimate((FileKind(".png", 10, 50_000),), (), 30.0, workers=2))
    assert time.scanned == 10 * OCR_SECONDS / 2


def test_scans_that_were_read_before_are_in_the_pace() -> None:
    scans = (FileKind(".pdf", 4, 600_000),)
    assert known(estimate(scans, ({**RUN, "ocr_pages": 9},), None)).scanned == 0
    assert known(estimate(scans, (RUN,), None)).scanned > 0


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.2, 6.0, "up to 6 seconds"),
        (12.3, 41.2, "about 12 to 42 seconds"),
        (45.0, 170.0, "about 45 seconds to 3 minutes"),
        (190.0, 350.0, "about 3 to 6 minutes"),
        (5000.0, 9000.0, "about 83 minutes to 2.5 hours"),
        (6000.0, 9000.0, "about 1.6 to 2.5 hours"),
    ],
)
def test_a_range_in_words(low: float, high: float, words: str) -> None:
    assert time_in_words(TimeRange(low, high, "runs")) == words


def test_the_plan_shows_kinds_and_time() -> None:
    plan = IngestPlan("legal", ("a.txt",), (), (), 3, CONTRACTS, TimeRange(100, 120, "runs"))
    shown = show_plan(plan)
    assert "20 .txt (1.4 MB)" in shown
    assert "about 1 to 2 minutes (by this pipeline's earlier runs)" in shown
    assert "OCR" not in shown
    seconds = {"low": 100, "high": 120, "scanned": 0, "basis": "runs"}
    assert plan.as_dict()["seconds"] == seconds
    scans = replace(plan, time=TimeRange(100, 120, "runs", 300))
    assert "up to 5 minutes more if all pages of images and PDF files need OCR" in show_plan(scans)
    unknown = IngestPlan("legal", ("a.txt",), (), (), 3, CONTRACTS)
    assert "not known yet" in show_plan(unknown)
    assert unknown.as_dict()["seconds"] is None
