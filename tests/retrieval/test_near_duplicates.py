"""Near-duplicate contracts and letters: passages come from the document that a question names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.chunking.chunker import SentenceChunker
from ragkit.embedders.fake import WordCounter
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.protocols import Embedder
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.search import Retriever
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus
from tests.retrieval.near_duplicates import Made, near_duplicates, number_of

TARGET = 150
"""Characters of a chunk: every document has eight chunks and more, so that all eight passages can be
of the right one."""
MOST_WRONG = 0.10
"""Of 300 documents: 0.03 by one of two parties, at most 0.002 in any other way."""
LEAST_FOUND = 0.8
"""Of the questions whose clause is among the first eight passages."""


def test_the_generator_makes_no_two_the_same() -> None:
    made = list(near_duplicates(300))
    assert len({number_of(index) for index in range(300)}) == 300
    assert len({each.text for each in made}) == len({each.path for each in made}) == 300
    for each in made:
        for asked in each.asked:
            assert each.text[asked.start : asked.end].strip()
            assert asked.document == each.path
    assert made == list(near_duplicates(300))


def measured(corpus: Corpus, made: Sequence[Made], embedder: Embedder) -> dict[str, list[float]]:
    """By the way of naming: for each question the share of wrong documents among eight passages;
    under "found", whether the clause is among them."""
    for each in made:
        corpus.write(each.path, each.text)
    parts = replace(
        corpus.parts(),
        chunker=SentenceChunker(WordCounter(), window=256, target=TARGET),
        analyse=lambda text, language: " ".join(terms(text, language)),
        open_embedder=lambda: embedder,
    )
    assert ingest(parts, IngestOptions()).added == len(made)
    figures = defaultdict(list)
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = SearchReader(catalog)
        index = ExactIndex(*reader.vectors_after(corpus.embedder_version, 0))
        retriever = Retriever(reader, embedder, [index])
        for asked in (asked for each in made for asked in each.asked):
            ranked = retriever.find(asked.question, 8).ranked
            paths = reader.documents_by_id({item.document for item in ranked})
            right = [paths[item.document].path == asked.document for item in ranked]
            figures[asked.way].append(1 - float(np.mean(right)))
            chunks = reader.chunks([item.id for item in ranked])
            figures["found"].append(
                float(
                    any(
                        is_right
                        and chunks[item.id].start < asked.end
                        and asked.start < chunks[item.id].end
                        for item, is_right in zip(ranked, right, strict=True)
                    )
                )
            )
    return figures


def verify(figures: dict[str, list[float]]) -> None:
    means = {way: float(np.mean(values)) for way, values in figures.items()}
    found = means.pop("found")
    assert max(means.values()) <= MOST_WRONG, means
    assert found >= LEAST_FOUND


def test_a_question_gets_passages_of_the_document_it_names(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    verify(measured(corpus, list(near_duplicates(12)), corpus.embedder))


@pytest.mark.long
def test_of_three_hundred(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    verify(measured(corpus, list(near_duplicates(300)), corpus.embedder))
