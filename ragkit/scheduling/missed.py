"""Whether a night was missed: for schedulers that do not make up for one, as cron."""

from __future__ import annotations

from datetime import datetime, timedelta

from ragkit.scheduling.job import time_of_day
from ragkit.types import NightlyReport


def last_due(time: str, now: datetime | None = None) -> datetime:
    """When it was last that time of day on this machine's clock. Raises UsageFault if it is no time."""
    hour, minute = time_of_day(time, option="--catch-up")
    current = (now or datetime.now()).astimezone()
    # Without a zone, so that a day on which the clocks change is a day all the same.
    due = current.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
    if due > current.replace(tzinfo=None):
        due -= timedelta(days=1)
    return due.astimezone()


def is_missed(due: datetime, latest: NightlyReport | None) -> bool:
    """Whether no night was done since `due`; one that failed, was ended in a step after the ingest, or
    left no report in the catalog, is not."""
    if latest is None or not latest.run or latest.outcome == "failed" or latest.unfinished_steps:
        return True
    return datetime.fromisoformat(latest.started) < due
