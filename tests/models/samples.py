"""Small made-up models for the tests: right in every respect but their use."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

from ragkit.models import HubSource, ModelFile, ModelSpec, Registry, WheelSource
from tests.models.gguf_files import gguf

GGUF = gguf() + bytes(range(256)) * 4000
WEIGHTS = bytes(range(255, -1, -1)) * 800
CONFIG = b'{"hidden_size": 8}\n'
EMBEDDER_FILES = {
    "model.safetensors": WEIGHTS,
    "config.json": CONFIG,
    "1_Pooling/config.json": b"{}",
}


def model_file(path: str, content: bytes) -> ModelFile:
    return ModelFile(path, hashlib.sha256(content).hexdigest(), len(content))


EMBEDDER = ModelSpec(
    name="Tiny-Embedder",
    role="embedder",
    description="For tests.",
    licence="Apache-2.0",
    languages=("en",),
    files=tuple(model_file(path, content) for path, content in EMBEDDER_FILES.items()),
    source=WheelSource("tiny-embedder", "1.0", "tiny_embedder/model"),
    default=True,
)
GENERATOR = replace(
    EMBEDDER,
    name="Tiny-Generator",
    role="generator",
    files=(model_file("tiny.gguf", GGUF), model_file("notes.json", CONFIG)),
    source=HubSource("someone/tiny-GGUF"),
)
REGISTRY = Registry((EMBEDDER, GENERATOR))


def make_wheel(folder: Path, files: dict[str, bytes]) -> Path:
    """tiny_embedder-1.0 as a wheel that pip takes, with `files` in tiny_embedder/model/."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / "tiny_embedder-1.0-py3-none-any.whl"
    about = "tiny_embedder-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            archive.writestr(f"tiny_embedder/model/{path}", content)
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-embedder\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return wheel


def install(spec: ModelSpec, root: Path, files: dict[str, bytes]) -> Path:
    """The model as someone would carry it to a machine without a network: by copying its files."""
    for path, content in files.items():
        target = root / spec.name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root / spec.name
