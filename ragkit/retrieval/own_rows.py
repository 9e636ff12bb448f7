"""Rows of tables that tell of somebody else than the question names: a list of a whole ward, a register."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.folding import folded
from ragkit.types import CELL_SEPARATOR, Evidence

SHORTEST = 3
"""Letters of a name."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_AFTER = '.?!¿¡:"“'


def without_others_rows(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence but for rows that do not hold a name that other rows of their document hold.

    Of "What dose of apixaban does Garrick take?" the row with another patient's apixaban is no evidence,
    however well it fits, where the same plan has rows of Garrick's.
    """
    names = _names_in(question)
    rows = {item.number: names & _words_of(item.text) for item in evidence if _is_row(item)}
    having = {item.document_id for item in evidence if rows.get(item.number)}
    return tuple(
        item
        for item in evidence
        if item.number not in rows or item.document_id not in having or rows[item.number]
    )


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
