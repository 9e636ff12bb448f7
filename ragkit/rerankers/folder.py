"""What the configuration files of a cross-encoder's folder say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.acceleration.config_files import read_config
from ragkit.errors import ModelMissing, UsageFault

_CLASSIFIER = "ForSequenceClassification"
_BEFORE_THE_FIRST = {"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"}
"""Kinds of model whose positions begin after the number of the padding token."""
_HINT = "ragkit models list"


@dataclass(frozen=True, slots=True)
class PairShape:
    """The part of a cross-encoder that is not its weights.

    window: tokens of question and passage together, special ones included. pad: the token that
    fills short rows. segments: whether it is told which tokens are the question's.
    """

    window: int
    pad: int
    segments: bool


def read_shape(folder: Path) -> PairShape:
    """Raises ModelMissing if `folder` lacks a model's files, UsageFault if it is no reranker."""
    config = read_config(folder, "config.json")
    if not config or not (folder / "tokenizer.json").is_file():
        raise ModelMissing(
            f"{folder} is not a cross-encoder's folder with config.json and tokenizer.json",
            hint="ragkit models list",
        )
    _require_pairs(folder, config)
    return PairShape(
        window=_window(folder, config),
        pad=int(config.get("pad_token_id") or 0),
        segments=int(config.get("type_vocab_size") or 0) > 1,
    )


def _require_pairs(folder: Path, config: dict[str, Any]) -> None:
    """Raises UsageFault unless the model gives one score to a text pair, from its transformer alone."""
    kinds = [str(kind) for kind in config.get("architectures") or ()]
    if not kinds or not all(kind.endswith(_CLASSIFIER) for kind in kinds):
        what = kinds[0] if kinds else "no architecture"
        raise UsageFault(
            f"{folder} cannot be the reranker: its config.json names {what}, and a reranker is a "
            f"model for {_CLASSIFIER.removeprefix('For')}.",
            hint=_HINT,
        )
    if (labels := _labels(config)) != 1:
        raise UsageFault(
            f"{folder} cannot be the reranker: it gives {labels} labels to a pair, and a reranker "
            "gives one score.",
            hint=_HINT,
        )
    for module in read_config(folder, "modules.json") or ():
        kind, path = str(module.get("type")), str(module.get("path"))
        if path or not _is_transformer(kind):
            raise UsageFault(
                f"{folder} cannot be the reranker: modules.json names more than a transformer "
                f"({kind}).",
                hint=_HINT,
            )


def _is_transformer(kind: str) -> bool:
    """Whether it is the library's own class: it imports what is named here."""
    return kind.startswith("sentence_transformers.") and kind.endswith(".Transformer")


def _labels(config: dict[str, Any]) -> int:
    """As transformers reads it, which takes two where nothing is said."""
    named = config.get("id2label")
    return len(named) if named else int(config.get("num_labels") or 2)


def _window(folder: Path, config: dict[str, Any]) -> int:
    positions = int(config.get("max_position_embeddings") or 512)
    if config.get("model_type") in _BEFORE_THE_FIRST:
        positions -= int(config.get("pad_token_id") or 0) + 1
    told = (
        read_config(folder, "sentence_bert_config.json").get("max_seq_length"),
        read_config(folder, "tokenizer_config.json").get("model_max_length"),
    )
    return min([positions, *(int(one) for one in told if one)])
