"""What preparation leaves in the cache: a converted model, and what was measured on this machine.

    CACHE/53aa51172d142c89-2026.4.1-2/     as acceleration/conversion.py makes it
        model.xml  model.bin  compiled/
        model-bf16.xml  model-bf16.bin     only where the processor computes bf16
        model-int8.xml  model-int8.bin     only where it was asked for
        measured-0f3c….json                one for each kind of processor that uses the folder

Every file appears whole or not at all. Nothing here is derived from documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ragkit.acceleration import conversion
from ragkit.acceleration.conversion import read_measured, write_measured
from ragkit.embedders.base import LEAST_COSINE, family_of

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

SCHEMA = 2
"""Of the converted model. 2: it gives the states of its tokens too."""


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
    return conversion.converted_folder(cache, digest, str(SCHEMA))


def read_record(cache: Path, digest: str) -> PreparedEmbedder | None:
    """What was measured on this kind of machine; None if nothing was, or it cannot be read."""
    try:
        raw = read_measured(converted_folder(cache, digest))
        figures = tuple(WayFigure(f["way"], f["rate"], f["cosine"]) for f in raw["figures"])
        return PreparedEmbedder(raw["way"], raw["reason"], figures)
    except (KeyError, TypeError):
        return None


def write_record(cache: Path, digest: str, record: PreparedEmbedder) -> None:
    """Remember `record` for this kind of machine."""
    figures = [
        {"way": f.way, "rate": round(f.texts_per_second, 2), "cosine": round(f.cosine, 6)}
        for f in record.figures
    ]
    content = {"way": record.way, "reason": record.reason, "figures": figures}
    write_measured(converted_folder(cache, digest), content)
