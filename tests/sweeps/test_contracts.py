"""The due-diligence set on 143 real contracts: how often yes is right, and how rarely no is wrong.

The phrases were made looking at these contracts: expect less on others.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ragkit.chunking.sentences import split_sentences
from ragkit.shortfacts.values import KINDS
from ragkit.sweeps.judging import Looked, judge
from ragkit.sweeps.phrases import Phrases, folded
from ragkit.sweeps.question_sets import read_set

CATEGORIES = {
    "Governing Law": "governing-law",
    "Anti-Assignment": "anti-assignment",
    "Cap On Liability": "cap-on-liability",
    "License Grant": "license-grant",
    "Audit Rights": "audit-rights",
    "Termination For Convenience": "termination-for-convenience",
    "Exclusivity": "exclusivity",
    "Change Of Control": "change-of-control",
    "Non-Compete": "non-compete",
    "Insurance": "insurance",
    "Renewal Term": "renewal-term",
    "Minimum Commitment": "minimum-commitment",
}
Key = tuple[str, str]


@pytest.fixture(scope="module")
def verdicts(evaluation_data: Path) -> dict[Key, str]:
    """(path, question) -> verdict, by phrases alone."""
    found: dict[Key, str] = {}
    questions = read_set("due-diligence", KINDS)
    sets = [[Phrases(q.look_for), Phrases(q.may_mean), Phrases(q.unless)] for q in questions]
    for path in sorted((evaluation_data / "legal/docs").iterdir()):
        text = path.read_text(encoding="utf-8")
        sentences = [folded(text[span.start : span.end]) for span in split_sentences(text)]
        for question, phrases in zip(questions, sets, strict=True):
            sure, maybe, never = (np.array(one.counts(sentences)) for one in phrases)
            flat = np.zeros(len(sentences), np.float32)
            none = np.zeros(len(sentences), np.int32)
            looked = Looked(
                np.where(never, 0, sure), np.where(never, 0, maybe), none, flat, flat, flat + 1
            )
            found[f"docs/{path.name}", question.id] = judge(looked).verdict
    return found


@pytest.fixture(scope="module")
def gold(evaluation_data: Path) -> dict[Key, bool]:
    """(path, question) -> whether the contract has such a clause, where that is known."""
    known = {}
    with (evaluation_data / "legal/questions.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            question = json.loads(line)
            if question["category"] in CATEGORIES:
                known[question["doc"], CATEGORIES[question["category"]]] = question["answerable"]
    return known


def test_every_contract_has_a_row_for_every_question(verdicts: dict[Key, str]) -> None:
    assert len(verdicts) == 143 * 12


def test_yes_is_right_and_no_is_rarely_wrong(
    verdicts: dict[Key, str], gold: dict[Key, bool]
) -> None:
    rows = Counter((verdicts[key], is_there) for key, is_there in gold.items())
    there = sum(count for (_, is_there), count in rows.items() if is_there)
    yes = rows["yes", True] + rows["yes", False]
    assert rows["yes", True] / yes >= 0.95
    assert rows["yes", True] / there >= 0.85
    assert rows["no", True] / there <= 0.03


def test_few_rows_are_left_to_a_person(verdicts: dict[Key, str]) -> None:
    assert Counter(verdicts.values())["unclear"] / len(verdicts) <= 0.20
