"""What figures were measured on: without it they mean nothing to anybody else."""

from __future__ import annotations

import platform
from importlib.metadata import version

COUNTED = (
    "ragkit",
    "sentence-transformers",
    "transformers",
    "torch",
    "chromadb",
    "openvino",
    "tokenizers",
    "numpy",
)


def versions() -> dict[str, str]:
    """Python and the distributions that decide the figures."""
    return {"python": platform.python_version(), **{name: version(name) for name in COUNTED}}
