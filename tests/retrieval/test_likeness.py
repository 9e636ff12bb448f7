"""Comparing by words and pieces of words, where an embedder does not know the language."""

from __future__ import annotations

import math

import pytest

from ragkit.retrieval.likeness import OTHERS, likeness, pieces


def test_the_cosine_is_that_of_weighted_word_sets() -> None:
    rare, common = math.log(1 + 2 / 1) ** 2, math.log(1 + 2 / 2) ** 2
    first, second = likeness([{"a", "b"}, {"b"}], {"a", "b"})
    assert first == pytest.approx((rare + common) / math.sqrt(rare + common))
    assert second == pytest.approx(common / math.sqrt(common))


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    passages = [{"rare", "x"}, {"common", "y"}, {"common", "z"}, {"common", "w"}]
    scores = likeness(passages, {"rare", "common"})
    assert scores[0] > max(scores[1:])


def test_a_short_passage_about_it_goes_before_a_long_one_that_mentions_it() -> None:
    scores = likeness([{"gout", *map(str, range(50))}, {"gout", "toe"}, {"other"}], {"gout"})
    assert scores[1] > scores[0] > scores[2] == 0


def test_other_wording_counts_for_a_share() -> None:
    passages = [{"les", "x"}, {"lupus", "y"}]
    asked, meant = likeness(passages, {"lupus"}, {"les"})[::-1]
    assert meant == pytest.approx(OTHERS * asked)


def test_no_words_no_likeness() -> None:
    assert likeness([set(), {"a"}], {"b"}).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("word", "kin", "stranger"),
    [
        ("esplenectomia", "esplenectomizado", "esperanza"),
        ("hernia", "herniorrafia", "hermana"),
        ("natremia", "hipernatremia", "material"),
    ],
)
def test_kindred_words_share_pieces(word: str, kin: str, stranger: str) -> None:
    shared = pieces([word]) & pieces([kin])
    assert len(shared) > len(pieces([word]) & pieces([stranger]))


def test_a_short_word_is_a_piece() -> None:
    assert pieces(["les"]) == {"^les$"}
