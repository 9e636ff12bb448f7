"""What preparation leaves in the cache: a converted model, and what was measured on this machine.

    CACHE/53aa51172d142c89-2026.4.1-1/     weights, OpenVINO version, schema: one conversion
        conversion.json                    why it could not be converted, or an empty reason
        model.xml  model.bin  compiled/
        model-bf16.xml  model-bf16.bin     only where the processor computes bf16
        model-int8.xml  model-int8.bin     only where it was asked for
        measured-0f3c….json                one for each kind of processor that uses the folder

Every file appears whole or not at all. Nothing here is derived from documents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ragkit.embedders.base import LEAST_COSINE, family_of
from ragkit.embedders.machine import machine_id
from ragkit.embedders.openvino_library import openvino_version
from ragkit.files import write_atomically

Way = Literal[
    "auto",
    "reference",
    "openvino-f32",
    "openvino-bf16",
    "openvino-bf16-stored",
    "torch-bf16",
    "openvino-int8",
]
WAYS: tuple[Way, ...] = get_args(Way)
"""How vectors are computed. "auto": the fastest that was measured to equal the reference.

openvino-bf16 multiplies in bfloat16 and adds up in float32; openvino-bf16-stored holds everything in
bfloat16: 1.08 times faster with 60 MB less memory, and a little coarser.
"""

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

    @property
    def is_near(self) -> bool:
        """Whether it comes as near to the reference as its family must."""
        return self.cosine >= LEAST_COSINE[family_of(self.way)]


@dataclass(frozen=True, slots=True)
class PreparedEmbedder:
    """The way chosen on this machine, why, and what was measured."""

    way: str
    reason: str
    figures: tuple[WayFigure, ...] = ()

    def accepts(self, way: str) -> bool:
        """Whether that way was measured here and comes near enough to the reference."""
        figure = self.figure_of(way)
        return figure is not None and figure.is_near

    def knows(self, way: str) -> bool:
        """Whether there is nothing left to measure for that way: all but int8 are measured together."""
        return family_of(way) == "f32" or self.figure_of(way) is not None

    def figure_of(self, way: str) -> WayFigure | None:
        """What was measured of that way; None if nothing was."""
        return next((figure for figure in self.figures if figure.way == way), None)


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
    write_atomically(path, json.dumps(content, indent=1))


def _record_path(cache: Path, digest: str) -> Path:
    return converted_folder(cache, digest) / f"measured-{machine_id()}.json"
