"""When a night counts as missed, by the machine's own clock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ragkit.errors import UsageFault
from ragkit.scheduling.missed import is_missed, last_due
from ragkit.types import DocumentChanges, NightlyReport, StepReport

MADRID = ZoneInfo("Europe/Madrid")
REPORT = NightlyReport(
    pipeline="legal",
    run=7,
    started="2026-11-22T01:00:03+00:00",
    finished="2026-11-22T01:02:00+00:00",
    outcome="done",
    generation=3,
    changes=DocumentChanges(),
    failures=(),
    doubtful=(),
    figures={},
    rates={},
)


@pytest.fixture(autouse=True)
def madrid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=MADRID)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(2026, 11, 22, 9, 15), at(2026, 11, 22, 2, 0)),
        (at(2026, 11, 22, 2, 0), at(2026, 11, 22, 2, 0)),
        (at(2026, 11, 22, 1, 59), at(2026, 11, 21, 2, 0)),
        # The clocks went forward from 02:00 to 03:00 (there was no 02:00), and back from 03:00.
        (at(2026, 3, 29, 12, 0), at(2026, 3, 29, 1, 0)),
        (at(2026, 10, 25, 12, 0), at(2026, 10, 25, 2, 0)),
    ],
)
def test_when_it_was_last_due(now: datetime, due: datetime) -> None:
    assert last_due("02:00", now).timestamp() == due.timestamp()


def test_what_counts_as_missed() -> None:
    due = at(2026, 11, 22, 2, 0)
    assert not is_missed(due, REPORT)
    assert not is_missed(due, replace(REPORT, outcome="held back"))
    assert is_missed(at(2026, 11, 23, 2, 0), REPORT)
    assert is_missed(due, None)
    assert is_missed(due, replace(REPORT, outcome="failed"))
    assert is_missed(due, replace(REPORT, run=0))


def test_a_night_that_was_ended_in_a_step_is_missed_and_one_whose_step_failed_is_not() -> None:
    due = at(2026, 11, 22, 2, 0)
    step = StepReport("sweep", "/work/rows.csv")
    assert is_missed(due, replace(REPORT, after_ingest=(step,)))
    for outcome in ("done", "failed"):
        assert not is_missed(due, replace(REPORT, after_ingest=(replace(step, outcome=outcome),)))


@pytest.mark.parametrize("time_given", ["25:00", "noon", "2", ""])
def test_no_time(time_given: str) -> None:
    with pytest.raises(UsageFault, match="not a time of day") as caught:
        last_due(time_given)
    assert "--catch-up 02:00" in caught.value.hint
