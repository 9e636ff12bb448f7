"""What a model folder's configuration files say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragkit.embedders.folder import read_shape
from ragkit.errors import CheckFailed, ModelMissing

MODULES = ["Transformer", "Pooling", "Normalize"]


def made_folder(
    folder: Path,
    *,
    modules: list[str] | None = None,
    pooling: dict[str, Any] | None = None,
    sentence: dict[str, Any] | None = None,
) -> Path:
    """A folder with configuration files and no weights."""
    names = MODULES if modules is None else modules
    listed = [
        {"type": f"sentence_transformers.models.{name}", "path": f"{place}_{name}" if place else ""}
        for place, name in enumerate(names)
    ]
    files: dict[str, Any] = {
        "config.json": {"model_type": "bert", "hidden_size": 384, "max_position_embeddings": 512},
        "tokenizer.json": {},
        "tokenizer_config.json": {"model_max_length": 300},
        "modules.json": listed,
        "sentence_bert_config.json": sentence or {},
        "1_Pooling/config.json": pooling or {"pooling_mode_mean_tokens": True},
    }
    for place, name in enumerate(names):
        if name == "Dense":
            files[f"{place}_Dense/config.json"] = {"in_features": 384, "out_features": 128}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder


def test_a_plain_model(tmp_path: Path) -> None:
    shape = read_shape(made_folder(tmp_path, sentence={"max_seq_length": 256}))
    assert (shape.dimension, shape.window, shape.pooling, shape.beyond) == (384, 256, "mean", "")


def test_the_window_falls_back_to_the_tokenizer(tmp_path: Path) -> None:
    assert read_shape(made_folder(tmp_path)).window == 300


def test_the_window_never_passes_the_positions(tmp_path: Path) -> None:
    assert read_shape(made_folder(tmp_path, sentence={"max_seq_length": 9999})).window == 512


@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False},
        {"pooling_mode": "cls"},
    ],
)
def test_the_first_token_as_pooling(tmp_path: Path, pooling: dict[str, Any]) -> None:
    shape = read_shape(made_folder(tmp_path, pooling=pooling))
    assert (shape.pooling, shape.beyond) == ("cls", "")


def test_other_poolings_are_left_to_the_reference(tmp_path: Path) -> None:
    pooling = {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False}
    assert read_shape(made_folder(tmp_path, pooling=pooling)).beyond == "pooling by max"


def test_other_modules_are_left_to_the_reference(tmp_path: Path) -> None:
    shape = read_shape(made_folder(tmp_path, modules=["Transformer", "Pooling", "Dense"]))
    assert (shape.beyond, shape.dimension) == ("a Dense layer", 128)


def test_a_folder_that_brings_code_is_refused(tmp_path: Path) -> None:
    folder = made_folder(tmp_path)
    (folder / "modules.json").write_text('[{"type": "custom.Transformer", "path": ""}]')
    with pytest.raises(CheckFailed, match="code outside sentence-transformers"):
        read_shape(folder)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="not a sentence-transformers folder"):
        read_shape(tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (made_folder(tmp_path) / "modules.json").write_text("{")
    with pytest.raises(ModelMissing, match=r"modules\.json cannot be read"):
        read_shape(tmp_path)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("sentence_transformers.models.WordEmbeddings", "0_Words"),
        ("sentence_transformers.models.BoW", ""),
        ("sentence_transformers.models.Transformer", "../elsewhere"),
        ("sentence_transformers.models.Transformer", "/etc"),
    ],
)
def test_modules_that_read_pickles_or_other_folders_are_refused(
    tmp_path: Path, kind: str, path: str
) -> None:
    folder = made_folder(tmp_path)
    (folder / "modules.json").write_text(json.dumps([{"type": kind, "path": path}]))
    with pytest.raises(CheckFailed, match=r"modules\.json names a module that is not known"):
        read_shape(folder)


@pytest.mark.parametrize(
    ("activation", "fits"),
    [
        ("torch.nn.modules.activation.Tanh", True),
        ("torch.nn.modules.linear.Identity", True),
        ("os.system", False),
        ("torch.load", False),
        ("torch.nn.modules.activation.Tanh.x", False),
    ],
)
def test_a_dense_layer_may_name_activations_only(
    tmp_path: Path, activation: str, fits: bool
) -> None:
    folder = made_folder(tmp_path, modules=["Transformer", "Pooling", "Dense"])
    settings = folder / "2_Dense" / "config.json"
    settings.write_text(json.dumps({"out_features": 8, "activation_function": activation}))
    if fits:
        assert read_shape(folder).dimension == 8
        return
    with pytest.raises(CheckFailed, match=r"2_Dense/config\.json names code"):
        read_shape(folder)
