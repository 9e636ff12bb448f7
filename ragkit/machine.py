"""What the machine gives this process."""

from __future__ import annotations

import os


def processors() -> frozenset[int]:
    """Numbers of the processors this process may use; all of them where the system cannot tell."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))
