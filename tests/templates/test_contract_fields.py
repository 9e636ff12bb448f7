"""Fields of 143 real contracts against what lawyers marked in them: right, found, and never invented.

The rules were made looking at one half of the contracts (TUNED); the other half shows what to expect.
A value is right if it is the gold value in one form (a day, a length of time, a law, a party); where the
gold has no such value, or is a clause that only tells how long (expiration), if it stands in the gold
words. Questions without a value count against recall; values for other questions are not looked at.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ragkit.templates.choosing import choose_template
from ragkit.templates.document import Reading
from ragkit.templates.finding import Found, FoundField, find_fields
from ragkit.templates.reading import read_templates
from ragkit.templates.values import durations_in
from tests.templates.reading import document

CATEGORIES = {
    "Agreement Date": "agreement_date",
    "Effective Date": "effective_date",
    "Expiration Date": "expiration",
    "Governing Law": "governing_law",
    "Renewal Term": "renewal_term",
    "Notice Period To Terminate Renewal": "notice_period",
}
_FORMS = re.compile(
    r"\b(?:inc|llc|ltd|limited|corp|corporation|company|co|lp|plc|the|incorporated)\b"
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Contract:
    reading: Reading
    found: Mapping[str, FoundField]
    parties: tuple[str, ...]
    questions: tuple[dict[str, Any], ...]
    tuned: bool


@dataclass(frozen=True)
class Rates:
    """given: values; right: those that are; gold: what there is to find; met: how many of that was."""

    gold: int = 0
    given: int = 0
    right: int = 0
    met: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(self.given, 1)

    @property
    def recall(self) -> float:
        return self.met / max(self.gold, 1)


@pytest.fixture(scope="module")
def contracts(evaluation_data: Path) -> list[Contract]:
    folder = evaluation_data / "legal"
    questions = defaultdict(list)
    for question in _lines(folder / "questions.jsonl"):
        if question["category"] in CATEGORIES:
            questions[question["doc"]].append(question)
    return [
        _contract(folder, row, tuple(questions[row["doc"]]))
        for row in _lines(folder / "docs.jsonl")
    ]


def _contract(folder: Path, row: dict[str, Any], questions: tuple[dict[str, Any], ...]) -> Contract:
    with (folder / row["doc"]).open(encoding="utf-8", newline="") as file:
        reading = document(file.read())
    template = choose_template(read_templates(), reading)
    found = {one.field.name: one for one in find_fields(template, reading)}
    tuned = sha256(row["doc"].encode()).digest()[0] % 2 == 0
    return Contract(reading, found, tuple(row["parties"]), questions, tuned)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _rates(contracts: list[Contract]) -> dict[str, Rates]:
    counts: Counter[tuple[str, str]] = Counter()
    for contract in contracts:
        for question in contract.questions:
            name = CATEGORIES[question["category"]]
            counts[name, "gold"] += 1
            field = contract.found.get(name)
            if field and field.values:
                right = _is_right(field.values[0], question, name)
                counts[name, "given"] += 1
                counts[name, "right"] += right
                counts[name, "met"] += right
        gold = [_plain(name) for name in contract.parties]
        named = contract.found.get("parties")
        names = [_plain(one.shown) for one in named.values] if named and gold else []
        counts["parties", "gold"] += len(gold)
        counts["parties", "given"] += len(names)
        counts["parties", "right"] += sum(_is_among(name, gold) for name in names)
        counts["parties", "met"] += sum(_is_among(name, names) for name in gold)
    keys = ("gold", "given", "right", "met")
    return {
        name: Rates(*(counts[name, key] for key in keys))
        for name in ("parties", *CATEGORIES.values())
    }


def _is_right(found: Found, question: dict[str, Any], name: str) -> bool:
    answers = question.get("answers") or []
    if found.type == "date" and (days := [one for one in answers if _ISO.fullmatch(one)]):
        return found.value.plain in days
    if found.type == "duration" and name != "expiration":
        lengths = {
            span.key for one in answers for span in durations_in(one.lower().replace(")", ""))
        }
        if lengths:
            return found.value.key in lengths
    if name == "governing_law" and answers:
        laws = [
            _plain(part) for one in answers for part in (one, *one.split(";"), one.split(",")[0])
        ]
        return _is_among(_plain(found.shown), laws)
    spans = [(gold["start"], gold["end"]) for gold in question["gold_spans"]]
    spans += [tuple(also) for gold in question["gold_spans"] for also in gold.get("also", ())]
    return any(start < found.value.end and found.value.start < end for start, end in spans)


def _plain(name: str) -> str:
    words = re.sub(r"[,;]", " ", name.casefold().replace("&", " and "))
    return " ".join(_FORMS.sub("", re.sub(r"[^\w ]", "", words)).split())


def _is_among(name: str, others: list[str]) -> bool:
    return bool(name) and any(other and (name in other or other in name) for other in others)


def _together(rates: dict[str, Rates]) -> Rates:
    every = rates.values()
    return Rates(
        sum(one.gold for one in every),
        sum(one.given for one in every),
        sum(one.right for one in every),
        sum(one.met for one in every),
    )


@pytest.mark.parametrize("tuned", [True, False], ids=["tuned", "not looked at"])
def test_values_are_right_and_most_are_found(contracts: list[Contract], tuned: bool) -> None:
    rates = _rates([contract for contract in contracts if contract.tuned == tuned])
    together = _together(rates)
    without = _together({name: one for name, one in rates.items() if name != "parties"})
    for name, one in (*rates.items(), ("together", together), ("without parties", without)):
        print(
            f"{name:16} {one.given:4} given {one.precision:.3f} {one.gold:4} gold {one.recall:.3f}"
        )
    for one in (together, without):
        assert one.precision >= 0.9
        assert one.recall >= 0.63
    assert min(one.precision for one in rates.values()) >= 0.85


def test_nothing_is_invented(contracts: list[Contract]) -> None:
    values = 0
    for contract in contracts:
        text = contract.reading.text
        for field in contract.found.values():
            for one in field.values:
                stretch = " ".join(text[one.value.start : one.value.end].split())
                assert stretch if one.type == "yes/no" else stretch == one.shown
                values += 1
    assert values > 700
