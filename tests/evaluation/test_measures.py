"""The measures by hand, and beside the evaluation data's own script."""

from __future__ import annotations

import importlib.util
import json
import random
from math import log2
from pathlib import Path
from types import ModuleType

import pytest

from ragkit.evaluation.measures import (
    BY_DOCUMENT,
    BY_SPAN,
    CUTOFFS,
    Found,
    Target,
    covered_share,
    measure,
)
from ragkit.gold import GoldSpan


def at(document: str, start: int, end: int, text: str = "") -> Found:
    return Found(document, start, end, text)


def target(document: str, *places: tuple[int, int]) -> Target:
    return Target(document, tuple(GoldSpan("", start, end) for start, end in places))


def test_recall_and_precision_count_characters_once() -> None:
    """Gold 100..200 and 400..450; the second passage repeats 30 characters of the first."""
    passages = [at("a", 150, 250), at("a", 120, 180), at("b", 100, 200), at("a", 390, 460)]
    figures = measure(passages, [target("a", (100, 200), (400, 450))])
    assert figures["recall@1"] == pytest.approx(50 / 150)
    assert figures["recall@4"] == pytest.approx((80 + 50) / 150)
    assert figures["precision@1"] == pytest.approx(50 / 100)
    assert figures["precision@4"] == pytest.approx((50 + 60 + 50) / (100 + 60 + 100 + 70))
    assert figures["span_hit@1"] == 1.0
    assert figures["wrong_doc@4"] == 0.25
    assert figures["recall@64"] == figures["recall@4"]


def test_ranks_of_the_right_document_and_of_the_right_place() -> None:
    passages = [at("b", 0, 9), at("a", 0, 100), at("a", 500, 540), at("a", 490, 600)]
    figures = measure(passages, [target("a", (500, 600))])
    assert figures["doc_mrr"] == 1 / 2
    assert figures["span_mrr"] == 1 / 3  # 40 of 100, but it is nothing but gold
    assert (figures["doc_hit@1"], figures["doc_hit@4"]) == (0.0, 1.0)
    assert (figures["span_hit@1"], figures["span_hit@4"]) == (0.0, 1.0)


def test_ndcg_gives_each_part_of_the_gold_its_rank_once() -> None:
    passages = [at("b", 0, 9), at("a", 0, 30), at("a", 0, 30), at("a", 30, 100)]
    figures = measure(passages, [target("a", (0, 100))])
    assert figures["ndcg@10"] == pytest.approx(0.3 / log2(3) + 0.7 / log2(5))
    assert measure([at("a", 0, 100)], [target("a", (0, 100))])["ndcg@10"] == 1.0
    late = [at("b", 0, 9)] * 10 + [at("a", 0, 100)]
    assert measure(late, [target("a", (0, 100))])["ndcg@10"] == 0.0


def test_any_occurrence_and_any_document_will_do() -> None:
    gold = GoldSpan("ten days", 0, 8, also=((50, 58),))
    assert measure([at("a", 50, 60)], [Target("a", (gold,))])["recall@1"] == 1.0
    both = [target("a", (0, 100)), target("b", (0, 10))]
    figures = measure([at("b", 0, 10), at("a", 0, 20)], both)
    assert (figures["recall@1"], figures["wrong_doc@4"], figures["doc_mrr"]) == (1.0, 0.0, 1.0)


def test_gold_of_words_is_found_by_words() -> None:
    gold = Target("a.html", (GoldSpan("The rent is nine hundred euros a month."),))
    found = [at("a.html", 0, 60, "1. Rent. The rent is nine hundred euros, payable")]
    figures = measure(found, [gold])
    assert figures["recall@1"] == pytest.approx(len("The rent is nine hundred euros") / 39)
    assert measure([at("b.html", 0, 60, found[0].text)], [gold])["recall@1"] == 0.0


def test_what_does_not_apply_is_left_out() -> None:
    assert set(measure([at("a", 0, 9)], [Target("a")])) == set(BY_DOCUMENT)
    assert set(measure([], [target("a", (0, 9))])) == {*BY_DOCUMENT, *BY_SPAN}
    assert covered_share([at("a", 0, 9)], [Target("a")]) is None


def test_nothing_found_is_nothing() -> None:
    figures = measure([], [target("a", (0, 9))])
    assert {name: value for name, value in figures.items() if value} == {
        f"wrong_doc@{k}": 1.0 for k in CUTOFFS
    }


def test_evidence_is_measured_as_a_whole() -> None:
    sentences = [at("a", 0, 10), at("a", 5, 20), at("b", 0, 99)]
    assert covered_share(sentences, [target("a", (0, 40)), target("c", (0, 9))]) == 0.5
    assert covered_share([], [target("a", (0, 40))]) == 0.0
    many = [at("b", 0, 1)] * 100 + [at("a", 0, 40)]
    assert covered_share(many, [target("a", (0, 40))]) == 1.0


# Beside the script


@pytest.fixture(scope="module")
def script(evaluation_data: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", evaluation_data / "score_retrieval.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Made:
    """Random documents of few words, questions on them and passages, in the script's form and ours."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = [f"w{number}" for number in range(9)]
        self.texts = {f"d{number}.txt": self.text(60) for number in range(4)}

    def text(self, most: int) -> str:
        count = self.random.randint(1, most)
        return " ".join(self.random.choice(self.words) for _ in range(count))

    def range_in(self, name: str) -> tuple[int, int]:
        length = len(self.texts[name])
        start = self.random.randrange(length)
        return start, self.random.randint(start + 1, min(length, start + 90))

    def span(self, name: str) -> dict[str, object]:
        start, end = self.range_in(name)
        words = self.texts[name][start:end]
        if self.random.random() < 0.4:
            return {"start": None, "end": None, "text": words}
        also = [list(self.range_in(name))] if self.random.random() < 0.3 else []
        return {"start": start, "end": end, "text": words, "also": also}

    def gold(self) -> dict[str, object]:
        name = self.random.choice(list(self.texts))
        return {
            "doc": name,
            "gold_spans": [self.span(name) for _ in range(self.random.randint(1, 3))],
        }

    def passage(self) -> dict[str, object]:
        name = self.random.choice(list(self.texts))
        start, end = self.range_in(name)
        return {"doc": name, "start": start, "end": end, "text": self.texts[name][start:end]}


def ours(question: dict, passages: list[dict]) -> dict[str, float]:
    def of(gold: dict) -> Target:
        spans = (
            GoldSpan(s["text"], s["start"], s["end"], tuple(map(tuple, s.get("also", []))))
            for s in gold["gold_spans"]
        )
        return Target(gold["doc"], tuple(spans))

    found = [Found(p["doc"], p["start"], p["end"], p["text"]) for p in passages]
    return measure(found, [of(question), *map(of, question["alternatives"])])


@pytest.mark.eval_data
@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_script(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """On 80 random questions each: several places, further occurrences, words alone, alternatives."""
    made = Made(seed)
    questions, results = [], []
    for number in range(80):
        others = [made.gold() for _ in range(made.random.choice((0, 0, 1, 2)))]
        questions.append({"id": str(number), **made.gold(), "alternatives": others})
        found = [made.passage() for _ in range(made.random.choice((0, 1, 5, 12, 70)))]
        results.append({"id": str(number), "passages": found})
    for name, rows in (("questions", questions), ("results", results)):
        lines = "\n".join(map(json.dumps, rows))
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    told = tmp_path / "told.jsonl"
    files = [str(tmp_path / f"{name}.jsonl") for name in ("questions", "results")]
    options = ["--k", "1,4,8,16,64", "--strict-doc", "--per-question", str(told)]
    monkeypatch.setattr("sys.argv", ["score", *files, *options])
    script.main()
    rows = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    for question, result, row in zip(questions, results, rows, strict=True):
        figures = ours(question, result["passages"])
        theirs = {name: row[name] for name in figures if name in row}
        assert len(theirs) == len(figures) - 1  # the script has no nDCG
        assert {name: figures[name] for name in theirs} == pytest.approx(theirs, abs=1e-9)
