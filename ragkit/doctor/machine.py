"""The machine, and what runs on it; the versions of what the figures and the promises depend on."""

from __future__ import annotations

import platform
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ragkit
from ragkit.doctor.findings import Area, size
from ragkit.machine import Machine, this_machine
from ragkit.models import ModelSpec, Registry
from ragkit.parsers.tesseract import OcrSettings, find_engine
from ragkit.types.doctor import Finding

MACHINE, VERSIONS = Area("machine"), Area("versions")
BYTES_BESIDE = 3_000_000_000
"""Memory left to the system, the index and the embedder when a language model is chosen."""
LIBRARIES = (
    "numpy",
    "chromadb",
    "llama-cpp-python",
    "openvino",
    "tokenizers",
    "sentence-transformers",
    "torch",
    "pypdf",
    "pypdfium2",
    "unstructured",
    "lxml",
    "pillow",
)
_FASTER = ("avx2", "avx512f", "asimd")
"""Without one of these a processor computes models several times slower."""
_OLDEST_SQLITE = (3, 35, 0)
_ENOUGH_DISK = 2_000_000_000
_EARLIEST = datetime(2025, 1, 1).timestamp()
_ENOUGH_FILES = 256


def look_at_machine(registry: Registry, store: Path) -> Iterator[Finding]:
    """store: a folder, of whose disk the free space is told."""
    machine = this_machine()
    instructions = " ".join(machine.instructions) or "none that matter"
    text = (
        f"{machine.processor}, {machine.cores} cores, {size(machine.memory)} of memory, "
        f"{machine.system}; instructions: {instructions}."
    )
    yield MACHINE.ok("hardware", text)
    yield _models_that_fit(machine, registry)
    if machine.instructions and not set(machine.instructions) & set(_FASTER):
        slow = "The processor lacks AVX2 (or Neon): models run several times slower than elsewhere."
        yield MACHINE.note("processor", slow)
    yield _free_space(store)
    yield _clock()
    yield from _limits()


def fitting(machine: Machine, registry: Registry) -> list[ModelSpec]:
    """Language models that run in this memory without a graphics card, the largest last."""
    room = max(machine.memory - BYTES_BESIDE, 0)
    generators = [spec for spec in registry if spec.role == "generator"]
    fit = [spec for spec in generators if spec.memory_mb * 1e6 <= room]
    return sorted(fit, key=lambda spec: spec.parameters)


def _models_that_fit(machine: Machine, registry: Registry) -> Finding:
    fit = fitting(machine, registry)
    if not fit:
        text = f"No language model of the list fits into {size(machine.memory)}; quotes and search need none."
        return MACHINE.note("models that fit", text, "ragkit models list")
    largest = fit[-1]
    text = (
        f"On {size(machine.memory)} without a graphics card: language models of up to "
        f"{largest.parameters:g} billion parameters ({largest.name}, about "
        f"{size(largest.memory_mb * 1e6)} of memory)."
    )
    return MACHINE.ok("models that fit", text)


def _free_space(store: Path) -> Finding:
    place = next(folder for folder in (store, *store.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    text = f"{size(free)} free where the indexes are ({place})."
    if free < _ENOUGH_DISK:
        return MACHINE.warning("disk space", text, f"df -h {place}; free some space")
    return MACHINE.ok("disk space", text)


def _clock() -> Finding:
    """The ledger and the nights are dated by it."""
    now = time.time()
    shown = datetime.fromtimestamp(now).astimezone().strftime("%Y-%m-%d %H:%M %Z")
    if now < _EARLIEST:
        mend = "timedatectl set-ntp true"
        return MACHINE.warning("clock", f"It says {shown}, which has passed long ago.", mend)
    return MACHINE.ok("clock", f"It says {shown}.")


def _limits() -> Iterator[Finding]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < _ENOUGH_FILES:
        text = f"This user may have {soft} files open: too few for an index of some size."
        yield MACHINE.warning("open files", text, "ulimit -n 1024")


def look_at_versions() -> Iterator[Finding]:
    """ragkit, Python, the libraries that matter, SQLite, tesseract with its languages."""
    python = platform.python_version()
    where = Path(ragkit.__path__[0])
    yield VERSIONS.ok(
        "ragkit", f"{ragkit.__version__} in {where}, Python {python} ({sys.executable})."
    )
    yield _libraries()
    yield _sqlite()
    yield from _tesseract()


def _libraries() -> Finding:
    found, lacking = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lacking.append(name)
    if lacking:
        mend = f"{sys.executable} -m pip install {' '.join(lacking)}"
        return VERSIONS.fault("libraries", f"Not installed: {', '.join(lacking)}.", mend)
    return VERSIONS.ok("libraries", ", ".join(found) + ".")


def _sqlite() -> Finding:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        text = f"SQLite {sqlite3.sqlite_version} is too old."
        return VERSIONS.fault("SQLite", text, "Use a Python with SQLite 3.35 or newer.")
    return VERSIONS.ok("SQLite", f"{sqlite3.sqlite_version}.")


def _tesseract() -> Iterator[Finding]:
    engine = find_engine(OcrSettings())
    if engine.absent:
        mend = engine.absent.partition("(")[2].removesuffix(")") or "sudo apt install tesseract-ocr"
        yield VERSIONS.note("tesseract", "Not installed: scans are named as not read.", mend)
        return
    languages = ", ".join(engine.languages)
    yield VERSIONS.ok("tesseract", f"{engine.version}, languages {languages}.")
    for note in engine.notes:
        text, _, mend = note.partition(": ")
        yield VERSIONS.note("tesseract languages", f"{text}.", mend)
