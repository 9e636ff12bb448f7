"""What is installed beside ragkit: distributions, their versions, and their native libraries."""

from __future__ import annotations

import csv
import re
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from tests.dependencies.elf import is_elf

SITE = Path(sysconfig.get_paths()["platlib"])
NOT_PINNED = {"pip", "ragkit"}
"""What brings the others, and what they are for."""


def plain_name(name: str) -> str:
    """As indexes compare names: PyYAML and pyyaml are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, Distribution]:
    """Every distribution of this environment by its plain name."""
    found = distributions(path=[str(SITE)])
    return {plain_name(one.metadata["Name"]): one for one in found}


def pins(file: Path) -> dict[str, str]:
    """Plain name -> version, of lines `name==version`, with or without digests behind."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines)
    return {plain_name(one[1]): one[2] for one in found if one}


def native_libraries() -> Iterator[tuple[str, Path]]:
    """Distribution and path of each native library, from what pip wrote down of them."""
    for name, one in installed().items():
        record = one.read_text("RECORD") or ""
        for row in csv.reader(record.splitlines()):
            path = SITE / row[0]
            if ".so" in path.suffixes and path.is_file() and is_elf(path):
                yield name, path


def strays() -> set[Path]:
    """Native libraries below the environment that no distribution has written down."""
    known = {path for _, path in native_libraries()}
    return {path for path in SITE.rglob("*.so*") if path.is_file() and is_elf(path)} - known
