"""What is counted and what is made of it: windows, operations, ratios."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest

from ragkit.bench.arithmetic import LayerShape, operations, read_layer_shape
from ragkit.bench.machine import versions
from ragkit.bench.results import (
    Cost,
    EmbeddingResult,
    GuardCost,
    GuardPair,
    IngestResult,
    KindResult,
    Pair,
    SearchResult,
    WayResult,
    nearest_rank,
)
from ragkit.bench.showing import show_ingest, show_search
from ragkit.bench.windows import windows
from ragkit.machine import this_machine

MINILM = LayerShape(layers=6, width=384, inner=1536)
PROSE = "\n\n".join(
    f"Clause {number}. " + "The parties agree as follows. " * (number % 9) for number in range(60)
)
PAIRS = (
    Pair(Cost(30, 60), Cost(10, 15)),
    Pair(Cost(80, 60), Cost(20, 20)),
    Pair(Cost(20, 60), Cost(10, 30)),
)
EMBEDDING = EmbeddingResult(
    way="openvino-bf16",
    precision="bf16",
    tokens=1000,
    tokens_per_second=(10.0, 20.0, 30.0),
    operations=100.0,
    products={"one 2 x 3": (2000.0, 2000.0, 4000.0), "one square 9": (9000.0, 9000.0, 9000.0)},
    ways=(WayResult("reference", 11.5, 1.0),),
)


def test_windows_are_no_longer_than_their_size_and_overlap() -> None:
    cut = windows("\n".join(f"Line {number} of an agreement that is long." for number in range(99)))
    assert len(cut) == 5
    assert max(map(len, cut)) <= 1000
    for one, following in pairwise(cut):
        shared = max(size for size in range(201) if one.endswith(following[:size]))
        assert 150 <= shared <= 200


def test_windows_hold_all_words() -> None:
    assert {word for window in windows(PROSE) for word in window.split()} == set(PROSE.split())


@pytest.mark.parametrize("text", ["", "  \n\n ", "short"])
def test_a_short_text_is_one_window_or_none(text: str) -> None:
    assert windows(text) == ([text.strip()] if text.strip() else [])


def test_a_word_without_end_is_cut_all_the_same() -> None:
    assert [len(window) for window in windows("x" * 2500)] == [1000, 1000, 500]


def test_operations_of_minilm() -> None:
    """Its layers hold 10.6 million weights; attention adds a fourteenth at 170 tokens."""
    assert MINILM.weights == 10_616_832
    assert operations(MINILM, [170]) / 170 == pytest.approx(22.8e6, rel=0.01)
    assert operations(MINILM, [100, 100]) < operations(MINILM, [200])


def test_a_model_in_other_words_has_no_shape(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 384}))
    assert read_layer_shape(tmp_path) is None
    known = {"num_hidden_layers": 6, "hidden_size": 384, "intermediate_size": 1536}
    (tmp_path / "config.json").write_text(json.dumps(known))
    assert read_layer_shape(tmp_path) == MINILM


def test_a_ratio_is_the_median_of_pairs_not_of_sides() -> None:
    result = ingest_result()
    assert [pair.ratio for pair in result.pairs] == [3, 4, 2]
    assert result.ratio == 3
    assert result.processor_ratio == 3


def test_the_yardstick_is_the_fastest_product_in_the_models_shapes() -> None:
    assert EMBEDDING.yardstick == "one 2 x 3"
    assert EMBEDDING.share_of("one 2 x 3") == pytest.approx(0.75)
    assert EMBEDDING.as_dict()["operations_per_second"] == 2000


def test_an_embedding_result_comes_back_from_its_process() -> None:
    assert EmbeddingResult.from_dict(json.loads(json.dumps(asdict(EMBEDDING)))) == EMBEDDING


def test_a_model_without_a_shape_has_no_yardstick() -> None:
    bare = EmbeddingResult("reference", "f32", 10, (5.0,), 0.0)
    assert bare.yardstick == ""
    assert "Matrix products" not in show_ingest(ingest_result(bare))


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (nearest_rank(values, 0.5), nearest_rank(values, 0.95)) == (50, 95)
    assert nearest_rank([7.0], 0.95) == 7


def test_the_report_shows_ratios_machine_and_versions() -> None:
    shown = show_ingest(ingest_result())
    assert "3.00" in shown
    assert "<- the yardstick" in shown
    assert f"{this_machine().cores} cores" in shown
    assert f"ragkit {versions()['ragkit']}" in shown
    data = json.loads(json.dumps(ingest_result().as_dict()))
    assert (data["version"], data["ratio"], len(data["rounds"])) == (1, 3, 3)


def test_the_search_report() -> None:
    result = SearchResult(
        pipeline="legal",
        machine=this_machine(),
        versions=versions(),
        chunks=7,
        questions=2,
        cold=PAIRS,
        warm_baseline=(0.1, 0.2),
        warm_ragkit=(0.01, 0.1),
        kinds={"naming a document": KindResult(4, 12.0, 8.0, 3.0, 1.45, 1.31)},
    )
    assert result.warm_ratio() == pytest.approx(10)
    assert result.warm_ratio(0.95) == pytest.approx(2)
    shown = show_search(result)
    assert "100.00 ms" in shown
    assert "naming a document" in shown
    assert "1.45" in shown
    told = json.loads(json.dumps(result.as_dict()))
    assert told["cold"]["ratio"] == 3
    assert told["kinds"]["naming a document"]["ratio_with_vector"] == 1.31


def ingest_result(embedding: EmbeddingResult = EMBEDDING) -> IngestResult:
    return IngestResult(
        pipeline="legal",
        machine=this_machine(),
        versions=versions(),
        documents=3,
        characters=9000,
        windows=11,
        chunks=15,
        pairs=PAIRS,
        beside=4.0,
        embedding=embedding,
    )


def test_the_guards_cost_is_the_median_of_the_pairs() -> None:
    pairs = [GuardPair(without=0.010, guarded=seconds) for seconds in (0.0101, 0.0102, 0.02)]
    cost = GuardCost(tuple(pairs))
    assert cost.ratio == pytest.approx(1.02)
    assert cost.as_dict()["ratio"] == 1.02
    assert GuardCost(reason="no network namespaces").as_dict() == {
        "ratio": None,
        "reason": "no network namespaces",
    }
