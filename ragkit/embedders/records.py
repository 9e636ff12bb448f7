"""What preparation leaves in the cache: a converted model, and what was measured on this machine.

    CACHE/53aa51172d142c89-2026.4.1-1/     weights, OpenVINO version, schema: one conversion
        conversion.json                    why it could not be converted, or an empty reason
        model.xml  model.bin  compiled/
        measured-0f3c….json                one for each kind of processor that uses the folder

Every file appears whole or not at all. Nothing here is derived from documents.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ragkit.embedders.base import LEAST_COSINE
from ragkit.embedders.machine import machine_id
from ragkit.embedders.openvino import openvino_version

Way = Literal["auto", "reference", "openvino-f32", "openvino-bf16", "torch-bf16"]
WAYS: tuple[Way, ...] = ("auto", "reference", "openvino-f32", "openvino-bf16", "torch-bf16")
"""How vectors are computed. "auto": the fastest that was measured to equal the reference."""

SCHEMA = 1
CONVERSION = "conversion.json"


@dataclass(frozen=True, slots=True)
class WayFigure:
    """One way, measured. `cosine`: the least similarity to the reference over the built-in sentences.

    texts_per_second: passages of about 200 tokens, all cores.
    """

    way: str
    texts_per_second: float
    cosine: float


@dataclass(frozen=True, slots=True)
class PreparedEmbedder:
    """The way chosen on this machine, why, and what was measured."""

    way: str
    reason: str
    figures: tuple[WayFigure, ...] = ()

    def accepts(self, way: str) -> bool:
        """Whether that way was measured here and equals the reference."""
        return any(figure.way == way and figure.cosine >= LEAST_COSINE for figure in self.figures)


def converted_folder(cache: Path, digest: str) -> Path:
    """Where the model with weights of that sha256 is, or will be, converted."""
    return cache / f"{digest[:16]}-{openvino_version()}-{SCHEMA}"


def read_conversion(converted: Path) -> str | None:
    """Why the model could not be converted, "" if it was; None if that was not tried to the end."""
    try:
        return str(json.loads((converted / CONVERSION).read_text(encoding="utf-8"))["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_record(cache: Path, digest: str) -> PreparedEmbedder | None:
    """What was measured on this kind of machine; None if nothing was, or it cannot be read."""
    try:
        raw = json.loads(_record_path(cache, digest).read_text(encoding="utf-8"))
        figures = tuple(WayFigure(f["way"], f["rate"], f["cosine"]) for f in raw["figures"])
        return PreparedEmbedder(raw["way"], raw["reason"], figures)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(cache: Path, digest: str, record: PreparedEmbedder) -> None:
    """Remember `record` for this kind of machine."""
    figures = [
        {"way": f.way, "rate": round(f.texts_per_second, 2), "cosine": round(f.cosine, 6)}
        for f in record.figures
    ]
    content = {"way": record.way, "reason": record.reason, "figures": figures}
    write_json(_record_path(cache, digest), content)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Atomically: readers see the old file or the new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(json.dumps(content, indent=1), encoding="utf-8")
    aside.replace(path)


def _record_path(cache: Path, digest: str) -> Path:
    return converted_folder(cache, digest) / f"measured-{machine_id()}.json"
