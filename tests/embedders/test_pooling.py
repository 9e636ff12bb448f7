"""Stretches of a text from its token states: which tokens, and what comes out without any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.embedders.base import EmbedderSpec, FolderEmbedder
from ragkit.embedders.folder import ModelShape
from ragkit.embedders.pooling import of_unit_length, pooled, tokens_within
from ragkit.protocols import Spans, Vectors

OFFSETS = np.array([(0, 0), (0, 3), (3, 5), (6, 9), (0, 0)], np.int32)
"""[CLS], three tokens of "the cat", [SEP]"""


def spans(*pairs: tuple[int, int]) -> Spans:
    return np.array(pairs, np.int32).reshape(-1, 2)


def test_a_token_counts_where_any_character_of_it_stands() -> None:
    found = tokens_within(OFFSETS, spans((0, 4), (5, 6), (4, 9)))
    assert found.tolist() == [[0, 1, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 1, 0]]


def test_special_tokens_stand_in_no_stretch() -> None:
    assert tokens_within(OFFSETS, spans((0, 100)))[0].tolist() == [0, 1, 1, 1, 0]
    inserted = np.array([(0, 3), (4, 4), (4, 9)], np.int32)
    assert tokens_within(inserted, spans((0, 9)))[0].tolist() == [1, 0, 1]


def test_padding_behind_the_tokens_is_not_pooled() -> None:
    states = np.array([[1, 0], [0, 1], [9, 9]], np.float32)
    assert pooled(states, np.array([[1, 1]], np.float32)).tolist() == [[1, 1]]


def test_no_stretches_no_rows() -> None:
    assert pooled(np.ones((5, 3), np.float32), tokens_within(OFFSETS, spans())).shape == (0, 3)


def test_a_stretch_without_tokens_has_the_vector_of_its_text() -> None:
    instead = np.array([0.6, 0.8], np.float32)
    found = of_unit_length(np.array([[0, 0], [3, 4], [5, 0]], np.float32), instead)
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.6, 0.8], [1, 0]], atol=1e-6)


class _Noting(FolderEmbedder):
    """Notes what it is to compute."""

    def _compute(self, texts: list[str], *, bulk: bool) -> Vectors:
        return np.ones((len(texts), 2), np.float32)

    def _compute_chunks(
        self, texts: list[str], spans: list[Spans]
    ) -> tuple[Vectors, list[NDArray[np.float32]]]:
        self.seen = [
            text[first:last]
            for text, row in zip(texts, spans, strict=True)
            for first, last in row.tolist()
        ]
        self.texts = texts
        return self._compute(texts, bulk=True), [
            np.ones((len(row), 2), np.float32) for row in spans
        ]


def test_a_prefix_moves_the_stretches() -> None:
    shape = ModelShape(2, 16, "mean", 0)
    embedder = _Noting(EmbedderSpec(Path(), "00", shape, passage_prefix="passage: "))
    embedder.embed_chunks(["The rent is due."], [spans((4, 8))])
    assert embedder.texts == ["passage: The rent is due."]
    assert embedder.seen == ["rent"]
