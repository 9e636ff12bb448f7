"""The reference: sentence-transformers on torch, and the model as OpenVINO converts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.acceleration.reference_library import load_embedder, quiet
from ragkit.acceleration.tokenizing import WindowTokenizer
from ragkit.embedders.base import EmbedderSpec, FolderEmbedder
from ragkit.embedders.folder import ModelShape
from ragkit.embedders.pooling import pooled, tokens_within
from ragkit.protocols import Spans, Vectors

_BATCH = 32


class ReferenceEmbedder(FolderEmbedder):
    """`SentenceTransformer.encode`, in float32 or with the whole model in bfloat16."""

    def __init__(self, spec: EmbedderSpec, *, bf16: bool = False) -> None:
        """Raises ModelMissing if the library cannot load the folder."""
        super().__init__(spec)
        import torch

        if spec.threads:
            torch.set_num_threads(spec.threads)
        self._tokenizer = WindowTokenizer(spec.folder, spec.shape.window)
        self._model = _load(spec.folder, spec.shape.window)
        if bf16:
            self._model.to(torch.bfloat16)

    def _compute(self, texts: list[str], *, bulk: bool) -> Vectors:
        with quiet():
            vectors = self._model.encode(
                texts,
                batch_size=_BATCH,
                show_progress_bar=False,
                normalize_embeddings=True,
                convert_to_tensor=True,
            )
        return _array(vectors)

    def _compute_chunks(
        self, texts: list[str], spans: list[Spans]
    ) -> tuple[Vectors, list[NDArray[np.float32]]]:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        sums: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)] * len(texts)
        offsets = [one.offsets for one in self._tokenizer.encode_with_places(texts)]
        longest_first = np.argsort([-len(row) for row in offsets], kind="stable").tolist()
        for at in range(0, len(texts), _BATCH):
            places = longest_first[at : at + _BATCH]
            with quiet():
                computed = self._model.encode(
                    [texts[place] for place in places],
                    batch_size=_BATCH,
                    show_progress_bar=False,
                    output_value=None,
                )
            for place, one in zip(places, computed, strict=True):
                vectors[place] = _array(one["sentence_embedding"])
                states = _array(one["token_embeddings"])[_array(one["attention_mask"]) > 0]
                sums[place] = self._pooled(states, tokens_within(offsets[place], spans[place]))
        return vectors, sums

    def _pooled(
        self, states: NDArray[np.float32], within: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Rows of the model's own dimension; all 0, so none, of a model that pools otherwise or changes
        the text before its tokenizer."""
        if self._spec.shape.pooling not in ("mean", "cls") or len(states) != within.shape[1]:
            return np.zeros((len(within), self.dimension), dtype=np.float32)
        counts = within.sum(axis=1, keepdims=True)
        means = pooled(states, within) / np.maximum(counts, 1)
        return np.where(counts > 0, self._after_pooling(means), np.float32(0))

    def _after_pooling(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Through the layers that a few models have behind the pooling."""
        import torch

        with torch.inference_mode():
            features = {"sentence_embedding": torch.from_numpy(means).to(self._model.dtype)}
            for layer in list(self._model)[2:]:
                features = layer(features)
        return _array(features["sentence_embedding"])


def _array(tensor: Any) -> NDArray[np.float32]:
    return np.asarray(tensor.float().cpu().numpy(), dtype=np.float32)


def traceable_model(
    folder: Path, shape: ModelShape, *, bf16: bool = False
) -> tuple[Any, dict[str, Any]]:
    """The model with its pooling as one torch module, and an example input: what OpenVINO converts.

    The module takes `input_ids` and `attention_mask`, int64 of shape (rows, tokens), and returns
    unit vectors and the token states they were pooled from, both float32. bf16: all before the pooling
    in bfloat16. Raises ModelMissing.
    """
    import torch

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, transformer: Any) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.transformer(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state.float()
            if shape.pooling == "cls":
                pooled = states[:, 0]
            else:
                weights = attention_mask.unsqueeze(-1).to(states.dtype)
                pooled = (states * weights).sum(1) / weights.sum(1)
            return torch.nn.functional.normalize(pooled, dim=1), states

    transformer = _load(folder, shape.window)[0].model
    if bf16:
        transformer.to(torch.bfloat16)
    # Two rows of sixteen tokens: sizes of one would be taken for constants.
    ones = torch.ones(2, 16, dtype=torch.int64)
    return Pooled(transformer).eval(), {"input_ids": ones, "attention_mask": ones}


def _load(folder: Path, window: int) -> Any:
    model = load_embedder(folder)
    model.max_seq_length = window
    model.default_prompt_name = None  # prefixes are settings of the pipeline, seen by every way
    return model
