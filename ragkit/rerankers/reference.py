"""The reference: sentence-transformers' CrossEncoder on torch, and the model as OpenVINO converts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ragkit.acceleration.reference_library import load_cross_encoder, quiet
from ragkit.rerankers.base import FolderReranker, RerankerSpec, Scores
from ragkit.rerankers.folder import PairShape

_BATCH = 32


class ReferenceReranker(FolderReranker):
    """`CrossEncoder.predict` in float32."""

    def __init__(self, spec: RerankerSpec) -> None:
        """Raises ModelMissing if the library cannot load the folder."""
        super().__init__(spec)
        import torch

        if spec.threads:
            torch.set_num_threads(spec.threads)
        self._model = load_cross_encoder(spec.folder)
        self._model.max_seq_length = spec.shape.window

    def _logits(self, question: str, passages: list[str]) -> Scores:
        with quiet():
            found = self._model.predict(
                [(question, passage) for passage in passages],
                batch_size=_BATCH,
                show_progress_bar=False,
                convert_to_tensor=True,
            )
        return np.asarray(found.float().cpu().numpy(), dtype=np.float32)


def traceable_model(
    folder: Path, shape: PairShape, *, bf16: bool = False
) -> tuple[Any, dict[str, Any]]:
    """The model as one torch module, and an example input: what OpenVINO converts.

    The module takes `input_ids`, `attention_mask` and, if the model has segments, `token_type_ids`,
    int64 of shape (rows, tokens), and returns float32 raw scores of shape (rows,). bf16: all before
    the score in bfloat16. Raises ModelMissing.
    """
    import torch

    class Scored(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, transformer: Any) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            segments = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            found = self.transformer(input_ids=input_ids, attention_mask=attention_mask, **segments)
            return found.logits.float()[:, 0]

    transformer = load_cross_encoder(folder)[0].model
    if bf16:
        transformer.to(torch.bfloat16)
    # Two rows of sixteen tokens: sizes of one would be taken for constants.
    ones = torch.ones(2, 16, dtype=torch.int64)
    example = {"input_ids": ones, "attention_mask": ones}
    if shape.segments:
        example["token_type_ids"] = ones
    return Scored(transformer).eval(), example
