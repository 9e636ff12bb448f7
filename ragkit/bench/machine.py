"""What figures were measured on: without it they mean nothing to anybody else."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ragkit.machine import processors

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

COUNTED = (
    "ragkit",
    "sentence-transformers",
    "transformers",
    "torch",
    "chromadb",
    "openvino",
    "tokenizers",
    "numpy",
)


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


def versions() -> dict[str, str]:
    """Python and the distributions that decide the figures."""
    return {"python": platform.python_version(), **{name: version(name) for name in COUNTED}}


def _cpuinfo() -> dict[str, str]:
    """The first processor's entry; empty where there is no /proc."""
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    entry = path.read_text(encoding="utf-8").partition("\n\n")[0]
    pairs = (line.partition(":") for line in entry.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
