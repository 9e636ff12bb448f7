"""The reference: sentence-transformers on torch. The only file that knows either.

Importing them takes 7 seconds and 450 MB, so this way serves preparation, tests and models that
OpenVINO cannot convert.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ragkit.embedders.base import EmbedderSpec, FolderEmbedder
from ragkit.embedders.folder import ModelShape
from ragkit.errors import ModelMissing
from ragkit.protocols import Vectors

_BATCH = 32


class ReferenceEmbedder(FolderEmbedder):
    """`SentenceTransformer.encode`, in float32 or with the whole model in bfloat16."""

    def __init__(self, spec: EmbedderSpec, *, bf16: bool = False) -> None:
        """Raises ModelMissing if the library cannot load the folder."""
        super().__init__(spec)
        import torch

        if spec.threads:
            torch.set_num_threads(spec.threads)
        self._model = _load(spec.folder, spec.shape.window)
        if bf16:
            self._model.to(torch.bfloat16)

    def _compute(self, texts: list[str], *, bulk: bool) -> Vectors:
        with _quiet():
            vectors = self._model.encode(
                texts,
                batch_size=_BATCH,
                show_progress_bar=False,
                normalize_embeddings=True,
                convert_to_tensor=True,
            )
        return np.asarray(vectors.float().cpu().numpy(), dtype=np.float32)


def traceable_model(
    folder: Path, shape: ModelShape, *, bf16: bool = False
) -> tuple[Any, dict[str, Any]]:
    """The model with its pooling as one torch module, and an example input: what OpenVINO converts.

    The module takes `input_ids` and `attention_mask`, int64 of shape (rows, tokens), and returns
    float32 unit vectors. bf16: all before the pooling in bfloat16. Raises ModelMissing.
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
            return torch.nn.functional.normalize(pooled, dim=1)

    transformer = _load(folder, shape.window)[0].model
    if bf16:
        transformer.to(torch.bfloat16)
    # Two rows of sixteen tokens: sizes of one would be taken for constants.
    ones = torch.ones(2, 16, dtype=torch.int64)
    return Pooled(transformer).eval(), {"input_ids": ones, "attention_mask": ones}


def _load(folder: Path, window: int) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # a hub name would be looked up, also "local_files_only"
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        with _quiet():
            model = SentenceTransformer(
                str(folder.absolute()),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},  # the other format is a program
            )
    except (OSError, ValueError, KeyError, ImportError) as error:
        problem = f"{folder} cannot be loaded by sentence-transformers"
        raise ModelMissing(problem, hint="ragkit models verify") from error
    model.max_seq_length = window
    model.default_prompt_name = None  # prefixes are settings of the pipeline, seen by every way
    return model.eval()


@contextmanager
def _quiet() -> Iterator[None]:
    """The libraries warn about each other's future; a reader of a report can do nothing about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
