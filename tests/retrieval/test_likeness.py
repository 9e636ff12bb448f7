"""Comparing by words and pieces of words, where an embedder does not know the language."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.retrieval.likeness import OTHERS, RARITY, RELATED_SHARE, Numbers, Passages, pieces
from ragkit.retrieval.pieces import NumberedChunks


def likeness(
    passages: Sequence[Collection[str]], asked: Collection[str], also: Collection[str] = ()
) -> NDArray[np.float32]:
    chunks = NumberedChunks()
    for number, words in enumerate(passages):
        chunks.keep(number, words)
    parts = [[chunks.of(number).words] for number in range(len(passages))]
    return likeness_of(parts, chunks.words(asked), chunks.words(also))


def likeness_of(
    parts: Sequence[Sequence[Numbers]], asked: Numbers, also: Numbers
) -> NDArray[np.float32]:
    passages = Passages.of(parts)
    return passages.likeness(passages.shares(asked, also))


def weight(passages: int, holding: int) -> float:
    """Of a word on both sides of the cosine."""
    return math.log(1 + passages / holding) ** (2 * RARITY)


def test_the_cosine_is_that_of_weighted_word_sets() -> None:
    rare, common = weight(2, 1), weight(2, 2)
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


def test_a_passage_holds_what_any_of_its_parts_holds_once() -> None:
    chunks = NumberedChunks()
    for number, words in enumerate(({"hernia", "les"}, {"herniorrafia"}, {"hernia"})):
        chunks.keep(number, words)
    parts = [chunks.of(number).pieces for number in range(3)]
    asked = chunks.pieces(["hernia"])
    joined, alone = likeness_of([parts[:2], [parts[2]]], asked, asked[:0])
    held = pieces(["hernia", "les", "herniorrafia"])
    own = pieces(["hernia"])
    rare, common = weight(2, 1), weight(2, 2)
    whole = rare * len(held - own) + common * len(own)
    assert joined == pytest.approx(common * len(own) / math.sqrt(whole), rel=1e-5)
    assert alone == pytest.approx(math.sqrt(common * len(own)), rel=1e-5)


def test_chunks_are_numbered_once_and_forgotten_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragkit.retrieval.pieces.MOST_KEPT", 2)
    chunks = NumberedChunks()
    for number in range(3):
        assert chunks.unknown([number]) == [number]
        chunks.keep(number, {"hernia"})
    assert chunks.unknown([0, 3]) == [0, 3]
    assert len(chunks.words({"hernia"})) == 0


def test_what_the_likest_passages_share_is_asked_for_too() -> None:
    chunks = NumberedChunks()
    told = [{"fever", "rash", "measles"}, {"rash", "measles"}, {"measles", "vaccine"}, {"fall"}]
    for number, words in enumerate(told):
        chunks.keep(number, words)
    passages = Passages.of([[chunks.of(number).words] for number in range(len(told))])
    asked = passages.shares(chunks.words(["fever", "rash"]), chunks.words([]))
    plain = passages.likeness(asked)
    related = passages.related(plain, asked)
    found = passages.likeness(related)
    assert plain[2] == plain[3] == 0
    assert found[2] > found[3] == 0
    assert found[0] > found[1] > found[2]
    assert (related >= asked).all()
    further = np.linalg.norm((related - asked) * passages.weights)
    assert further == pytest.approx(RELATED_SHARE * np.linalg.norm(asked * passages.weights))


def test_nothing_alike_leads_to_nothing_further() -> None:
    chunks = NumberedChunks()
    for number, words in enumerate(({"a"}, {"b"})):
        chunks.keep(number, words)
    passages = Passages.of([[chunks.of(number).words] for number in range(2)])
    asked = passages.shares(chunks.words(["c"]), chunks.words([]))
    assert passages.related(passages.likeness(asked), asked).tolist() == [0.0, 0.0]
