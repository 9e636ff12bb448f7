"""An index folder with ids of somebody else's choosing, in a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ragkit.embedders.fake import HashEmbedder
from ragkit.vectors.builder import build_in_child


def plant(folder: Path, ids: Iterable[int]) -> None:
    """Every id with the vector of a text of the other pipeline."""
    shutil.rmtree(folder)
    numbers = np.array(list(ids), dtype=np.int64)
    texts = [f"ownerb payment of {number} euros" for number in numbers]
    vectors = HashEmbedder().embed_passages(texts)
    build_in_child(folder, [(numbers, vectors)], len(numbers), vectors.shape[1])
