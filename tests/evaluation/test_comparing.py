"""One run beside another: pairs, verdicts, and the words for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ragkit.errors import UsageFault
from ragkit.evaluation.comparing import compare, sentence_of
from ragkit.evaluation.summing import figures_of, groups_of
from ragkit.types.evaluation import Difference, Evaluation, QuestionResult


def result(number: int, recall: float, *, category: str = "", **more: object) -> QuestionResult:
    values = {"recall@8": recall, "doc_mrr": 1.0, "wrong_doc@8": 1 - recall}
    plain = QuestionResult(
        id=f"q{number}",
        question=f"What is {number}?",
        category=category,
        document=f"{number}.txt",
        answerable=True,
        refused=False,
        measures=values,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def run(*results: QuestionResult, pipeline: str = "p", digest: str = "same") -> Evaluation:
    return Evaluation(
        pipeline=pipeline,
        stack="ragkit",
        embedder="m",
        generation=1,
        started="2026-11-22T02:00:00+00:00",
        seconds=1.0,
        questions_sha256=digest,
        left_out=0,
        seed=0,
        by="category",
        evidence_tokens=900,
        figures=figures_of(results, 0),
        groups=groups_of(results, "category", 0),
        results=results,
    )


def test_a_gain_on_nearly_every_document_is_told_with_its_interval() -> None:
    before = run(*(result(n, 0.5) for n in range(40)), pipeline="old")
    now = run(*(result(n, 0.5 if n % 4 else 0.9) for n in range(40)))
    compared = compare(now, before)
    difference = next(item for item in compared.differences if item.name == "recall@8")
    assert difference.difference == pytest.approx(0.1)
    assert difference.verdict == "better"
    assert compared.sentence == (f"better by 0.100 ({difference.low:.3f} to {difference.high:.3f})")
    assert (len(compared.better), compared.worse, compared.same) == (10, (), 30)
    wrong = next(item for item in compared.differences if item.name == "wrong_doc@8")
    assert (wrong.verdict, round(wrong.difference, 3)) == ("better", -0.1)  # lower is better
    back = compare(before, now)
    assert back.sentence == compared.sentence.replace("better", "worse")


def test_what_goes_up_and_down_alike_cannot_be_told() -> None:
    before = run(*(result(n, 0.5) for n in range(40)))
    now = run(*(result(n, 0.5 + (0.3 if n % 2 else -0.29)) for n in range(40)))
    compared = compare(now, before)
    assert compared.sentence.startswith("no difference that can be told (-0.0")
    assert (len(compared.better), len(compared.worse)) == (20, 20)
    assert compared.better[0].now == 0.8


def test_the_same_gain_on_one_document_says_nothing() -> None:
    def both(recall: float) -> list[QuestionResult]:
        return [result(n, recall, document="a.txt") for n in range(40)]

    compared = compare(run(*both(0.9)), run(*both(0.5)))
    assert compared.sentence == "+0.400; all questions are on one document, so nothing can be told"
    assert "on 1 document only" in compared.notes[0]


def test_questions_are_the_same_by_id_and_words() -> None:
    before = run(result(1, 0.5), result(2, 0.5), result(3, 0.5), digest="another file")
    reworded = result(2, 0.9, question="Else?")
    compared = compare(run(result(1, 0.9), reworded, result(4, 0.9)), before)
    assert (compared.only_now, compared.only_before) == (2, 2)
    assert [change.id for change in compared.better] == ["q1"]
    assert "different files of questions" in compared.notes[0]
    with pytest.raises(UsageFault, match="no question in common"):
        compare(run(reworded), before)


def test_by_category() -> None:
    before = [result(n, 0.5, category="ab"[n % 2]) for n in range(20)]
    now = [result(n, 0.9 if n % 2 else 0.4, category="ab"[n % 2]) for n in range(20)]
    compared = compare(run(*now), run(*before))
    assert [(item.name, item.verdict) for item in compared.by_group] == [
        ("a", "worse"),
        ("b", "better"),
    ]


def test_without_gold_places_documents_are_compared() -> None:
    def only(rank: float) -> list[QuestionResult]:
        return [result(n, 0.0, measures={"doc_mrr": rank}) for n in range(12)]

    assert compare(run(*only(1.0)), run(*only(0.5))).main == "doc_mrr"


def test_refusals_are_counted_where_they_belong() -> None:
    results = [result(1, 1.0, refused=True), result(2, 1.0)]
    results += [result(n, 0, answerable=False, refused=n > 3, measures={}) for n in (3, 4, 5)]
    figures = {figure.name: figure for figure in figures_of(results, 0)}
    assert (figures["refused_wrongly"].value, figures["refused_wrongly"].questions) == (0.5, 2)
    assert figures["refused_rightly"].value == pytest.approx(2 / 3)
    undecided = figures_of([result(1, 1.0, refused=None)], 0)
    assert "refused_wrongly" not in {figure.name for figure in undecided}


def test_a_run_comes_back_from_its_json() -> None:
    whole = run(result(1, 0.25, category="a"), result(2, 0.5, category="b", gold=("x",)))
    assert Evaluation.from_dict(whole.as_dict()).results == whole.results
    assert Evaluation.from_dict(whole.as_dict()).as_dict() == whole.as_dict()


@pytest.mark.parametrize(
    ("low", "high", "verdict", "words"),
    [
        (0.02, 0.08, "better", "better by 0.050 (0.020 to 0.080)"),
        (-0.08, -0.02, "worse", "worse by 0.050 (0.020 to 0.080)"),
        (-0.01, 0.03, "no difference", "no difference that can be told (-0.010 to +0.030)"),
    ],
)
def test_words(low: float, high: float, verdict: str, words: str) -> None:
    size = 0.05 if verdict != "worse" else -0.05
    told = Difference("recall@8", 0.5, 0.5 - size, size, low, high, 10, verdict)  # type: ignore[arg-type]
    assert sentence_of(told) == words
