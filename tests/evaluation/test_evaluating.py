"""Gold questions asked of a published state: what is measured, what is named, what is a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.errors import Busy, ConfigFault, Interrupted, UsageFault
from ragkit.flows.evaluating import choose, gold_file
from ragkit.flows.marking import EvaluationRequest
from ragkit.flows.searching import View
from ragkit.gold import read_gold
from ragkit.types import Step
from ragkit.types.evaluation import Evaluation, QuestionResult
from tests.evaluation.conftest import LEASE, Ask
from tests.flows.corpus import Corpus

RENT = {"id": "rent", "question": "How much is the rent?", "document": "leases/lease.txt"}
VISIT = {"id": "visit", "question": "When is the visit of the surgeon?", "document": "letter.txt"}


def only(evaluation: Evaluation) -> QuestionResult:
    (result,) = evaluation.results
    return result


@pytest.mark.parametrize(
    "where",
    [
        {"quote": "rent is 900 EUROS"},
        {"gold_spans": [{"start": 0, "end": 30}]},
        {"gold_spans": [{"start": 4, "end": 21, "text": "rent is 900 euros"}]},
        {"quotes": ["nothing like it", "the rent is 900 euros a month"]},
        {"document": "leases/*.txt", "quote": "The rent is 900 euros"},
        {"document": "docs/leases/lease.txt", "quote": "The rent is 900 euros"},
        {
            "document": "lease.pdf",
            "quote": "The rent is 900 euros",
        },  # it has come in another format
        {"document": "else.txt", "alternatives": ["leases/lease.txt"], "quote": "900 euros"},
    ],
)
def test_a_place_is_found_however_it_is_named(ask: Ask, where: dict[str, object]) -> None:
    measures = only(ask({**RENT, **where})).measures
    assert measures["span_mrr"] == 1.0
    assert measures["doc_hit@1"] == 1.0
    assert measures["recall@8"] >= 0.5
    assert measures["whole_quote@8"] == 1.0


def test_the_wrong_place_of_the_right_document(ask: Ask) -> None:
    result = only(ask({**VISIT, "quote": "at ten o'clock in the morning"}))
    assert (result.measures["doc_mrr"], result.measures["recall@8"]) == (1.0, 0.0)
    assert result.measures["whole_quote@8"] == 0.0


def test_a_document_alone_has_no_recall(ask: Ask) -> None:
    evaluation = ask(RENT)
    assert only(evaluation).measures["doc_mrr"] == 1.0
    assert evaluation.figure("recall@8") is None
    assert evaluation.figure("doc_mrr") is not None


def test_evidence_is_measured_within_its_budget(ask: Ask) -> None:
    gold = {**RENT, "gold_spans": [{"start": 0, "end": len(LEASE)}]}
    shares = [only(ask(gold, evidence_tokens=tokens)).measures for tokens in (1, 500)]
    small, large = (measures["evidence_recall"] for measures in shares)
    assert 0 < small < large


def test_what_is_not_in_the_index_is_named_and_counts_as_missed(ask: Ask) -> None:
    evaluation = ask(
        RENT,
        {"question": "What was scanned?", "document": "scan.txt", "quote": "x"},
        {"question": "Who left?", "document": "gone.txt", "page": 3},
        {"question": "Which?", "document": "letters/*.pdf"},
    )
    missing = dict(evaluation.missing)
    assert missing["scan.txt"].startswith("could not be read: ")
    assert missing["gone.txt"] == missing["letters/*.pdf"] == "is not in the index"
    lost = [result.measures for result in evaluation.results[1:]]
    assert [measures["doc_mrr"] for measures in lost] == [0.0, 0.0, 0.0]
    assert [measures.get("recall@8") for measures in lost] == [0.0, 0.0, None]


def test_a_file_for_another_corpus_is_refused(ask: Ask) -> None:
    with pytest.raises(UsageFault, match=r"None of the documents .* such as 'a\.txt'"):
        ask({**RENT, "document": "a.txt"}, {**VISIT, "document": "b.txt"})


def test_characters_that_are_counted_otherwise_are_faults_with_their_lines(ask: Ask) -> None:
    other = {"start": 5, "end": 22, "text": "rent is 900 euros"}
    with pytest.raises(ConfigFault) as caught:
        ask(
            RENT,
            {**RENT, "id": "moved", "gold_spans": [other]},
            {**RENT, "id": "beyond", "gold_spans": [{"start": 80, "end": 99999}]},
            {**RENT, "id": "also", "gold_spans": [{"start": 4, "end": 8, "also": [[0, 9999]]}]},
            {**RENT, "id": "page", "page": 7},
            {**RENT, "id": "fits", "document": "leases/*", "gold_spans": [{"start": 0, "end": 8}]},
        )
    told = {(fault.place, fault.line, fault.problem.split(" ")[0]) for fault in caught.value.faults}
    assert told == {
        ("question moved", 2, "other"),
        ("question beyond", 3, "other"),
        ("question also", 4, "other"),
        ("question page", 5, "leases/lease.txt"),
        ("question fits", 6, "'leases/*'"),
    }
    assert "900" not in str([fault.problem for fault in caught.value.faults])


def test_words_that_stand_nowhere_are_said(ask: Ask) -> None:
    said = ask({**RENT, "quote": "900 dollars"}, {**VISIT, "quote": "Monday, at NINE"}).notes
    assert "rent (line 1)" in said[0]
    assert "visit" not in said[0]
    assert "on 2 documents only" in said[1]


def test_questions_without_an_answer_are_judged_by_refusal(ask: Ask) -> None:
    nothing = {"question": "Zyxw vut?", "answerable": False, "document": "letter.txt"}
    asked = {**RENT, "question": "How much is the rent a month?", "quote": "900 euros"}
    evaluation = ask(asked, nothing)
    known, unknown = evaluation.results
    assert (known.refused, unknown.refused) == (False, True)
    assert (unknown.measures, unknown.document) == ({"asked_back": 0.0}, "letter.txt")
    figures = {figure.name: figure.value for figure in evaluation.figures}
    assert (figures["refused_rightly"], figures["refused_wrongly"]) == (1.0, 0.0)


def test_text_is_shown_only_where_it_is_asked_for(ask: Ask) -> None:
    gold = {**RENT, "quote": "900 euros"}
    shown = str(ask(gold, show_text=True).as_dict())
    hidden = str(ask(gold).as_dict())
    assert "900 euros a month" in shown
    assert "900 euros" not in hidden
    assert "leases/lease.txt" in hidden


def test_samples(write_gold: Callable[..., Path]) -> None:
    file = write_gold(*({**RENT, "id": str(n), "mini": n < 5} for n in range(40)))
    questions = read_gold(file)

    def chosen(**more: int) -> list[str]:
        return [each.id for each in choose(questions, EvaluationRequest(file, **more))]

    sample = chosen(limit=7, seed=1)
    assert len(sample) == 7
    assert sample == chosen(limit=7, seed=1)
    assert sample == sorted(sample, key=int)
    assert sample != chosen(limit=7, seed=2)
    assert chosen(mini=True) == ["0", "1", "2", "3", "4"]
    assert len(chosen(limit=99)) == 40
    unmarked = write_gold(RENT)
    with pytest.raises(UsageFault, match="is marked"):
        choose(read_gold(unmarked), EvaluationRequest(unmarked, mini=True))


def test_wrong_requests(tmp_path: Path) -> None:
    for wrong in ({"by": "lang"}, {"limit": -1}, {"evidence_tokens": -5}):
        with pytest.raises(UsageFault):
            EvaluationRequest(tmp_path / "q.jsonl", **wrong)  # type: ignore[arg-type]


def test_interrupted_it_says_how_far_it_came(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    find = View.find
    asked: list[str] = []

    def stopped(self: View, question: str, limit: int):  # type: ignore[no-untyped-def]
        asked.append(question)
        if question == "Stop?":
            raise KeyboardInterrupt
        return find(self, question, limit)

    monkeypatch.setattr(View, "find", stopped)
    questions = [{**RENT, "id": str(n)} for n in range(3)]
    with pytest.raises(Interrupted, match="Stopped after 3 of 5 questions; nothing was written"):
        ask(*questions, {**RENT, "question": "Stop?"}, VISIT)
    assert asked[-1] == "Stop?"


def test_progress_tells_the_rate(ask: Ask) -> None:
    steps: list[Step] = []
    ask(RENT, VISIT, on_step=steps.append)
    assert [(step.stage, step.done, step.total) for step in steps] == [
        ("asking", 1, 2),
        ("asking", 2, 2),
    ]
    assert steps[0].detail.endswith("a second")


def test_a_state_that_is_published_meanwhile_ends_it(ask: Ask, corpus: Corpus) -> None:
    """Between two questions no state is held: an ingest need not wait for the last of them."""

    def publish(step: Step) -> None:
        corpus.write("new.txt", "The submarine voyage begins in May.")
        corpus.ingest()

    with pytest.raises(Busy, match="published anew"):
        ask(RENT, VISIT, on_step=publish)


def test_which_file_is_taken(corpus: Corpus, tmp_path: Path) -> None:
    pipeline = corpus.pipeline
    with pytest.raises(UsageFault, match=r"no questions\.yaml beside .*docs, and no gate"):
        gold_file(pipeline, None)
    beside = pipeline.folders[0].parent / "questions.jsonl"
    beside.touch()
    assert gold_file(pipeline, None) == beside
    assert gold_file(pipeline, tmp_path / "own.yaml") == tmp_path / "own.yaml"
