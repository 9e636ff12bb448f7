"""What `ragkit eval` says of answers: whether citations are true, quotes meet the gold, facts are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.embedders.fake import WordCounter
from ragkit.evaluation.bootstrap import clustered_balance
from ragkit.evaluation.comparing import compare
from ragkit.evaluation.summing import figures_of
from ragkit.flows.evaluating import evaluate
from ragkit.flows.evidence import Gathered
from ragkit.flows.marking import EvaluationRequest
from ragkit.flows.measuring_answers import Shown, measured
from ragkit.flows.searching import Searching
from ragkit.flows.truthful import Truth
from ragkit.gold import GoldQuestion
from ragkit.rendering.evaluation import as_text
from ragkit.rendering.evaluation_markdown import as_markdown
from ragkit.rendering.evaluation_page import as_html
from ragkit.types import Answer, AnswerSentence, Citation, Coverage, ShortFact
from ragkit.types.evaluation import Evaluation
from tests.evaluation.conftest import LEASE, Ask
from tests.evaluation.test_rendering import result, run
from tests.flows.corpus import Corpus

RENT = {
    "id": "rent",
    "question": "How much is the rent a month?",
    "document": "leases/lease.txt",
    "quote": "The rent is 900 euros a month.",
    "answer": "900 euros",
}


def figures(evaluation: Evaluation) -> dict[str, float]:
    return {figure.name: figure.value for figure in evaluation.figures}


def test_an_answer_is_measured_whole(ask: Ask) -> None:
    (asked,) = ask(RENT).results
    told = asked.measures
    assert told["citations_valid"] == 1.0
    assert told["quote_overlap"] == 1.0
    assert told["short_exact"] == told["short_contains"] == told["short_quoted"] == 1.0
    assert told["sentences"] >= 1
    assert told["characters"] >= len("The rent is 900 euros a month.")


def test_another_short_answer_is_wrong(ask: Ask) -> None:
    (asked,) = ask({**RENT, "answer": "800 euros"}).results
    assert asked.measures["short_exact"] == asked.measures["short_quoted"] == 0.0
    assert asked.measures["quote_overlap"] == 1.0


def test_a_refused_answer_meets_nothing_and_has_no_precision() -> None:
    question = GoldQuestion("q", "Rent?", answers=("900",))
    told = measured(question, (), Shown("not_found"), _no_truth())
    assert told == {
        "asked_back": 0.0,
        "short_exact": 0.0,
        "short_contains": 0.0,
        "short_quoted": 0.0,
    }


def _no_truth() -> Truth:
    """Nothing may be asked of it."""
    return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("outcome", "fact", "gold", "right"),
    [
        ("found", "", "yes", {"yes_right": 1.0}),
        ("found", "No", "yes", {"yes_right": 0.0, "yes_no_told_right": 0.0}),
        ("found", "No", "no", {"no_right": 1.0, "yes_no_told_right": 1.0}),
        ("not_found", "", "no", {"no_right": 1.0}),
        ("not_found", "", "yes", {"yes_right": 0.0}),
        ("ambiguous", "", "no", {"no_right": 0.0, "asked_back": 1.0}),
    ],
)
def test_yes_and_no(outcome: str, fact: str, gold: str, right: dict[str, float]) -> None:
    facts = (ShortFact("yes/no", fact, (1,)),) if fact else ()
    question = GoldQuestion("q", "Is it so?", answerable=False, yes_or_no=gold)
    told = measured(question, (), Shown(outcome, facts=facts), _no_truth())  # type: ignore[arg-type]
    assert told == {"asked_back": 0.0, **right}


def test_a_citation_is_true_or_not(searching: Searching, corpus: Corpus) -> None:
    with searching.view() as view:
        entry = view.reader.document("leases/lease.txt")
        assert entry is not None
        true = Citation(1, entry.path, entry.sha256, None, 4, 21, LEASE[4:21])
        truth = Truth(view.reader, corpus.pipeline.folders)
        assert truth.is_true(true)
        wrong = (
            replace(true, quote="rent is 800 euros"),
            replace(true, start=5, end=22),
            replace(true, page=2),
            replace(true, sha256="0" * 64),
            replace(true, document="gone.txt"),
            replace(true, end=4, quote=""),
        )
        assert not any(map(truth.is_true, wrong))


def test_the_file_itself_is_asked(searching: Searching, corpus: Corpus, tmp_path: Path) -> None:
    """A catalog that holds other words than the file of the same digest is found out."""
    with searching.view() as view:
        entry = view.reader.document("leases/lease.txt")
        assert entry is not None
        true = Citation(1, entry.path, entry.sha256, None, 4, 21, LEASE[4:21])
        forged = Truth(_Forged(view.reader), corpus.pipeline.folders)  # type: ignore[arg-type]
        assert not forged.is_true(replace(true, quote="RENT IS 900 EUROS"))
        elsewhere = Truth(_Forged(view.reader), [tmp_path / "nowhere"])  # type: ignore[arg-type]
        assert elsewhere.is_true(replace(true, quote="RENT IS 900 EUROS"))


class _Forged:
    """A reader whose text is in capitals."""

    def __init__(self, reader: object) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)

    def text(self, content: int, start: int, end: int) -> str:
        return self._reader.text(content, start, end).upper()  # type: ignore[attr-defined,no-any-return]


def test_balanced_accuracy_is_that_of_both_answers() -> None:
    """Nine yes, all right; one no, wrong: guessing."""
    yes = [result(n, 1.0, measures={"yes_right": 1.0}) for n in range(9)]
    told = {f.name: f for f in figures_of([*yes, result(9, 0, measures={"no_right": 0.0})], 0)}
    assert told["yes_no_balanced"].value == pytest.approx(0.5)
    assert told["yes_no_balanced"].questions == 10
    assert "yes_no_balanced" not in {figure.name for figure in figures_of(yes, 0)}


def test_the_balance_of_many_documents_has_an_interval_around_it() -> None:
    import numpy as np

    values = np.full((80, 2), np.nan)
    values[:40, 0] = [1.0, 1.0, 1.0, 0.0] * 10
    values[40:, 1] = [1.0, 0.0] * 20
    mean, low, high = clustered_balance(values, [str(n) for n in range(80)], seed=0)
    assert mean == pytest.approx(0.625)
    assert 0.5 < low < mean < high < 0.75
    alone = clustered_balance(values, ["a"] * 80, seed=0)
    assert alone[0] == pytest.approx(0.625)
    assert np.isnan(alone[1:]).all()


@pytest.mark.parametrize("form", [as_text, as_markdown, as_html])
def test_reports_show_answers(form) -> None:  # type: ignore[no-untyped-def]
    told = {"citations_valid": 1.0, "short_exact": 0.0, "quote_overlap": 1.0, "sentences": 2.0}
    shown = form(
        run(
            *(result(n, 1.0, measures={**result(n, 1.0).measures, **told}) for n in range(12)),
            style="quote",
        )
    )
    assert "Of the citations shown, 100% are valid." in shown
    assert "short answer in front" in shown
    assert "quote style" in shown
    assert "2.0-2.0" in shown


def test_shorter_answers_are_better_and_comparable() -> None:
    def told(characters: float) -> Evaluation:
        return run(*(result(n, 1.0, measures={"characters": characters}) for n in range(12)))

    differences = compare(told(300.0), told(500.0)).differences
    assert {each.name: each.verdict for each in differences}["characters"] == "better"


def test_sentences_that_a_model_wrote() -> None:
    def sentence(status: str) -> AnswerSentence:
        return AnswerSentence("It is so.", (), status)  # type: ignore[arg-type]

    written = (sentence("kept"), sentence("replaced"), sentence("repaired"), sentence("kept"))
    told = measured(GoldQuestion("q", "Is it?"), (), Shown("found", written), _no_truth())
    assert told["own_words"] == 0.75


def test_answers_that_a_model_composes_are_measured_instead(
    corpus: Corpus, searching: Searching, write_gold: Callable[..., Path]
) -> None:
    """Only what it shows counts: here a citation that is not true."""

    def compose(question: str, gathered: Gathered) -> Answer:
        return Answer(
            question=question,
            outcome="found",
            style="compose",
            sentences=(AnswerSentence("The rent is 900 euros.", (1,), "kept"),),
            citations=(Citation(1, "leases/lease.txt", "0" * 64, None, 4, 21, LEASE[4:21]),),
            coverage=Coverage(15, 15),
            model="tiny",
            generation=1,
            seconds=0.1,
        )

    request = EvaluationRequest(write_gold(RENT), style="compose")
    told = evaluate(searching, corpus.pipeline, WordCounter(), request, None, compose)
    assert told.style == "compose"
    assert Evaluation.from_dict(told.as_dict()).style == "compose"
    assert figures(told)["citations_valid"] == 0.0
    assert figures(told)["own_words"] == 1.0
    assert (figures(told)["short_exact"], figures(told)["short_quoted"]) == (0.0, 1.0)
