"""Explanations: parts that add up, places that are true, words and sentences that stand there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.embedders.fake import WordCounter
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.flows.reasons import decision_in_words, passage_in_words
from ragkit.flows.searching import Searching, SearchParts
from ragkit.retrieval.answerability import TOPIC, Checked
from ragkit.settings import AnswerSettings
from ragkit.types.explanation import Explanation, PassageReasons, ScorePart
from ragkit.types.scope import Scope
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

LEASE = (
    "SUPPLY AGREEMENT between {party} Ltd and Birch Foods Inc\n\n1. Rent\nThe monthly rent is {rent} "
    "euros, payable in advance.\n\n2. Law\nThis agreement is governed by the law of {state}.\n"
)
QUESTION = "Which law governs the Supply Agreement between Alder Ltd and Birch Foods Inc?"


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searching]:
    corpus = Corpus(tmp_path_factory.mktemp("explained"))
    for number, (party, state) in enumerate(
        [("Alder", "Texas"), ("Cedar", "Ohio"), ("Elm", "Utah")]
    ):
        text = LEASE.format(party=party, rent=900 + number, state=state)
        corpus.write(f"{party.lower()}.txt", text)
    corpus.write("letter.txt", "Dear Ada,\n\nthe pump has arrived.\n")
    corpus.ingest()

    def open_index(folder: Path) -> ExactIndex:
        with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
            return ExactIndex(*SearchReader(catalog).vectors_after(corpus.embedder_version, 0))

    opened = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=open_index,
            exact_index=ExactIndex,
        )
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def explanation(searching: Searching) -> Explanation:
    found = searching.search(QUESTION, 50, explain=True).explanation
    assert found is not None
    return found


def test_nothing_is_explained_that_was_not_asked_for(searching: Searching) -> None:
    assert searching.search(QUESTION, 3).explanation is None


def test_the_words_of_the_question_are_told_apart(explanation: Explanation) -> None:
    asked = explanation.asked
    assert asked.language == "en"
    assert {"Supply", "Agreement", "Alder", "Ltd"} <= set(asked.naming)
    assert {"law", "governs"} <= set(asked.content)
    assert {"the", "between", "and"} <= set(asked.ignored)
    every = [*asked.naming, *asked.content, *asked.ignored]
    assert len(set(every)) == len(every)


def test_the_document_that_is_named_is_preferred_and_it_is_said_by_which_words(
    explanation: Explanation,
) -> None:
    first = explanation.asked.preferred[0]
    assert (first.document, first.share) == ("alder.txt", 1.0)
    assert all(other.share < 1 for other in explanation.asked.preferred[1:])
    assert "Alder" in first.matched
    assert "law" not in first.matched


def test_parts_add_up_to_the_score(explanation: Explanation) -> None:
    for reasons in explanation.passages:
        assert sum(part.value for part in reasons.parts) == pytest.approx(reasons.score, abs=0.001)


def test_places_are_those_by_one_part_alone(explanation: Explanation) -> None:
    assert explanation.candidates == len(explanation.passages)  # all were asked for
    for name in {part.name for part in explanation.passages[0].parts}:
        parts = [p for reasons in explanation.passages for p in reasons.parts if p.name == name]
        values = np.array([part.value for part in parts])
        for part in parts:
            better = int((values > part.value + 2e-4).sum())
            assert better < part.rank <= 1 + int((values > part.value).sum())


def test_matched_words_and_the_best_sentence_stand_in_the_passage(searching: Searching) -> None:
    result = searching.search(QUESTION, 3, explain=True)
    assert result.explanation is not None
    for passage, reasons in zip(result.passages, result.explanation.passages, strict=True):
        assert (reasons.rank, reasons.score) == (passage.rank, passage.score)
        assert reasons.sentence in passage.text
        assert reasons.sentence
        assert -1 <= reasons.nearness <= 1.0001
    best = result.explanation.passages[0]
    assert best.is_preferred
    assert "law" in best.matched
    assert "names this document" in best.says


def test_an_explanation_of_a_scope(searching: Searching) -> None:
    result = searching.search(QUESTION, 8, scope=Scope(documents=("elm.txt",)), explain=True)
    assert result.explanation is not None
    assert {passage.document for passage in result.passages} == {"elm.txt"}
    assert len(result.explanation.passages) == len(result.passages)


def test_a_question_that_nothing_is_found_for(searching: Searching, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("empty.txt", " ")
    corpus.ingest()
    parts = searching._parts

    empty = Searching(replace(parts, pipeline=corpus.pipeline))
    try:
        found = empty.search("Who?", 3, explain=True).explanation
    finally:
        empty.close()
    assert found is not None
    assert (found.candidates, found.passages) == (0, ())


@pytest.fixture
def answering(searching: Searching) -> Answering:
    return Answering(
        searching,
        AnswerParts(
            settings=AnswerSettings(),
            style="quote",
            model_name="",
            model_reads=lambda: False,
            open_generator=lambda: pytest.fail("quoting needs no model"),
            tokens=WordCounter(),
        ),
    )


def test_an_answer_says_what_decided_and_from_what_it_was_made(answering: Answering) -> None:
    answer = answering.answer(QUESTION, explain=True)
    assert answer.outcome == "found"
    assert answer.explanation is not None
    decision = answer.explanation.decision
    assert decision is not None
    assert decision.is_answered
    assert decision.says.startswith("Answered: ")
    least = {name: threshold for name, _, threshold in decision.checks}
    assert least["topic"] == TOPIC.least
    assert all(figure >= threshold for _, figure, threshold in decision.checks)
    added = sum(one.value * one.weight for one in decision.weighed if one.check == "topic")
    figures = {name: figure for name, figure, _ in decision.checks}
    assert figures["topic"] == pytest.approx(added + dict(decision.biases)["topic"])
    shown = {(used.document, used.start, used.mark) for used in decision.evidence if used.mark}
    assert shown == {(cited.document, cited.start, cited.mark) for cited in answer.citations}


def test_a_refusal_says_what_was_too_low(answering: Answering) -> None:
    answer = answering.answer("Xyzzy qwfp zxcvb plugh?", explain=True)
    assert answer.outcome == "not_found"
    assert answer.explanation is not None
    decision = answer.explanation.decision
    assert decision is not None
    assert decision.says.startswith("Refused: ")
    assert not decision.is_answered
    assert not any(used.mark for used in decision.evidence)


def reasons(**rest: object) -> PassageReasons:
    given = {
        "rank": 1, "score": 0.5, "parts": (), "matched": (), "sentence": "", "nearness": 0.0,
        "is_preferred": False, "says": "", **rest,
    }  # fmt: skip
    return PassageReasons(**given)  # type: ignore[arg-type]


def test_reasons_in_words() -> None:
    parts = (
        ScorePart("meaning", 0.2, 1),
        ScorePart("words", 0.1, 4),
        ScorePart("learned", 0.01, 0),
        ScorePart("kind of fact", 0.05, 1),
    )
    preferred = reasons(parts=parts, matched=("governing", "law"), is_preferred=True)
    assert passage_in_words(preferred, ("Acme",), some_are_named=True, candidates=812) == (
        "The question names this document ('Acme'); shares 'governing', 'law'; nearest in meaning of "
        "812 candidates; holds a fact of the kind asked for; what was learned moved it up."
    )
    other = reasons(parts=(ScorePart("words", 0.1, 7), ScorePart("reranked", -0.2, 0)))
    assert passage_in_words(other, (), some_are_named=True, candidates=9) == (
        "Not a document that the question names; shares no word that asks; place 7 by words in common "
        "of 9 candidates; the reranker moved it down."
    )
    assert passage_in_words(reasons(), (), some_are_named=False, candidates=9) == (
        "Shares no word that asks."
    )


def test_decisions_in_words() -> None:
    foreign, passed = (Checked("topic", -1.0, 0.0),), (Checked("topic", 1.0, 0.0),)
    said = partial(decision_in_words, is_ambiguous=False)
    assert said(foreign, True, False) == "Refused: the documents hardly seem to be about this."
    assert "no such clause" in said((*passed, Checked("clause", -1.0, -0.3)), True, False)
    assert "no sentence was found" in said(passed, False, False)
    assert "no sentence came of it" in said(passed, True, False)
    assert "several persons" in decision_in_words(passed, True, False, is_ambiguous=True)
