"""What a cross-encoder's configuration files say, and what is no reranker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import ModelMissing, UsageFault
from ragkit.rerankers.folder import read_shape

BERT: dict[str, Any] = {
    "model_type": "bert",
    "architectures": ["BertForSequenceClassification"],
    "id2label": {"0": "LABEL_0"},
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
ROBERTA = {
    **BERT,
    "model_type": "xlm-roberta",
    "architectures": ["XLMRobertaForSequenceClassification"],
    "max_position_embeddings": 514,
    "type_vocab_size": 1,
    "pad_token_id": 1,
}


def made_folder(folder: Path, config: dict[str, Any], **files: Any) -> Path:
    """Configuration files without weights. files: by name without .json."""
    folder.mkdir(exist_ok=True)
    for name, content in {"config": config, "tokenizer": {}, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_a_plain_model(tmp_path: Path) -> None:
    shape = read_shape(made_folder(tmp_path, BERT))
    assert (shape.window, shape.pad, shape.segments) == (512, 0, True)


def test_positions_that_begin_behind_the_padding_token(tmp_path: Path) -> None:
    shape = read_shape(made_folder(tmp_path, ROBERTA))
    assert (shape.window, shape.pad, shape.segments) == (512, 1, False)


@pytest.mark.parametrize(
    ("files", "window"),
    [
        ({"tokenizer_config": {"model_max_length": 256}}, 256),
        ({"sentence_bert_config": {"max_seq_length": 128}}, 128),
        ({"tokenizer_config": {"model_max_length": int(1e30)}}, 512),
        ({"sentence_bert_config": {"max_seq_length": None}}, 512),
    ],
)
def test_the_window_is_the_least_of_what_is_said(
    tmp_path: Path, files: dict[str, Any], window: int
) -> None:
    assert read_shape(made_folder(tmp_path, BERT, **files)).window == window


@pytest.mark.parametrize("labels", [{"0": "no", "1": "yes"}, None])
def test_a_model_with_two_labels_is_no_reranker(tmp_path: Path, labels: Any) -> None:
    """Without a word of labels transformers takes two."""
    with pytest.raises(UsageFault, match="it gives 2 labels to a pair"):
        read_shape(made_folder(tmp_path, {**BERT, "id2label": labels}))


@pytest.mark.parametrize("kinds", [["BertModel"], ["LlamaForCausalLM"], [], None])
def test_another_kind_of_model_is_no_reranker(tmp_path: Path, kinds: Any) -> None:
    with pytest.raises(
        UsageFault, match=r"cannot be the reranker: its config\.json names"
    ) as caught:
        read_shape(made_folder(tmp_path, {**BERT, "architectures": kinds}))
    assert "ragkit models list" in caught.value.hint


@pytest.mark.parametrize(
    "module",
    [
        {"type": "sentence_transformers.models.Dense", "path": "1_Dense"},
        {"type": "custom.Transformer", "path": ""},
        {"type": "sentence_transformers.models.Transformer", "path": "../elsewhere"},
    ],
)
def test_modules_beside_the_transformer_are_refused(tmp_path: Path, module: Any) -> None:
    with pytest.raises(UsageFault, match=r"modules\.json names more than a transformer"):
        read_shape(made_folder(tmp_path, BERT, modules=[module]))


def test_the_form_that_the_library_saves_is_taken(tmp_path: Path) -> None:
    kind = "sentence_transformers.base.modules.transformer.Transformer"
    module = {"idx": 0, "name": "0", "path": "", "type": kind}
    assert read_shape(made_folder(tmp_path, BERT, modules=[module])).window == 512


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="not a cross-encoder's folder"):
        read_shape(tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (made_folder(tmp_path, BERT) / "config.json").write_text("{")
    with pytest.raises(ModelMissing, match=r"config\.json cannot be read"):
        read_shape(tmp_path)
