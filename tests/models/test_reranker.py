"""A reranker among the models: pulled, listed, verified and kept apart from other roles, as any model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from ragkit.cli.main import cli
from ragkit.errors import CheckFailed, UsageFault
from ragkit.models import HubSource, ModelFile, ModelStore, Registry, load_registry
from tests.models.hub_server import Hub, running_hub
from tests.models.samples import EMBEDDER, WEIGHTS, model_file

FILES = {
    "model.safetensors": WEIGHTS,
    "config.json": b'{"architectures": ["BertForSequenceClassification"]}\n',
    "tokenizer.json": b"{}\n",
}
RERANKER = replace(
    EMBEDDER,
    name="Tiny-Reranker",
    role="reranker",
    default=False,
    # The digests of two files are left open: pinned at the first pull.
    files=(
        model_file("model.safetensors", WEIGHTS),
        ModelFile("config.json"),
        ModelFile("tokenizer.json"),
    ),
    source=HubSource("someone/tiny-reranker"),
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import close_session, constants

    with running_hub(Hub("someone/tiny-reranker", dict(FILES))) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield hub
    close_session()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", Registry((EMBEDDER, RERANKER)))


def test_a_pulled_reranker_serves_as_one_and_as_nothing_else(store: ModelStore, hub: Hub) -> None:
    folder = store.pull("tiny-reranker")
    assert folder == store.root / "Tiny-Reranker"
    model = store.resolve("Tiny-Reranker", role="reranker")
    assert model.path == folder
    assert model.digest == RERANKER.weights.sha256
    store.verify("Tiny-Reranker")
    for role in ("embedder", "generator"):
        with pytest.raises(UsageFault, match=f"cannot be the {role}: its role is reranker"):
            store.resolve("Tiny-Reranker", role=role)
    with pytest.raises(UsageFault, match="cannot be the reranker: its role is embedder"):
        store.resolve("Tiny-Embedder", role="reranker")


def test_what_the_registry_leaves_open_is_pinned_at_the_first_pull(
    store: ModelStore, hub: Hub
) -> None:
    folder = store.pull("Tiny-Reranker")
    (folder / "config.json").write_bytes(FILES["config.json"].replace(b"Bert", b"Best"))
    with pytest.raises(CheckFailed, match=r"config\.json is not what it should be"):
        store.verify("Tiny-Reranker")


def test_a_pickle_beside_the_weights_is_refused(store: ModelStore, hub: Hub) -> None:
    folder = store.pull("Tiny-Reranker")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(CheckFailed, match=r"pytorch_model\.bin does not belong to the model"):
        store.resolve("Tiny-Reranker", role="reranker")


def test_the_list_names_the_rerankers_with_licence_and_memory() -> None:
    done = CliRunner().invoke(cli, ["models", "list", "--json"])
    models = {model["name"]: model for model in json.loads(done.stdout)["models"]}
    rerankers = {name: model for name, model in models.items() if model["role"] == "reranker"}
    assert set(rerankers) == {spec.name for spec in load_registry() if spec.role == "reranker"}
    assert len(rerankers) >= 3
    for model in rerankers.values():
        assert model["licence"] == "Apache-2.0"
        assert model["memory_mb"] * 1e6 > model["size"] > 0
        assert len(model["sha256"]) == 64


def test_there_is_a_reranker_for_every_language_that_is_told_apart() -> None:
    from ragkit.language import STOP_WORDS

    rerankers = [spec for spec in load_registry() if spec.role == "reranker"]
    for language in STOP_WORDS:
        assert any({"*", language} & set(spec.languages) for spec in rerankers)
    assert not any(spec.default for spec in rerankers), "none is pulled unasked"
