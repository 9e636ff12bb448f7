"""How many operations a transformer needs for a text, from its shape alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LayerShape:
    """layers: how many there are; width: of the states; inner: of the feed-forward part."""

    layers: int
    width: int
    inner: int

    @property
    def weights(self) -> int:
        """Of all layers' matrices: query, key, value and output, and the two feed-forward ones."""
        return self.layers * (4 * self.width**2 + 2 * self.width * self.inner)


def read_layer_shape(model_folder: Path) -> LayerShape | None:
    """The shape in config.json; None where the model is not described in BERT's words."""
    config = json.loads((model_folder / "config.json").read_text(encoding="utf-8"))
    names = ("num_hidden_layers", "hidden_size", "intermediate_size")
    if not all(isinstance(config.get(name), int) for name in names):
        return None
    return LayerShape(*(config[name] for name in names))


def operations(shape: LayerShape, lengths: Iterable[int]) -> float:
    """Multiplications and additions for texts of so many tokens each.

    A token costs two operations for each weight, and 4 · layers · width · tokens for comparing it
    with its text's tokens and adding up their values: Chowdhery et al., PaLM (arXiv:2204.02311),
    appendix B, without the threefold of training. Padding, softmax and normalisation are not counted, nor
    are the embedding tables, which are looked up. all-MiniLM-L6-v2 with 170 tokens: 22.8 million
    operations for a token.
    """
    attention = 4 * shape.layers * shape.width
    return float(sum(n * (2 * shape.weights + attention * n) for n in lengths))
