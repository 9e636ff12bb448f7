"""What the machine gives this process."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
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


def physical_cores() -> int:
    """Physical cores this process may run on; two threads of one core are slower than one."""
    allowed = processors()
    siblings = set()
    for cpu in allowed:
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            siblings.add(path.read_text())
        except OSError:  # not every kernel or container shows the topology
            return len(allowed)
    return max(1, len(siblings))


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes of memory this process can have: the machine's, or less where a container is given less.

    root: where /proc and /sys lie.
    """
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min((physical, *_container_limits(root)))


def _container_limits(root: Path) -> Iterator[int]:
    """Limits of the control groups this process is in, of both kinds, and of those above them."""
    try:
        told = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    mounted = root / "sys/fs/cgroup"
    for group in told.split("\n"):  # a name may hold any other character, also spaces
        number, _, rest = group.partition(":")
        kinds, _, path = rest.partition(":")
        if not path or (number != "0" and "memory" not in kinds.split(",")):
            continue
        folder, name = (
            (mounted, "memory.max")
            if number == "0"
            else (mounted / "memory", "memory.limit_in_bytes")
        )
        place = folder / path.lstrip("/")
        for level in (place, *place.parents):
            if level == mounted.parent:
                break
            yield from _number_in(level / name)


def _number_in(file: Path) -> Iterator[int]:
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):  # not there, no ASCII, or no path: a zero in a group's name
        return
    if text.isdecimal():  # "max" is no limit
        yield int(text)


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
