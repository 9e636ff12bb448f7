"""The converted model in int8: coarser, and on request only.

Weights and what they are multiplied with become 8-bit numbers, whose products processors with VNNI or
AMX compute faster. The ranges are taken from the built-in sentences, so nothing of a document
gets into the model: Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (arXiv:1712.05877), weights per output, activations per matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ragkit.acceleration.batching import padded
from ragkit.acceleration.openvino_library import core, openvino_library
from ragkit.acceleration.sentences import SENTENCES
from ragkit.acceleration.tokenizing import WindowTokenizer
from ragkit.embedders.base import EmbedderSpec

QUANTIZED = "model-int8.xml"

_WEIGHT_LEVELS = 255  # -127 to 127, so that zero stays zero
_STATE_LEVELS = 256
_ACTIVATIONS = frozenset(("Gelu", "Relu", "Swish", "SoftPlus", "Tanh"))
"""Products behind these stay as they are: a few large values among many small ones. On contracts the
least cosine is 0.995 without them and 0.987 with them, and no time is saved."""


class Product(NamedTuple):
    """A multiplication with weights: its node, where its states come from, and the weights."""

    node: Any
    states: Any
    weights: Any

    @property
    def source(self) -> tuple[str, int]:
        """Several products may read the same states."""
        return self.states.get_node().get_friendly_name(), self.states.get_index()


def quantize(graph: Path, target: Path, spec: EmbedderSpec) -> None:
    """Write the model of `graph` into the folder `target` with its products in int8."""
    ranges = _ranges(core().read_model(str(graph)), spec)
    model = core().read_model(str(graph))
    rounded: dict[tuple[str, int], Any] = {}
    for product in list(_products(model)):
        if product.source not in rounded:
            rounded[product.source] = _rounded_states(product.states, ranges[product.source])
        product.node.input(0).replace_source_output(rounded[product.source].output(0))
        product.node.input(1).replace_source_output(_rounded_weights(product).output(0))
    model.validate_nodes_and_infer_types()
    openvino_library().save_model(model, str(target / QUANTIZED), compress_to_fp16=False)


def _products(model: Any) -> Iterator[Product]:
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul":
            continue
        weights = node.input_value(1).get_node()
        if weights.get_type_name() != "Constant" or len(weights.shape) != 2:
            continue
        states = node.input_value(0)
        if states.get_node().get_type_name() not in _ACTIVATIONS:
            yield Product(node, states, weights)


def _ranges(model: Any, spec: EmbedderSpec) -> dict[tuple[str, int], tuple[float, float]]:
    """Least and greatest value of what goes into each product, over the built-in sentences."""
    sources = {product.source: product.states for product in _products(model)}
    known = len(model.outputs)
    model.add_outputs(list(sources.values()))
    # Whatever the processor prefers: ranges are those of the exact model.
    compiled = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    seen: dict[tuple[str, int], list[tuple[float, float]]] = {source: [] for source in sources}
    for row in WindowTokenizer(spec.folder, spec.shape.window).encode(SENTENCES):
        results = compiled(list(padded([row], spec.shape.pad)))
        for place, source in enumerate(sources, start=known):
            values = results[place]
            seen[source].append((float(values.min()), float(values.max())))
    return {
        source: (min(low for low, _ in pairs), max(high for _, high in pairs))
        for source, pairs in seen.items()
    }


def _rounded_states(states: Any, span: tuple[float, float]) -> Any:
    low, high = (np.float32(value) for value in span)
    return _rounded(states, low, high, _STATE_LEVELS)


def _rounded_weights(product: Product) -> Any:
    """One range for each output."""
    inputs = 1 if product.node.get_attributes()["transpose_b"] else 0
    largest = np.abs(product.weights.get_data()).max(axis=inputs, keepdims=True)
    largest = np.maximum(largest.astype(np.float32), np.float32(1e-12))
    return _rounded(product.weights, -largest, largest, _WEIGHT_LEVELS)


def _rounded(value: Any, low: Any, high: Any, levels: int) -> Any:
    """What OpenVINO's own passes turn into int8 numbers with a scale."""
    steps = openvino_library().opset13
    ends = [steps.constant(end) for end in (low, high, low, high)]
    return steps.fake_quantize(value, *ends, levels)
