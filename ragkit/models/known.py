"""A registry's model in its folder: which files it must have, with which digests, and nothing beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ragkit.errors import CheckFailed, ModelMissing
from ragkit.models.files import read_json
from ragkit.models.pulling import MANIFEST
from ragkit.models.registry import ModelFile, ModelSpec

_NOTES = (MANIFEST, "verified.json")
"""What pulls leave beside a model's own files (the second: before digests were kept elsewhere)."""


def expected_files(root: Path, spec: ModelSpec) -> tuple[ModelFile, ...]:
    """The files as the registry wants them; what it leaves open, as the first pull found them.

    The registry wins: a changed model.json cannot make a changed file right.
    """
    pinned = {
        str(entry.get("path")): entry
        for entry in read_json(root / spec.folder / MANIFEST).get("files", ())
    }
    return tuple(
        replace(
            file,
            sha256=file.sha256 or str(pinned.get(file.path, {}).get("sha256", "")),
            size=file.size or int(pinned.get(file.path, {}).get("size", 0)),
        )
        for file in spec.files
    )


def expected_digest(root: Path, spec: ModelSpec) -> str:
    """The sha256 of the main weights file; "" while no pull has pinned it."""
    main = spec.weights.path
    return next(file.sha256 for file in expected_files(root, spec) if file.path == main)


def require_present(root: Path, spec: ModelSpec, file: ModelFile) -> None:
    """Raises ModelMissing, CheckFailed if it has another size. Nothing is hashed."""
    path = root / spec.folder / file.path
    if not path.is_file() or not file.sha256:
        raise ModelMissing(
            f"The model {spec.name} is not on this machine.",
            hint=f"ragkit models pull {spec.name}",
        )
    if (size := path.stat().st_size) != file.size:
        raise wrong_file(spec, path, f"{size:,} bytes", f"{file.size:,}")


def require_nothing_else(root: Path, spec: ModelSpec) -> None:
    """Libraries load what they find beside the weights: a pickle, a tokenizer, code."""
    folder = root / spec.folder
    known = {file.path for file in spec.files} | set(_NOTES)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in known:
            raise CheckFailed(
                f"{path} does not belong to the model {spec.name}.",
                hint=f"Delete it, or: ragkit models pull {spec.name}",
            )


def wrong_file(spec: ModelSpec, path: Path, found: str, expected: str) -> CheckFailed:
    """For a file of the model that is not what it should be."""
    return CheckFailed(
        f"{path} is not what it should be: {found} instead of {expected}.",
        hint=f"ragkit models pull {spec.name}",
    )
