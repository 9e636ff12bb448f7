"""A model file from elsewhere, looked at before any native code opens it, then taken in under a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ragkit.llm.gguf_metadata import GgufAbout, read_about, require_generator
from ragkit.models import ModelStore, Progress
from ragkit.models.named import name_for


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in. reader: whether it is large enough to compose answers."""

    name: str
    path: Path
    sha256: str
    about: GgufAbout
    reader: bool


def import_model(store: ModelStore, file: Path, name: str, progress: Progress) -> Imported:
    """Raises UsageFault, CheckFailed (no whole language model), Busy, StorageFault."""
    about = read_about(file)
    require_generator(about)
    model = store.add(file, name or name_for(file.stem), progress)
    return Imported(model.name, model.path, model.digest, about, model.reader)
