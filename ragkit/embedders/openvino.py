"""The same model on OpenVINO: 3 times the reference's throughput in bf16, a fifth of its start.

Conversion needs torch and happens once; afterwards the model is two files (a graph and its weights,
mapped into memory) and a compiled graph of half a megabyte.
"""

from __future__ import annotations

import warnings
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.embedders.base import EmbedderSpec, FolderEmbedder
from ragkit.embedders.batching import batches_by_length, padded
from ragkit.embedders.openvino_library import (
    computes_bf16,
    conversion_tool,
    core,
    openvino_library,
)
from ragkit.embedders.reference import traceable_model
from ragkit.embedders.tokenizing import WindowTokenizer
from ragkit.errors import NotReady, RagkitError
from ragkit.machine import processors
from ragkit.protocols import Vectors

GRAPH = "model.xml"
BF16_GRAPH = "model-bf16.xml"
COMPILED = "compiled"
_SINGLE = 4
"""Up to so many questions are computed one after another, with all cores on each."""


class OpenVinoEmbedder(FolderEmbedder):
    """A converted model. `bf16`: compute in bfloat16 where the processor can."""

    def __init__(
        self, spec: EmbedderSpec, converted: Path, *, bf16: bool, graph: str = GRAPH
    ) -> None:
        """converted: the folder that `convert` has filled. Raises NotReady if it has not."""
        super().__init__(spec)
        self._graph = converted / graph
        self._kind = "" if graph == GRAPH else f"{self._graph.stem}-"
        if not self._graph.is_file():
            raise NotReady(f"{converted} holds no converted model", hint="ragkit ingest")
        self._converted = converted
        self._precision = "bf16" if bf16 else "f32"
        self._tokenizer = WindowTokenizer(spec.folder, spec.shape.window)

    def _compute(self, texts: list[str], *, bulk: bool) -> Vectors:
        rows = self._tokenizer.encode(texts)
        if not bulk and len(rows) <= _SINGLE:
            return np.concatenate([self._infer_one(row) for row in rows])
        return self._infer_many(rows)

    def _infer_one(self, row: NDArray[np.int32]) -> Vectors:
        result = self._single_request.infer(list(padded([row], self._spec.shape.pad)))
        return np.array(result[0], dtype=np.float32)

    def _infer_many(self, rows: list[NDArray[np.int32]]) -> Vectors:
        """Several batches at once, each on its own cores."""
        vectors = np.empty((len(rows), self.dimension), dtype=np.float32)

        def keep(request: Any, places: NDArray[np.intp]) -> None:
            vectors[places] = request.get_output_tensor(0).data

        queue = openvino_library().AsyncInferQueue(self._bulk_model, 0)
        queue.set_callback(keep)
        for places in batches_by_length([len(row) for row in rows]):
            batch = padded([rows[place] for place in places], self._spec.shape.pad)
            queue.start_async(list(batch), places)
        queue.wait_all()
        return vectors

    @cached_property
    def _single_request(self) -> Any:
        return self._compiled("LATENCY").create_infer_request()

    @cached_property
    def _bulk_model(self) -> Any:
        return self._compiled("THROUGHPUT")

    def _compiled(self, goal: str) -> Any:
        # OpenVINO gives the graphs of different settings one name, so each goal has a folder.
        kept = self._converted / COMPILED / f"{self._kind}{self._precision}-{goal.lower()}"
        settings = {
            "INFERENCE_PRECISION_HINT": self._precision,
            "PERFORMANCE_HINT": goal,
            "INFERENCE_NUM_THREADS": self._spec.threads or len(processors()),
            # Compiled graphs are kept without the weights: 0.4 MB, loaded in 0.1 s instead of 0.4.
            "CACHE_DIR": str(kept),
            "CACHE_MODE": "OPTIMIZE_SIZE",
        }
        model = core().compile_model(str(self._graph), "CPU", settings)
        if not model.get_property("LOADED_FROM_CACHE"):
            for path in kept.iterdir():
                path.chmod(0o600)  # OpenVINO lets the group read, whatever the umask
        return model


def convert(spec: EmbedderSpec, target: Path) -> str:
    """Write the model into `target`, also in bf16. Returns why it cannot be done, or "" when done.

    Raises ModelMissing if the model itself cannot be loaded.
    """
    if spec.shape.beyond:
        return f"the model has {spec.shape.beyond}"
    try:
        _convert(spec, target / GRAPH, bf16=False)
        if computes_bf16():
            _convert(spec, target / BF16_GRAPH, bf16=True)
    except RagkitError:
        raise
    except Exception as error:  # noqa: BLE001 (any part of a strange model may fail; another way is left)
        return f"OpenVINO cannot convert the model ({type(error).__name__})"
    return ""


def _convert(spec: EmbedderSpec, graph: Path, *, bf16: bool) -> None:
    module, example = traceable_model(spec.folder, spec.shape, bf16=bf16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, about branches that are constant here
        model = conversion_tool()(module, example_input=example)
    openvino_library().save_model(model, str(graph), compress_to_fp16=False)
