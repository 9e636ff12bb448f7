"""What a proof is of: this kernel, these models, these versions, these very source files."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import ragkit
from ragkit.files import digest_of

DISTRIBUTION = "ragkit"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LEFT_OUT = (".pyc",)


def facts(models: dict[str, str]) -> dict[str, dict[str, str]]:
    """Section -> name -> value. models: name -> digest."""
    digest, count = source_digest()
    return {
        "system": {
            "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "run as": "root" if os.geteuid() == 0 else "an ordinary user",
        },
        "ragkit": {
            "version": ragkit.__version__,
            "source files": str(count),
            "sha256 of all source files": digest,
        },
        "models (sha256)": models,
        "libraries": {each.metadata["Name"]: _described(each) for each in dependencies()},
    }


def source_digest() -> tuple[str, int]:
    """SHA-256 over the names and digests of ragkit's own files, as `sha256sum` prints them; how many.

    The same as: cd FOLDER && find . -type f ! -name '*.pyc' | LC_ALL=C sort | xargs sha256sum | sha256sum
    """
    folder = Path(ragkit.__path__[0])
    names = [
        f"./{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in _LEFT_OUT
    ]
    names.sort(key=lambda name: name.encode())
    lines = [f"{digest_of(folder / name)}  {name}\n" for name in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest(), len(names)


def dependencies() -> list[Distribution]:
    """The installed distributions that ragkit depends on, directly or not, by name."""
    found: dict[str, Distribution] = {}
    waiting = [DISTRIBUTION]
    while waiting:
        name = waiting.pop()
        key = name.lower().replace("_", "-")
        if key in found:
            continue
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system, or an extra that is not installed
        waiting += _required(found[key])
    found.pop(DISTRIBUTION, None)
    return [found[key] for key in sorted(found)]


def _required(installed: Distribution) -> Iterator[str]:
    """Names of what it requires; extras and other systems' too, which are then not installed."""
    for line in installed.requires or ():
        name = _NAME.match(line)
        if name and not (installed.metadata["Name"] == DISTRIBUTION and "extra ==" in line):
            yield name[0]


def _described(installed: Distribution) -> str:
    """The version, and the digest of the list of its files with their digests."""
    record = installed.read_text("RECORD") or ""
    return f"{installed.version} (files {hashlib.sha256(record.encode()).hexdigest()[:16]})"
