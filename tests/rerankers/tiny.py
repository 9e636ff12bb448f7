"""Cross-encoders small enough to be made in a test: random weights, the alphabet as vocabulary."""

from __future__ import annotations

import string
from pathlib import Path

WINDOW = 64
_SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "initializer_range": 0.3,  # wide, so that pairs get scores far apart
}
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def make_cross_encoder(folder: Path, *, kind: str = "bert", labels: int = 1) -> Path:
    """A folder as transformers saves it. kind: "bert", with segments, or "xlm-roberta", without."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        XLMRobertaConfig,
        XLMRobertaForSequenceClassification,
    )

    torch.manual_seed(5)
    words = _make_tokenizer(folder, segments=kind == "bert")
    if kind == "bert":
        shape = BertConfig(
            vocab_size=words, max_position_embeddings=WINDOW, num_labels=labels, **_SIZES
        )
        model = BertForSequenceClassification(shape)
    else:
        wide = XLMRobertaConfig(
            vocab_size=words,
            max_position_embeddings=WINDOW + 1,  # its positions begin behind the padding token's
            pad_token_id=0,
            type_vocab_size=1,
            num_labels=labels,
            **_SIZES,
        )
        model = XLMRobertaForSequenceClassification(wide)
    model.save_pretrained(folder)
    return folder


def _make_tokenizer(folder: Path, *, segments: bool) -> int:
    """Write it; returns the size of its vocabulary."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=WINDOW,
        model_input_names=[
            "input_ids",
            *(["token_type_ids"] if segments else []),
            "attention_mask",
        ],
        **dict(zip(names, _SPECIAL, strict=True)),
    ).save_pretrained(folder)
    return len(pieces)
