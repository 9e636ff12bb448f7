"""The same model on OpenVINO, converted once with torch, afterwards without."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.acceleration.batching import batches_by_length, padded
from ragkit.acceleration.openvino_library import compiled, convert_both
from ragkit.acceleration.tokenizing import Pair, PairTokenizer
from ragkit.errors import NotReady
from ragkit.rerankers.base import FolderReranker, RerankerSpec, Scores
from ragkit.rerankers.reference import traceable_model

GRAPH = "model.xml"
BF16_GRAPH = "model-bf16.xml"
COMPILED = "compiled"


class OpenVinoReranker(FolderReranker):
    """A converted model. `bf16`: compute in bfloat16 where the processor can."""

    def __init__(
        self, spec: RerankerSpec, converted: Path, *, bf16: bool, graph: str = GRAPH
    ) -> None:
        """converted: the folder that `convert` has filled. Raises NotReady if it has not."""
        super().__init__(spec)
        self._graph = converted / graph
        if not self._graph.is_file():
            raise NotReady(f"{converted} holds no converted model", hint="ragkit ingest")
        self._precision = "bf16" if bf16 else "f32"
        self._kept = converted / COMPILED / f"{self._graph.stem}-{self._precision}"
        self._tokenizer = PairTokenizer(spec.folder, spec.shape.window)

    def _logits(self, question: str, passages: list[str]) -> Scores:
        """Batches of like length, one after another, with all cores on each."""
        pairs = self._tokenizer.encode(question, passages)
        logits = np.empty(len(pairs), dtype=np.float32)
        for places in batches_by_length([len(pair.numbers) for pair in pairs]):
            result = self._request.infer(self._inputs([pairs[place] for place in places]))
            logits[places] = result[0]
        return logits

    def _inputs(self, pairs: list[Pair]) -> list[NDArray[np.int64]]:
        numbers, mask = padded([pair.numbers for pair in pairs], self._spec.shape.pad)
        if not self._spec.shape.segments:
            return [numbers, mask]
        segments, _ = padded([pair.segments for pair in pairs], 0)
        return [numbers, mask, segments]

    @cached_property
    def _request(self) -> Any:
        model = compiled(
            self._graph,
            self._kept,
            precision=self._precision,
            goal="LATENCY",
            threads=self._spec.threads,
        )
        return model.create_infer_request()


def convert(spec: RerankerSpec, target: Path) -> str:
    """Write the model into `target`, also in bf16. Returns why it cannot be done, or "" when done.

    Raises ModelMissing if the model itself cannot be loaded.
    """
    return convert_both(
        lambda bf16: traceable_model(spec.folder, spec.shape, bf16=bf16),
        target / GRAPH,
        target / BF16_GRAPH,
    )
