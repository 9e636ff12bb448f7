"""What the machine gives this process."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

TELLING_INSTRUCTIONS = (
    "avx2",
    "avx512f",
    "avx_vnni",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "sve",
    "i8mm",
    "bf16",
)
"""Instruction sets that decide how fast a model is computed, in the words of /proc/cpuinfo."""


def processors() -> frozenset[int]:
    """Numbers of the processors this process may use; all of them where the system cannot tell."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Machine:
    """cores: those this process may use. memory: bytes."""

    processor: str
    cores: int
    memory: int
    instructions: tuple[str, ...]
    system: str

    def as_dict(self) -> dict[str, object]:
        return {
            "processor": self.processor,
            "cores": self.cores,
            "memory": self.memory,
            "instructions": list(self.instructions),
            "system": self.system,
        }


def this_machine() -> Machine:
    """The machine this process runs on."""
    told = _cpuinfo()
    flags = set(told.get("flags", told.get("Features", "")).split())
    return Machine(
        processor=told.get("model name") or platform.processor() or platform.machine(),
        cores=len(processors()),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        instructions=tuple(name for name in TELLING_INSTRUCTIONS if name in flags),
        system=f"{platform.system()} {platform.release()}",
    )


def _cpuinfo() -> dict[str, str]:
    """The first processor's entry; empty where there is no /proc."""
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    entry = path.read_text(encoding="utf-8").partition("\n\n")[0]
    pairs = (line.partition(":") for line in entry.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
