"""Whether a model's weights are all there.

A digest says that a file is what it was, not that it was ever whole: a download that broke off and was
taken in has a digest too.
"""

from __future__ import annotations

from pathlib import Path

from ragkit.errors import CheckFailed
from ragkit.llm.gguf_metadata import read_about, require_whole
from ragkit.llm.parts import parts_of

_SUFFIX = ".gguf"


def check_whole(weights: Path) -> None:
    """Raises CheckFailed unless the file, or each of its parts, holds what its header promises.

    Of other weights than GGUF files nothing is read here. Raises UsageFault for a GGUF file of a form
    that llama.cpp no longer reads.
    """
    if weights.suffix.lower() != _SUFFIX:
        return
    parts = parts_of(weights)
    for part in parts:
        about = read_about(part)
        require_whole(about)
        if about.parts > len(parts):
            raise CheckFailed(
                f"{weights.name} is one of {about.parts} parts of a model, of which {len(parts)} are "
                "there.",
                hint="Get the others too, into the same folder.",
            )
