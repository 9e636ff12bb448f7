"""The text that two models are compared on: a pipeline's own, from the middle of its documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.errors import IndexMissing
from ragkit.flows.sampling import sample_of
from tests.flows.corpus import Corpus


def test_a_few_documents_that_lie_evenly_spread(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    for number in range(9):
        middle = f" The middle of document {number}. "
        corpus.write(f"{number}.txt", "Before it. " * 300 + middle + "Behind it. " * 300)
    corpus.ingest()
    sample = sample_of(corpus.pipeline)
    assert len(sample.texts) == 4
    assert all(len(text) == 1500 for text in sample.texts)
    found = [
        number for number in range(9) for text in sample.texts if f"document {number}." in text
    ]
    assert found == [0, 2, 4, 6]
    assert sample.called == "the text of 4 documents of test"


def test_short_documents_are_taken_whole(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", "The pump is replaced in June.")
    corpus.ingest()
    assert sample_of(corpus.pipeline).texts == ("The pump is replaced in June.",)


def test_a_pipeline_without_text_names_what_is_missing(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    with pytest.raises(IndexMissing) as caught:
        sample_of(corpus.pipeline)
    assert "ragkit ingest" in caught.value.hint
