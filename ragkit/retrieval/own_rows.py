"""Rows of tables that tell of somebody else than the question names: a list of a whole ward, a register."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ragkit.folding import folded
from ragkit.types import CELL_SEPARATOR, Evidence

SHORTEST = 3
"""Letters of a name."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INITIALLED = re.compile(
    r"\b(?P<name>[A-ZÁÉÍÓÚÑ][^\W\d_]{2,}),? (?P<initial>[A-ZÁÉÍÓÚÑ])(?:\.|(?= [A-ZÁÉÍÓÚÑ]|['’]s|\W*$))"
)
"""A name followed by an initial: "John A. Smith", "Smith J.", "John A's"."""
_AFTER = '.?!¿¡:"“'


def without_others_rows(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence but for rows that do not hold a name that other rows of their document hold.

    Of "What dose of apixaban does Garrick take?" the row with another patient's apixaban is no evidence,
    however well it fits, where the same plan has rows of Garrick's. Nor is any sentence, in a row or not,
    that speaks of John B. only where John A. is asked for.
    """
    asked = _initialled(question)
    evidence = [item for item in evidence if not _is_of_another_initial(asked, item.text)]
    names = _names_in(question)
    rows = {item.number: names & _words_of(item.text) for item in evidence if _is_row(item)}
    having = {item.document_id for item in evidence if rows.get(item.number)}
    return tuple(
        item
        for item in evidence
        if item.number not in rows or item.document_id not in having or rows[item.number]
    )


def _initialled(text: str) -> frozenset[tuple[str, str]]:
    """Names that are followed by an initial, each with it: ("john", "a")."""
    return frozenset(
        (folded(match["name"]), folded(match["initial"])) for match in _INITIALLED.finditer(text)
    )


def _is_of_another_initial(asked: frozenset[tuple[str, str]], text: str) -> bool:
    """Whether a text has a name of the question with other initials than the question's, and never
    with one of these, however these are written: "Exhibit A and Exhibit B" speaks of both."""
    if not asked:
        return False
    said, names = _initialled(text), {name for name, _ in asked}
    if said & asked or not any(name in names for name, _ in said):
        return False
    pairs = pairwise(_WORD.findall(text))
    return not any((folded(one), folded(two)) in asked for one, two in pairs if two.isupper())


def _names_in(question: str) -> frozenset[str]:
    """Words with a capital that do not begin a sentence."""
    return frozenset(
        folded(match.group())
        for match in _WORD.finditer(question)
        if len(match.group()) >= SHORTEST and match.group()[0].isupper()
        if (before := question[: match.start()].rstrip()) and before[-1] not in _AFTER
    )


def _words_of(text: str) -> set[str]:
    return {folded(word) for word in _WORD.findall(text)}


def _is_row(item: Evidence) -> bool:
    return CELL_SEPARATOR in item.text
