"""Which kind of processor this is: what was measured on another kind does not hold."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

from ragkit.machine import processors

_TELLING = ("model name", "flags", "Features", "CPU part")


@cache
def machine_id() -> str:
    """Sixteen hexadecimal digits from the processor's model, its instructions and the cores allowed."""
    return hashlib.sha256(_description().encode()).hexdigest()[:16]


def _description() -> str:
    cores = len(processors())
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux, or no /proc in this container
        lines = [f"model name: {platform.machine()} {platform.processor()}"]
    told = sorted({line for line in lines if line.partition(":")[0].strip() in _TELLING})
    return "\n".join([str(cores), *told])
