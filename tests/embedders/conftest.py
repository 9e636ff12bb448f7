"""Every embedder of the package, opened once for a session."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.embedders import PreparedEmbedder, open_embedder, prepare
from ragkit.protocols import Embedder

WAYS_TESTED = ("reference", "openvino-f32", "openvino-bf16", "openvino-bf16-stored")


@dataclass(frozen=True)
class Starter:
    """The starter model, prepared in a cache of the test session."""

    folder: Path
    digest: str
    cache: Path
    prepared: PreparedEmbedder

    def open(self, way: str) -> Embedder:
        """Skips where this processor cannot compute in that way."""
        if way != "reference" and not self.prepared.accepts(way):
            pytest.skip(f"{way} is not for this processor")
        return open_embedder(self.folder, digest=self.digest, cache=self.cache, way=way)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def starter(starter_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Starter:
    folder = starter_models["all-MiniLM-L6-v2"]
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    cache = tmp_path_factory.mktemp("prepared") / "cache"
    return Starter(folder, digest, cache, prepare(folder, digest=digest, cache=cache))


@pytest.fixture(scope="session")
def reference(starter: Starter) -> Embedder:
    return starter.open("reference")
