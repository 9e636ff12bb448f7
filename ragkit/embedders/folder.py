"""What the configuration files of a sentence-transformers folder say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.acceleration.config_files import read_config
from ragkit.errors import CheckFailed, ModelMissing

PLAIN_MODULES = ("Transformer", "Pooling", "Normalize")
_KNOWN_MODULES = (*PLAIN_MODULES, "Dense", "LayerNorm", "Dropout")
"""Others of the library's read pickles, or files and classes that their settings name."""
_ACTIVATION = re.compile(r"torch\.nn\.modules\.(activation|linear)\.\w+")


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The part of a model that is not its weights.

    dimension: of its vectors. window: tokens it sees, special ones included. pooling: "mean" or
    "cls". pad: the token that fills short rows. beyond: why only the reference can compute this
    model ("a Dense layer"), or an empty string.
    """

    dimension: int
    window: int
    pooling: str
    pad: int
    beyond: str = ""


def read_shape(folder: Path) -> ModelShape:
    """Raises ModelMissing if `folder` is not a sentence-transformers folder, CheckFailed if it wants to
    run code of its own.
    """
    config = read_config(folder, "config.json")
    if not config or not (folder / "tokenizer.json").is_file():
        raise ModelMissing(
            f"{folder} is not a sentence-transformers folder with config.json and tokenizer.json",
            hint="ragkit models pull",
        )
    sentence = read_config(folder, "sentence_bert_config.json")
    pooling, beyond = _pooling(folder)
    if sentence.get("do_lower_case"):
        beyond = beyond or "lower case before its tokenizer"
    return ModelShape(
        dimension=_dimension(folder, config),
        window=_window(folder, config, sentence),
        pooling=pooling,
        pad=int(config.get("pad_token_id") or 0),
        beyond=beyond,
    )


def _modules(folder: Path) -> list[tuple[str, Path]]:
    """Name and folder of each module; a plain transformers folder is a Transformer and a mean."""
    listed = read_config(folder, "modules.json") or []
    for one in listed:
        # The library imports the class that is named here, also one from a file in the folder.
        if not str(one["type"]).startswith("sentence_transformers."):
            raise CheckFailed(f"{folder / 'modules.json'} names code outside sentence-transformers")
        _require_known(folder, str(one["type"]).rpartition(".")[2], str(one["path"]))
    return [(str(one["type"]).rpartition(".")[2], folder / str(one["path"])) for one in listed]


def _require_known(folder: Path, name: str, path: str) -> None:
    """Raises CheckFailed for a module that could bring code along."""
    if name not in _KNOWN_MODULES or ".." in Path(path).parts or Path(path).is_absolute():
        raise CheckFailed(
            f"{folder / 'modules.json'} names a module that is not known: {name} ({path})"
        )
    if name == "Dense":  # its settings name a class, which the library imports
        activation = str(read_config(folder / path, "config.json").get("activation_function", ""))
        if activation and not _ACTIVATION.fullmatch(activation):
            raise CheckFailed(f"{folder / path / 'config.json'} names code outside torch's own")


def _pooling(folder: Path) -> tuple[str, str]:
    """The pooling, and what of the folder goes beyond transformer, pooling and unit length."""
    modules = _modules(folder)
    beyond = next((f"a {name} layer" for name, _ in modules if name not in PLAIN_MODULES), "")
    paths = [path for name, path in modules if name == "Pooling"]
    pooling = read_config(paths[0], "config.json") if paths else {}
    named = pooling.get("pooling_mode")
    modes = [named] if isinstance(named, str) else _flagged(pooling)
    if modes == ["cls"]:
        return "cls", beyond
    if modes in (["mean"], []):
        return "mean", beyond
    return "+".join(modes), beyond or f"pooling by {' and '.join(modes)}"


def _flagged(pooling: dict[str, Any]) -> list[str]:
    """The modes of the older form of the file: "pooling_mode_mean_tokens": true."""
    prefix, suffix = "pooling_mode_", "_tokens"
    flags = [key for key, value in pooling.items() if key.startswith(prefix) and value is True]
    return [key.removeprefix(prefix).removesuffix(suffix).removesuffix("_token") for key in flags]


def _dimension(folder: Path, config: dict[str, Any]) -> int:
    dimension = config["hidden_size"]
    for _, path in _modules(folder):
        if path != folder:
            dimension = read_config(path, "config.json").get("out_features", dimension)
    return int(dimension)


def _window(folder: Path, config: dict[str, Any], sentence: dict[str, Any]) -> int:
    positions = int(config.get("max_position_embeddings", 512))
    if sentence.get("max_seq_length"):
        return min(int(sentence["max_seq_length"]), positions)
    return min(
        int(read_config(folder, "tokenizer_config.json").get("model_max_length", 512)), positions
    )
