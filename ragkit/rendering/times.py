"""Times of the catalog (UTC, ISO 8601) as people read them: the machine's own time zone."""

from __future__ import annotations

from datetime import datetime


def local_time(moment: str) -> str:
    """'2026-11-22 02:00'; an empty string for none."""
    if not moment:
        return ""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def duration_between(started: str, finished: str) -> str:
    """'42 s', '3 min 12 s', '2 h 5 min'; an empty string if it has not ended."""
    if not finished:
        return ""
    elapsed = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
    minutes, seconds = divmod(round(elapsed.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
