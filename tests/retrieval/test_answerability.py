"""The checks by which it is decided whether there is an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ragkit.retrieval.answerability import (
    CLAUSE,
    SHIPPED,
    TOPIC,
    Calibration,
    Signals,
    checked,
    is_answered,
)

ABOUT = Signals(
    cosine=0.7, sentence=0.65, coverage=0.8, together=0.9, unknown=0.0, matched=1.8, clause=0.4
)
FOREIGN = Signals(
    cosine=0.3, sentence=0.3, coverage=0.1, together=0.2, unknown=0.6, matched=0.7, clause=0.1
)
CLAUSE_THERE = replace(
    ABOUT,
    names_contract=True,
    clause=1.2,
    other_words=14.0,
    words=1.0,
    has_other=1.0,
    background=0.1,
)


def test_what_the_documents_are_about_is_answered_and_what_is_foreign_is_not() -> None:
    assert is_answered(ABOUT)
    assert not is_answered(FOREIGN)


def test_a_clause_is_looked_for_only_where_a_contract_is_named() -> None:
    missing = replace(CLAUSE_THERE, clause=0.2, other_words=3.0, background=-0.15, words=0.6)
    assert is_answered(CLAUSE_THERE)
    assert not is_answered(missing)
    assert is_answered(replace(missing, names_contract=False))
    assert [check.name for check in checked(missing)] == ["topic", "clause"]


def test_a_contract_like_all_others_needs_more_than_one_that_stands_out() -> None:
    plain, outstanding = (replace(CLAUSE_THERE, background=value) for value in (-0.2, 0.2))
    assert CLAUSE.figure(outstanding) - CLAUSE.figure(plain) == pytest.approx(
        0.4 * CLAUSE.weights["background"]
    )


def test_a_fact_that_the_document_does_not_show_is_not_answered() -> None:
    lacking = replace(ABOUT, lacks_fact=True)
    assert not is_answered(lacking)
    assert [check.name for check in checked(lacking) if not check.is_passed] == ["fact"]


def test_what_is_said_of_somebody_else_alone_is_not_answered() -> None:
    of_another = replace(ABOUT, said_of_others=True)
    assert of_another.is_ruled_out
    assert not is_answered(of_another)
    assert [check.name for check in checked(of_another) if not check.is_passed] == ["person"]


def test_a_word_of_ones_own_list_stands_for_its_meaning() -> None:
    said = replace(FOREIGN, in_own_words=True, together=1.0)
    assert is_answered(said)
    assert not is_answered(replace(said, together=0.3))
    assert not is_answered(replace(said, in_own_words=False))


def test_figures_are_the_sums_of_their_parts() -> None:
    for check in checked(CLAUSE_THERE):
        added = sum(weight * value for _, weight, value in check.parts)
        assert check.figure == pytest.approx(check.bias + added)


def test_thresholds_of_ones_own_decide() -> None:
    figure = TOPIC.figure(ABOUT)
    strict = Calibration(replace(TOPIC, least=figure + 0.1), CLAUSE, is_fitted=True)
    assert is_answered(ABOUT, SHIPPED)
    assert not is_answered(ABOUT, strict)
