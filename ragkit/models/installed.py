"""What is here: a model's state, a model ready to be loaded, and the folder where models lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ragkit.models.registry import ModelSpec

_OWN_READER_BYTES = 800_000_000  # about 1.5 billion parameters at 4 bits


@dataclass(frozen=True, slots=True)
class ModelState:
    """A known model and how it stands here. verified: when each of its files was last hashed.

    digest: sha256 of the main weights file; empty while it is neither known nor pinned by a pull.
    """

    spec: ModelSpec
    installed: bool
    bytes_on_disk: int
    verified: datetime | None
    digest: str


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model ready to be loaded from `path`: a GGUF file, or an embedder's folder.

    digest: sha256 of the main weights file; of the user's own folder, of all its files together.
    spec is None for a model of the user's own; named: whether it has its name from the models folder.
    """

    name: str
    path: Path
    digest: str
    spec: ModelSpec | None
    named: bool = False

    @property
    def reference(self) -> str:
        """What finds it again: its name where the store knows that, else its path."""
        return self.name if self.named or self.spec is not None else str(self.path)

    @property
    def reader(self) -> bool:
        """Whether it can be trusted to compose; a user's own model counts by its size."""
        if self.spec is not None:
            return self.spec.reader
        return self.path.is_file() and self.path.stat().st_size >= _OWN_READER_BYTES


def default_models_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """$RAGKIT_MODELS, else ragkit/models in the folder where this system keeps a user's data."""
    if chosen := environment.get("RAGKIT_MODELS"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ragkit" / "models"
    data = environment.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "ragkit" / "models"
