"""Sweeps: every document has a row for every question, judged once, never of what is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from ragkit.catalog import Catalog
from ragkit.errors import Busy, Interrupted, NothingInScope, UsageFault
from ragkit.flows.sweeping import (
    SweepRequest,
    checked_questions,
    plan_sweep,
    sweep,
)
from ragkit.llm.fake import ScriptedGenerator
from ragkit.retrieval.wording import Wording
from ragkit.types import Step
from ragkit.types.scope import Scope
from ragkit.types.sweeps import Sweep, SweepQuestion, SweepRow
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE, LETTER, parts_of, published_texts

NOTICE = SweepQuestion(
    "notice", "What notice ends it?", ("terminate ... notice",), ("terminat*",), value="duration"
)
RENT = SweepQuestion("rent", "How much is the rent?", ("monthly rent",), ("rent",))
QUESTIONS = (NOTICE, RENT)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    corpus.write("es/alta.txt", LETTER)
    corpus.write("memo.txt", "The rent was discussed with both parties. Nothing else was said.")
    corpus.write("broken.txt", "UNREADABLE")
    corpus.ingest()
    return corpus


def swept(
    corpus: Corpus,
    questions: tuple[SweepQuestion, ...] = QUESTIONS,
    scope: Scope | None = None,
    generator: ScriptedGenerator | None = None,
) -> tuple[Sweep, dict[tuple[str, str], SweepRow]]:
    rows: list[SweepRow] = []
    result = sweep(
        parts_of(corpus, generator), SweepRequest(questions, Wording(), scope), rows.append
    )
    found = {(row.document, row.id): row for row in rows}
    assert len(found) == len(rows) == result.documents * len(questions)
    require_true(corpus, rows)
    return result, found


def require_true(corpus: Corpus, rows: list[SweepRow]) -> None:
    texts = published_texts(corpus)
    for row in rows:
        if row.citation is not None:
            digest, text = texts[row.document]
            assert row.sha256 == digest
            assert text[row.citation.start : row.citation.end] == row.citation.quote
            assert row.value in row.citation.quote


def kept(corpus: Corpus) -> list[tuple[str]]:
    """Bodies of the findings in the catalog."""
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        return catalog.connection.execute("SELECT body FROM findings").fetchall()


def remove(corpus: Corpus, name: str) -> None:
    (corpus.root / "docs" / name).unlink()
    corpus.ingest()


def test_every_document_has_a_row_for_every_question(corpus: Corpus) -> None:
    result, rows = swept(corpus)
    verdicts = {key: row.verdict for key, row in rows.items()}
    unread = next(path for path, _ in rows if path.startswith("broken"))
    assert verdicts == {
        ("lease.txt", "notice"): "yes",
        ("lease.txt", "rent"): "yes",
        ("es/alta.txt", "notice"): "no",
        ("es/alta.txt", "rent"): "no",
        ("memo.txt", "notice"): "no",
        ("memo.txt", "rent"): "unclear",
        (unread, "notice"): "unreadable",
        (unread, "rent"): "unreadable",
    }
    assert [
        (count.yes, count.no, count.unclear, count.unreadable, count.total)
        for count in result.counts
    ] == [
        (1, 2, 0, 1, 4),
        (1, 1, 1, 1, 4),
    ]
    assert (result.judged, result.reused) == (6, 0)


def test_a_yes_shows_its_sentence_and_the_fact_in_it(corpus: Corpus) -> None:
    row = swept(corpus)[1]["lease.txt", "notice"]
    assert row.citation is not None
    assert "ninety days" in row.citation.quote
    assert row.value == "ninety days"
    assert (row.by, row.confidence > 0.5) == ("phrases", True)


def test_nothing_is_judged_twice(corpus: Corpus) -> None:
    _, before = swept(corpus)
    again, rows = swept(corpus)
    assert (again.judged, again.reused) == (0, 6)
    assert all(row.reused or row.verdict == "unreadable" for row in rows.values())
    assert {key: replace(row, reused=False) for key, row in rows.items()} == before


def test_what_is_new_or_changed_is_judged(corpus: Corpus) -> None:
    swept(corpus)
    corpus.write("new.txt", "The monthly rent is nine euros.")
    corpus.write("memo.txt", "Either side may terminate with a week of notice.")
    corpus.ingest()
    again, rows = swept(corpus)
    assert (again.judged, again.reused) == (4, 4)
    assert rows["memo.txt", "notice"].verdict == "yes"


def test_another_question_or_phrase_is_judged_anew_and_the_rest_is_not(corpus: Corpus) -> None:
    swept(corpus)
    other = replace(RENT, look_for=("discussed",))
    again, rows = swept(corpus, (NOTICE, other))
    assert (again.judged, again.reused) == (3, 3)
    assert rows["memo.txt", "rent"].verdict == "yes"


def test_a_question_by_another_name_is_the_same_question(corpus: Corpus) -> None:
    swept(corpus, (RENT,))
    again, _ = swept(corpus, (replace(RENT, id="renamed"),))
    assert (again.judged, again.reused) == (0, 3)


def test_a_run_that_was_stopped_goes_on_from_there(corpus: Corpus) -> None:
    def stop(step: Step) -> None:
        if step.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="4 rows judged now are kept"):
        sweep(parts_of(corpus), SweepRequest(QUESTIONS, Wording()), lambda row: None, stop)
    again, _ = swept(corpus)
    assert (again.judged, again.reused) == (2, 4)


def test_what_is_kept_holds_no_word_of_the_document(corpus: Corpus) -> None:
    swept(corpus)
    bodies = [body for (body,) in kept(corpus)]
    assert len(bodies) == 6
    assert not any("ninety" in body or "rent" in body for body in bodies)


def test_with_its_document_a_finding_goes(corpus: Corpus) -> None:
    swept(corpus)
    remove(corpus, "lease.txt")
    assert len(kept(corpus)) == 4


def test_a_document_that_goes_while_it_is_swept_is_told(corpus: Corpus) -> None:
    rows: list[SweepRow] = []

    def change(step: Step) -> None:
        if step.done == 1 and not rows[2:]:
            remove(corpus, "memo.txt")

    result = sweep(parts_of(corpus), SweepRequest(QUESTIONS, Wording()), rows.append, change)
    gone = [row for row in rows if row.document == "memo.txt"]
    assert [(row.verdict, "sweep again" in row.reason) for row in gone] == [
        ("unreadable", True)
    ] * 2
    assert all(count.total == result.documents for count in result.counts)


def test_rows_of_a_document_that_goes_later_are_not_given_away(corpus: Corpus) -> None:
    rows: list[SweepRow] = []

    def change(step: Step) -> None:
        if step.done == 2:
            remove(corpus, "es/alta.txt")

    with pytest.raises(Busy, match="1 of the documents"):
        sweep(parts_of(corpus), SweepRequest(QUESTIONS, Wording()), rows.append, change)
    assert swept(corpus)[0].documents == 3


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("Aspirin stopped; warfarin 3 mg started.", "yes"),
        ("Warfarin was stopped, but heparin was begun.", "yes"),
        ("Warfarin and heparin were stopped.", "no"),
        ("Warfarin stopped; aspirin started.", "no"),
    ],
)
def test_what_excludes_a_part_of_a_sentence_leaves_the_others(
    tmp_path: Path, sentence: str, verdict: str
) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("letter.txt", sentence)
    corpus.ingest()
    question = SweepQuestion("a", "An anticoagulant?", ("warfarin", "heparin"), (), ("stopped",))
    assert swept(corpus, (question,))[1]["letter.txt", "a"].verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Usual treatment: aspirin 100 mg. Suspend: aspirin for good.", "unclear"),
        ("Usual treatment: aspirin 100 mg. Suspend: ibuprofen.", "yes"),
        ("Usual treatment: aspirin 100 mg. Ibuprofen suspended; aspirin goes on.", "yes"),
        ("Suspend: aspirin for good.", "no"),
    ],
)
def test_what_another_sentence_takes_back_is_for_a_person(
    tmp_path: Path, text: str, verdict: str
) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("letter.txt", text)
    corpus.ingest()
    question = SweepQuestion("a", "An antiplatelet?", ("aspirin",), taken_back=("suspend*",))
    row = swept(corpus, (question,))[1]["letter.txt", "a"]
    assert row.verdict == verdict
    if verdict == "unclear":
        assert row.citation is not None
        assert "Suspend" in row.citation.quote


def test_filters_say_which_documents_have_rows(corpus: Corpus) -> None:
    result, rows = swept(corpus, scope=Scope(documents=("lease.txt",)))
    assert {document for document, _ in rows} == {"lease.txt"}
    assert result.documents == 1
    with pytest.raises(NothingInScope):
        swept(corpus, scope=Scope(since="2030"))


def test_without_phrases_the_words_of_the_question_are_looked_for(corpus: Corpus) -> None:
    question = SweepQuestion("q1", "Is the monthly rent payable on the first day?")
    rows = swept(corpus, (question,))[1]
    assert rows["lease.txt", "q1"].verdict == "yes"
    assert rows["es/alta.txt", "q1"].verdict == "no"
    assert rows["lease.txt", "q1"].by == "words"


def test_a_plan_judges_nothing_for_good(corpus: Corpus) -> None:
    plan = plan_sweep(parts_of(corpus), SweepRequest(QUESTIONS, Wording()))
    assert (plan.documents, plan.rows, plan.to_judge) == (4, 8, 6)
    assert plan.seconds is not None
    assert swept(corpus)[0].judged == 6
    after = plan_sweep(parts_of(corpus), SweepRequest(QUESTIONS, Wording()))
    assert (after.to_judge, after.seconds) == (0, None)


class Asked(NamedTuple):
    row: SweepRow
    prompts: list[str]


def asked_of(corpus: Corpus, question: SweepQuestion, *choices: str, reads: bool = True) -> Asked:
    """The memo's row, where the model chooses so, and what it was asked."""
    generator, rows = ScriptedGenerator(choices=choices), list[SweepRow]()
    parts = replace(parts_of(corpus, generator), model_reads=lambda: reads)
    sweep(parts, SweepRequest((question,), Wording()), rows.append)
    require_true(corpus, rows)
    (row,) = [row for row in rows if row.document == "memo.txt"]
    return Asked(row, [prompt[0][1].content for prompt in generator.prompts])


def test_where_rules_leave_doubt_a_model_is_asked(corpus: Corpus) -> None:
    row, prompts = asked_of(corpus, RENT, "yes", "1")
    assert (row.verdict, row.by) == ("yes", "model")
    assert row.citation is not None
    assert len(prompts) == 1
    assert "rent was discussed" in prompts[0]


def test_what_rules_decide_no_model_is_asked_about(corpus: Corpus) -> None:
    corpus.write("memo.txt", "The monthly rent is nine euros.")
    corpus.ingest()
    row, prompts = asked_of(corpus, RENT, "no")
    assert (row.verdict, row.by, prompts) == ("yes", "phrases", [])


@pytest.mark.parametrize("said", ["yes", "no"])
def test_of_a_model_that_is_no_reader_only_the_opinion_is_told(corpus: Corpus, said: str) -> None:
    row, prompts = asked_of(corpus, RENT, said, "1", reads=False)
    assert (row.verdict, row.by, row.confidence) == ("unclear", "phrases", 0.0)
    assert row.reason.endswith(f"too small to be relied on, says {said}")
    assert len(prompts) == 1


def test_a_reader_is_asked_again_where_another_model_was(corpus: Corpus) -> None:
    asked_of(corpus, RENT, "yes", "1", reads=False)
    assert asked_of(corpus, RENT, "yes", "1").row.verdict == "yes"
    assert asked_of(corpus, RENT).prompts == []


def test_what_a_question_excludes_is_not_shown_to_the_model(corpus: Corpus) -> None:
    question = replace(RENT, unless=("nothing else",))
    row, prompts = asked_of(corpus, question, "yes", "2")
    assert "Nothing else" not in prompts[0]
    assert row.citation is not None
    assert "discussed" in row.citation.quote


def test_a_denial_that_a_model_takes_for_a_yes_stays_in_doubt(corpus: Corpus) -> None:
    corpus.write("memo.txt", "No deposit was agreed upon by the parties of this lease.")
    corpus.ingest()
    question = SweepQuestion("q1", "Was a deposit agreed upon by the tenant and the bank?")
    row, prompts = asked_of(corpus, question, "yes", "1")
    assert prompts
    assert (row.verdict, row.by) != ("yes", "model")


@pytest.mark.parametrize("questions", [(), (SweepQuestion("a", " "),), (RENT, RENT)])
def test_questions_that_cannot_be_asked(questions: tuple[SweepQuestion, ...]) -> None:
    with pytest.raises(UsageFault):
        checked_questions(questions)
