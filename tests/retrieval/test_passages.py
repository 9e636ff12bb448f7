"""Passages that touch are one."""

from __future__ import annotations

from ragkit.retrieval.passages import Place, best_of_stretch, joined


def test_neighbours_are_joined_whichever_is_better() -> None:
    (stretch,) = joined([Place(1, 100, 200), Place(1, 0, 99), Place(1, 201, 300)])
    assert stretch.place == Place(1, 0, 300)
    assert stretch.members == (1, 0, 2)


def test_a_gap_or_another_document_keeps_them_apart() -> None:
    found = joined([Place(1, 0, 100), Place(2, 101, 200), Place(1, 110, 200)])
    assert [stretch.members for stretch in found] == [(0,), (1,), (2,)]


def test_stretches_stand_in_the_order_of_their_best_passage() -> None:
    places = [Place(1, 500, 600), Place(2, 0, 50), Place(1, 0, 100), Place(2, 51, 90)]
    assert [stretch.members for stretch in joined(places)] == [(0,), (1, 3), (2,)]


def test_one_inside_another_does_not_shorten_it() -> None:
    (stretch,) = joined([Place(1, 0, 300), Place(1, 100, 200), Place(1, 301, 400)])
    assert stretch.place == Place(1, 0, 400)


def test_neighbours_share_the_better_score() -> None:
    stretches = joined([Place(1, 100, 200), Place(2, 0, 50), Place(1, 0, 99), Place(1, 900, 950)])
    assert best_of_stretch(stretches, [0.9, 0.8, 0.3, 0.2]) == [0.9, 0.8, 0.9, 0.2]


def test_nothing_found_nothing_joined() -> None:
    assert joined([]) == []
