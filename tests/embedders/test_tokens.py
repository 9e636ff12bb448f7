"""Token positions over whole documents, and batches."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from ragkit.acceleration.batching import batches_by_length, padded
from ragkit.acceleration.tokenizing import _SLICE, WindowTokenizer
from ragkit.embedders import TokenizerFile
from ragkit.embedders.fake import WordCounter
from ragkit.errors import ModelMissing

WORDS = [
    "agreement",
    "naïve",
    "§4.2",
    "日本",
    "indemnification",
    "\n",
    "\n\n",
    "a\u0301",
    "€1,450.00",
]


def a_document(characters: int) -> str:
    generator = random.Random(3)
    words: list[str] = []
    while sum(map(len, words)) < characters:
        words.append(generator.choice(WORDS))
    return " ".join(words)


def test_batches_hold_every_row_once_within_the_budget() -> None:
    lengths = [3, 200, 7, 200, 1, 50, 0, 4000]
    batches = list(batches_by_length(lengths, 400))
    assert sorted(int(row) for batch in batches for row in batch) == list(range(8))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= 400
    assert batches[0].tolist() == [7]


def test_padding_is_masked() -> None:
    numbers, mask = padded([np.array([5, 6, 7], np.int32), np.array([8], np.int32)], pad=1)
    assert numbers.tolist() == [[5, 6, 7], [8, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_the_fake_counter_finds_words() -> None:
    assert WordCounter().token_spans("a  bc\nd").tolist() == [[0, 1], [3, 5], [6, 7]]
    assert WordCounter().token_spans("").shape == (0, 2)


def test_a_folder_without_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"tokenizer\.json cannot be read"):
        TokenizerFile(tmp_path).token_spans("text")


@pytest.mark.real
class TestStarter:
    @pytest.fixture
    def folder(self, starter_models: dict[str, Path]) -> Path:
        return starter_models["all-MiniLM-L6-v2"]

    def test_spans_cover_the_words(self, folder: Path) -> None:
        text = "Governing law:  Ontario."
        spans = TokenizerFile(folder).token_spans(text)
        assert spans.dtype == np.int64
        assert "".join(text[start:end] for start, end in spans) == "Governinglaw:Ontario."

    def test_nothing_has_no_tokens(self, folder: Path) -> None:
        assert TokenizerFile(folder).token_spans("").shape == (0, 2)

    @pytest.mark.parametrize("text", [a_document(3 * _SLICE + 77), "x" * (2 * _SLICE) + " end"])
    def test_slices_change_no_token(self, folder: Path, text: str) -> None:
        from tokenizers import Tokenizer

        whole = Tokenizer.from_file(str(folder / "tokenizer.json"))
        whole.no_truncation()
        whole.no_padding()
        expected = whole.encode(text, add_special_tokens=False).offsets
        assert TokenizerFile(folder).token_spans(text).tolist() == [list(one) for one in expected]

    def test_a_text_is_cut_at_the_window(self, folder: Path) -> None:
        rows = WindowTokenizer(folder, 16).encode(["law " * 100, "law"])
        assert [len(row) for row in rows] == [16, 3]
        assert rows[0][-1] == rows[1][-1]
