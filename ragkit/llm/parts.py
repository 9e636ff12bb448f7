"""The files of one model: usually one, of a large model several that are numbered."""

from __future__ import annotations

import re
from pathlib import Path

_FIRST = re.compile(r"(?P<stem>.*)-00001-(?P<all>of-\d+\.gguf)")
"""How llama.cpp names the parts it splits a model into (tools/gguf-split, `llama_split_path`)."""


def parts_of(path: Path) -> list[Path]:
    """The files of the model that begins at `path`: that one, or all that are numbered like
    NAME-00001-of-00003.gguf, in their order.
    """
    first = _FIRST.fullmatch(path.name)
    if first is None:
        return [path]
    numbered = re.compile(rf"{re.escape(first['stem'])}-\d{{5}}-{re.escape(first['all'])}")
    return sorted(one for one in path.parent.iterdir() if numbered.fullmatch(one.name))


def bytes_of(path: Path) -> int:
    """Of a model's file, or of all of them where it comes in several."""
    return sum(part.stat().st_size for part in parts_of(path))
