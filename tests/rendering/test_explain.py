"""`--explain` at a terminal of 80 columns: every figure there, no line too long, nothing that steers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ragkit.rendering.results import show_answer, show_search
from ragkit.types import Answer, Coverage, Passage, SearchResult, Unreadable
from ragkit.types.explanation import (
    AskedWords,
    Decision,
    EvidenceUsed,
    Explanation,
    PassageReasons,
    Preferred,
    ScorePart,
)
from ragkit.types.scope import Scope, Scoped

LONG = "contracts/" + "a_rather_long_name_of_a_contract_between_two_parties" + ".pdf"
PASSAGE = Passage(LONG, 3, 10, 60, "8 Liability > 8.2 Cap", "The cap is 5 %. " * 30, 0.62, 1)
REASONS = PassageReasons(
    rank=1,
    score=0.62,
    parts=(
        ScorePart("meaning", 0.3, 2),
        ScorePart("words", 0.34, 1),
        ScorePart("learned", -0.02, 40),
        ScorePart("words asked", 0.0, 9),
    ),
    matched=("liability", "cap"),
    sentence="The cap is \x1b[31m5 %.",
    nearness=0.71,
    is_preferred=True,
    says="The question names this document ('Northwind'); shares 'liability', 'cap'; first of 812.",
)
EXPLANATION = Explanation(
    AskedWords(
        language="en",
        naming=("Northwind", "agreement"),
        content=("liability", "cap"),
        ignored=("what", "is", "the"),
        preferred=(Preferred(LONG, ("Northwind",), 1.0), Preferred("b.pdf", (), 0.41)),
    ),
    812,
    (REASONS,),
    adapter="f" * 64,
)
SCOPED = Scoped(Scope(types=("contract",), since="2020", where={"client": "A"}), 12, 143, 3)
RESULT = SearchResult("q", (PASSAGE,), 0.1, scope=SCOPED, explanation=EXPLANATION)
DECISION = Decision(
    False,
    "Refused: no sentence comes near enough to an answer.",
    (("topic", 0.6, 0.35), ("answer", 0.41, 0.55)),
    (("cosine", 0.5), ("coverage", 0.7)),
    (
        EvidenceUsed(1, LONG, 3, 10, 20, "The cap is 5 %. " * 20, 0.5, 1),
        EvidenceUsed(2, "b", None, 0, 5, "No.", 0.4, 0),
    ),
)
ANSWER = Answer(
    question="q",
    outcome="not_found",
    style="quote",
    sentences=(),
    citations=(),
    coverage=Coverage(13, 12, (Unreadable("c.pdf", "broken"),), SCOPED),
    model="",
    generation=1,
    seconds=0.1,
    explanation=replace(EXPLANATION, decision=DECISION),
)


@pytest.mark.parametrize("shown", [show_search(RESULT, width=80), show_answer(ANSWER, width=80)])
def test_no_line_is_wider_than_the_terminal(shown: str) -> None:
    # A name that is longer than the line stays whole, so that it can be copied.
    too_wide = [line for line in shown.splitlines() if len(line) > 80 and LONG not in line]
    assert too_wide == []
    assert "\x1b" not in shown


def test_what_was_understood_and_every_figure_is_there() -> None:
    shown = " ".join(show_search(RESULT, width=80).split())
    for words in (
        "Only 12 of 143 documents (--type contract --since 2020 --where client=A); 3 without a known",
        "Language en",
        "Asks liability, cap",
        "Names Northwind, agreement",
        "(100%) by Northwind",
        "b.pdf (41%)",
        "Ignored what, is, the",
        "812 candidate passages",
        "adapter ffffffffffffffff",
        "Why The question names this document",
        "meaning 0.300 (#2) + words 0.340 (#1) - learned 0.020 (#40) = 0.620",
        "(cosine 0.71)",
    ):
        assert words in shown, words
    assert "words asked" not in shown  # a part of nothing says nothing


def test_an_answer_says_why_it_was_refused_and_what_was_looked_at() -> None:
    shown = " ".join(show_answer(ANSWER, width=80).split())
    for words in (
        "Not found in 12 of 13 documents; 1 could not be read: c.pdf (broken).",
        "Decision Refused: no sentence comes near enough",
        "topic 0.600 >= 0.35 needed",
        "answer 0.410 < 0.55 needed",
        "cosine 0.500, coverage 0.700",
        "Evidence 1 0.500 [1]",
        "Evidence 2 0.400 not used b: No.",
        "Only 12 of 143 documents",
    ):
        assert words in shown, words


def test_without_filters_and_reasons_nothing_is_said_of_them() -> None:
    shown = show_search(replace(RESULT, scope=None, explanation=None))
    assert "Only" not in shown
    assert "Why" not in shown


def test_json_has_reasons_only_where_they_were_asked_for() -> None:
    data = RESULT.as_dict()
    assert data["scope"] == {
        "documents": [],
        "types": ["contract"],
        "since": "2020",
        "until": "",
        "where": {"client": ["A"]},
        "in_scope": 12,
        "of": 143,
        "undated": 3,
    }
    explained = data["explanation"]
    assert isinstance(explained, dict)
    assert explained["passages"][0]["parts"][0] == {"name": "meaning", "value": 0.3, "rank": 2}
    assert "explanation" not in replace(RESULT, explanation=None).as_dict()
    assert replace(RESULT, scope=None).as_dict()["scope"] is None


def test_the_parts_add_up_to_the_score() -> None:
    line = next(line for line in show_search(RESULT, width=200).splitlines() if "Score" in line)
    left, _, total = line.removeprefix("   Score").partition(" = ")
    figures = re.findall(r"([+-]?) ?[a-z ]+ (\d\.\d+)", left)
    assert sum(-float(n) if sign == "-" else float(n) for sign, n in figures) == pytest.approx(
        float(total)
    )
