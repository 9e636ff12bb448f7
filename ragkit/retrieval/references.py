"""Cross-references of contracts: "as set out in Section 4.2". Pure: texts and headings in, numbers out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ragkit.retrieval.sentences import HEADING_SEPARATOR

MOST_FOLLOWED = 2
"""Chunks of a section that is referred to: what it says stands at its beginning."""
_NUMBER = r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})(?![\d%]|\.\d)"
_DIVISION = r"(?:sections?|clauses?|articles?|paragraphs?|cl[áa]usulas?|art[íi]culos?|apartados?|secci[óo]n)"
_REFERENCE = re.compile(rf"\b{_DIVISION}\s+{_NUMBER}", re.IGNORECASE)
_HEADED = re.compile(rf"(?:{_DIVISION}\s+)?{_NUMBER}", re.IGNORECASE)


_CAPITALISED = re.compile(
    r"(?<=[a-zà-ÿ,;(] )[A-ZÀ-Þ][a-zà-ÿ]+(?: (?:of |and |de |y )?[A-ZÀ-Þ][a-zà-ÿ]+){0,3}"
)


def referred_to(text: str) -> frozenset[str]:
    """The numbers of the sections that a text refers to: "4.2" for "as set out in Section 4.2"."""
    return frozenset(match["number"] for match in _REFERENCE.finditer(text))


def terms_used(text: str) -> list[str]:
    """Words with capitals inside a sentence, as contracts write the terms that they define, each once:
    "Confidential Information" for "any Confidential Information of a party"."""
    found = (match.group() for match in _CAPITALISED.finditer(text))
    return list(dict.fromkeys(found))


def numbered(headings: Mapping[int, str]) -> dict[str, list[int]]:
    """Number of a section -> its first chunks. headings: the path of each chunk, in reading order."""
    found: dict[str, list[int]] = {}
    for chunk, path in headings.items():
        match = _HEADED.match(path.rpartition(HEADING_SEPARATOR)[2])
        if match:
            found.setdefault(match["number"], []).append(chunk)
    return {number: chunks[:MOST_FOLLOWED] for number, chunks in found.items()}
