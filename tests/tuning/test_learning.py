"""The map that is learned: its gradient, what it learns, what keeps it near the identity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ragkit.tuning.adapter import Floats, LinearAdapter, adapted
from ragkit.tuning.learning import Example, Schedule, learn, loss_and_gradient

DIMENSION = 12
SCHEDULE = Schedule(passes=4)


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def example(chance: np.random.Generator, chunks: int = 7) -> Example:
    right = np.zeros(chunks, np.bool_)
    right[chance.choice(chunks, 2, replace=False)] = True
    return Example(
        unit(chance.standard_normal(DIMENSION)),
        unit(chance.standard_normal((chunks, DIMENSION))),
        chance.uniform(0, 0.3, chunks).astype(np.float32),
        right,
    )


def turned(chance: np.random.Generator, turn: Floats) -> Example:
    """A question whose right chunk lies where `turn` takes it, among others."""
    question = unit(chance.standard_normal(DIMENSION))
    others = unit(chance.standard_normal((9, DIMENSION)))
    chunks = np.vstack([unit(turn @ question)[np.newaxis], others]).astype(np.float32)
    return Example(question, chunks, np.zeros(10, np.float32), np.arange(10) == 0)


def right_first(matrix: Floats, examples: list[Example]) -> float:
    asked = [adapted(matrix, one.question[np.newaxis])[0] for one in examples]
    best = [int(np.argmax(one.chunks @ y)) for one, y in zip(examples, asked, strict=True)]
    return float(np.mean([one.right[at] for one, at in zip(examples, best, strict=True)]))


def test_the_gradient_is_that_of_the_loss() -> None:
    chance = np.random.default_rng(0)
    examples = [example(chance) for _ in range(3)]
    schedule = replace(SCHEDULE, sharpness=8.0, pull=0.7)
    exact = [  # in double precision, so that differences can be small
        Example(*(part.astype(np.float64) for part in (e.question, e.chunks, e.scores)), e.right)  # type: ignore[arg-type]
        for e in examples
    ]
    matrix = np.eye(DIMENSION) + 0.1 * chance.standard_normal((DIMENSION, DIMENSION))
    _, gradient = loss_and_gradient(matrix, exact, schedule)  # type: ignore[arg-type]
    for row, column in ((0, 0), (3, 8), (11, 2)):
        step = np.zeros_like(matrix)
        step[row, column] = 1e-6
        up, _ = loss_and_gradient(matrix + step, exact, schedule)  # type: ignore[arg-type]
        down, _ = loss_and_gradient(matrix - step, exact, schedule)  # type: ignore[arg-type]
        assert gradient[row, column] == pytest.approx((up - down) / 2e-6, rel=1e-4, abs=1e-7)


def test_what_recurs_is_learned_and_holds_for_questions_not_seen() -> None:
    chance = np.random.default_rng(1)
    turn = np.linalg.qr(chance.standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    examples = [turned(chance, turn) for _ in range(300)]
    unseen = [turned(chance, turn) for _ in range(100)]
    matrix = learn(examples, replace(SCHEDULE, pull=0.0, step=0.03, passes=12))
    assert right_first(np.eye(DIMENSION, dtype=np.float32), unseen) < 0.4
    assert right_first(matrix, unseen) > 0.8


def test_the_pull_keeps_the_map_near_the_identity() -> None:
    examples = [example(np.random.default_rng(2)) for _ in range(20)]

    def away(pull: float) -> float:
        matrix = learn(examples, replace(SCHEDULE, pull=pull, step=0.01, passes=20))
        return float(np.abs(matrix - np.eye(DIMENSION)).max())

    assert away(100.0) < away(0.0) / 3


def test_the_same_examples_give_the_same_map() -> None:
    examples = [example(np.random.default_rng(3)) for _ in range(20)]
    assert np.array_equal(learn(examples, SCHEDULE, seed=5), learn(examples, SCHEDULE, seed=5))


def test_scores_the_ranking_has_already_settled_are_left_alone() -> None:
    """The loss is that of the whole score: what is first already by far teaches nothing."""
    chance = np.random.default_rng(4)
    one = example(chance)
    settled = replace(one, scores=np.where(one.right, 5.0, 0.0).astype(np.float32))
    start = np.eye(DIMENSION, dtype=np.float32)
    unsettled = np.abs(loss_and_gradient(start, [one], SCHEDULE)[1]).max()
    assert np.abs(loss_and_gradient(start, [settled], SCHEDULE)[1]).max() < unsettled / 100


def test_a_fingerprint_tells_map_weight_and_embedder_apart() -> None:
    matrix = np.eye(3, dtype=np.float32)
    other = matrix + np.float32(1e-6)
    made = [(matrix, 0.3, "a"), (other, 0.3, "a"), (matrix, 0.4, "a"), (matrix, 0.3, "b")]
    assert len({LinearAdapter.of(*parts).fingerprint for parts in made}) == 4
    adapter = LinearAdapter.of(2 * matrix, 0.3, "a")
    assert np.allclose(adapter.adapt(matrix), matrix)  # of unit length again
