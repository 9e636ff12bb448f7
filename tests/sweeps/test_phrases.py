"""Phrases: words in a row, with the beginnings of words and gaps."""

from __future__ import annotations

import time

import pytest

from ragkit.sweeps.phrases import GAP, Phrases, fault_of, folded


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("change of control", "Upon a Change of\n  Control, this Agreement ends."),
        ("assign*", "Any purported ASSIGNMENT is void."),
        ("not ... assign*", "Neither party may — and shall not, directly or not — assign it."),
        ("non-compete", "A noncompete, or a non compete, or a NON-COMPETE."),
        ("prórroga", "La PRORROGA será automática."),
        ("in no event ... liab*", "In no event shall either party be liable"),
        ("party's books", "the party’s books"),
    ],
)
def test_what_stands_there(phrase: str, sentence: str) -> None:
    assert Phrases([phrase]).count_in(folded(sentence)) == 1


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("change of control", "The control of change is theirs."),
        ("assign", "The assignment is void."),
        ("audit", "an auditorium"),
        ("not ... assign*", f"not {'word ' * (GAP + 1)}assign"),
        ("renew*", "prerenewal"),
    ],
)
def test_what_does_not(phrase: str, sentence: str) -> None:
    assert Phrases([phrase]).count_in(folded(sentence)) == 0


def test_a_gap_reaches_over_so_many_words_and_no_more() -> None:
    one = Phrases(["not ... assign*"])
    assert one.count_in(folded(f"not {'word ' * GAP}assign")) == 1


def test_several_are_counted_once_each() -> None:
    found = Phrases(["merger", "sale of ... assets", "spin-off"])
    assert found.counts(
        [folded("A merger, a merger, or a sale of all its assets."), "nothing"]
    ) == [
        2,
        0,
    ]


@pytest.mark.parametrize("text", ["- " * 20_000, "a" * 200_000, "not " * 20_000, "x's-'" * 20_000])
def test_no_text_takes_long(text: str) -> None:
    """Quadratic at worst in the gap, never in the text: these took minutes with nested repetition."""
    phrases = Phrases(["not ... assign*", "non-compete", "liab* ... not ... exceed"])
    started = time.process_time()
    phrases.count_in(folded(text))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("", "is empty"),
        ("... control", "begins or ends with '...'"),
        ("not ...", "begins or ends with '...'"),
        ("ass*ign", "a * stands at the end of a word"),
        ("(a|b)", "which is no word"),
        ("*", "which is no word"),
        ("a ... ... b", "twice in a row"),
        ("a ... b ... c ... d", "more than 2"),
    ],
)
def test_faults_are_told(phrase: str, why: str) -> None:
    assert why in fault_of(phrase)


def test_a_good_phrase_has_none() -> None:
    assert fault_of("Not ... assign* non-compete party's") == ""
