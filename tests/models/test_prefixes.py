"""Models that want a word before every text: the registry knows it, and the chunks leave room for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragkit.build import Builder
from ragkit.config import load_config
from ragkit.embedders.base import EmbedderSpec, FolderEmbedder
from ragkit.embedders.folder import ModelShape
from ragkit.models import ModelSpec, ModelStore, Registry, load_registry
from ragkit.protocols import Spans, Vectors
from tests.embedders.test_folder import made_folder
from tests.models.samples import EMBEDDER, WEIGHTS, model_file

PREFIX = "passage: "


@pytest.mark.parametrize(
    ("name", "query", "passage", "window"),
    [
        ("all-MiniLM-L6-v2", "", "", 256),
        # As the model's own card says: "query: " or "passage: " before every text, whatever its
        # language; mean of the token states; 512 tokens.
        ("multilingual-e5-small", "query: ", "passage: ", 512),
    ],
)
def test_what_the_registry_says_of_embedders(
    name: str, query: str, passage: str, window: int
) -> None:
    spec = load_registry()[name]
    assert (spec.query_prefix, spec.passage_prefix) == (query, passage)
    assert (spec.window, spec.pooling, spec.dimension) == (window, "mean", 384)


def test_questions_and_passages_get_a_prefix_of_their_own() -> None:
    read: list[str] = []

    class Noting(FolderEmbedder):
        def _compute(self, texts: list[str], *, bulk: bool) -> Vectors:
            read.extend(texts)
            return np.ones((len(texts), 2), dtype=np.float32)

        def _compute_chunks(
            self, texts: list[str], spans: list[Spans]
        ) -> tuple[Vectors, list[Vectors]]:
            raise NotImplementedError

    shape = ModelShape(dimension=2, window=8, pooling="mean", pad=0)
    embedder = Noting(EmbedderSpec(Path(), "ab", shape, "query: ", PREFIX))
    embedder.embed_queries(["rent?"])
    embedder.embed_passages(["The rent."])
    assert read == ["query: rent?", "passage: The rent."]


def _installed(root: Path, passage_prefix: str) -> ModelSpec:
    """A model of the registry with a window of 64 and a tokenizer that reads single letters."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = made_folder(root / EMBEDDER.name, sentence={"max_seq_length": 64})
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    letters = {
        letter: number for number, letter in enumerate(["?", *"abcdefghijklmnopqrstuvwxyz:"])
    }
    tokenizer = Tokenizer(models.WordLevel(letters, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = [model_file(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]
    return replace(EMBEDDER, files=tuple(listed), passage_prefix=passage_prefix)


@pytest.mark.parametrize(("prefix", "window"), [("", 64), (PREFIX, 64 - len(PREFIX))])
def test_chunks_leave_room_for_the_prefix(tmp_path: Path, prefix: str, window: int) -> None:
    """Else the last words of a full chunk would be cut off unseen."""
    spec = _installed(tmp_path / "models", prefix)
    (tmp_path / "files").mkdir()
    config = tmp_path / "pipelines.yaml"
    config.write_text(f"pipelines: {{p: {{folders: [files], embedder: {{model: {spec.name}}}}}}}\n")
    builder = Builder(ModelStore(tmp_path / "models", Registry((spec,))))
    parts = builder.ingest_parts(load_config(config).pipeline("p"))
    assert f"/{window}/" in parts.chunker.fingerprint
    builder.close()
