"""The reranker of a pipeline: from a folder, checked as every model, refused where it is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, ModelMissing, RagkitError, UnknownPipeline, UsageFault
from ragkit.flows.reranking import Rerankers
from ragkit.models import ModelStore
from ragkit.places import PREPARED_FOLDER
from ragkit.rerankers.records import converted_folder
from ragkit.settings import RerankerSettings
from tests.rerankers.conftest import Tiny, empty_store
from tests.rerankers.test_folder import BERT, made_folder


@pytest.fixture
def models(tmp_path: Path) -> ModelStore:
    return empty_store(tmp_path / "models")


@pytest.fixture
def rerankers(models: ModelStore) -> Rerankers:
    return Rerankers(models, models.root / PREPARED_FOLDER)


def test_one_folder_is_opened_once(tinies: Callable[[str], Tiny]) -> None:
    tiny = tinies("bert")
    rerankers = Rerankers(tiny.models, tiny.cache)
    settings = RerankerSettings(model=str(tiny.folder), passages=7)
    first, second = rerankers.opened(settings), rerankers.opened(settings)
    assert first is not None
    assert second is not None
    assert first.passages == 7
    assert first.reranker is second.reranker
    assert first.reranker.fingerprint == rerankers.fingerprint(settings)
    assert rerankers.opened(RerankerSettings()) is None


def test_weights_and_what_was_made_of_them_are_checked(
    models: ModelStore, rerankers: Rerankers, tinies: Callable[[str], Tiny], tmp_path: Path
) -> None:
    """A byte of either is refused by name, as for embedders."""
    tiny = tinies("bert")
    folder = shutil.copytree(tiny.folder, tmp_path / "mine")
    settings = RerankerSettings(model=str(folder))
    made = converted_folder(models.root / PREPARED_FOLDER, tiny.digest)
    shutil.copytree(converted_folder(tiny.cache, tiny.digest), made)
    assert rerankers.opened(settings) is not None
    for path in made.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))  # settled
    models.trust_prepared(made)
    with (made / "model.bin").open("r+b") as weights:
        weights.write(b"x")
    with pytest.raises(CheckFailed, match=r"model\.bin is not what was made of its model"):
        Rerankers(models, models.root / PREPARED_FOLDER).opened(settings)
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(5000)
        weights.write(b"xyz")
    with pytest.raises(CheckFailed, match=r"model\.safetensors is not what it was"):
        rerankers.opened(settings)


def _pickle(folder: Path) -> Path:
    made_folder(folder, BERT)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    return folder


def _with_code(folder: Path) -> Path:
    made_folder(folder, {**BERT, "auto_map": {"AutoModel": "evil.Own"}})
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def _two_labels(folder: Path) -> Path:
    made_folder(folder, {**BERT, "id2label": {"0": "no", "1": "yes"}})
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def _embedder(folder: Path) -> Path:
    made_folder(folder, {**BERT, "architectures": ["BertModel"]})
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def _gguf(folder: Path) -> Path:
    path = folder.with_suffix(".gguf")
    path.write_bytes(b"GGUF1234")
    return path


@pytest.mark.parametrize(
    ("model", "kind", "says"),
    [
        ("/nowhere/at/all", ModelMissing, "There is no model at /nowhere/at/all"),
        ("SmolLM2-135M-Instruct", UsageFault, "cannot be the reranker: its role is generator"),
        ("all-MiniLM-L6-v2", UsageFault, "cannot be the reranker: its role is embedder"),
        ("ms-marco-MiniLM-L7-v2", UnknownPipeline, "Did you mean ms-marco-MiniLM-L6-v2"),
        ("ms-marco-MiniLM-L6-v2", ModelMissing, "is not on this machine"),
        (_pickle, CheckFailed, r"pytorch_model\.bin is a pickle"),
        (_with_code, CheckFailed, "asks for code of its own"),
        (_two_labels, UsageFault, "it gives 2 labels to a pair"),
        (_embedder, UsageFault, "its config.json names BertModel"),
        (_gguf, UsageFault, r"that needs a folder with \*\.safetensors"),
    ],
)
def test_what_is_no_reranker_is_refused_with_the_reason(
    rerankers: Rerankers,
    tmp_path: Path,
    model: str | Callable[[Path], Path],
    kind: type[RagkitError],
    says: str,
) -> None:
    named = model if isinstance(model, str) else str(model(tmp_path / "model"))
    with pytest.raises(kind, match=says) as caught:
        rerankers.opened(RerankerSettings(model=named))
    assert caught.value.hint or says.endswith("safetensors")


def test_a_reranker_is_no_embedder(models: ModelStore, tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model", BERT)
    (folder / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(UsageFault, match=r"cannot be the embedder.*a reranker"):
        models.resolve(str(folder), role="embedder")


def test_one_that_is_not_here_keeps_nothing_from_being_indexed(rerankers: Rerankers) -> None:
    rerankers.prepare(RerankerSettings(model="bge-reranker-v2-m3"), lambda _: None)
    with pytest.raises(UsageFault):
        rerankers.prepare(RerankerSettings(model="all-MiniLM-L6-v2"), lambda _: None)
