"""Deciding, before a model speaks: is the question answered here, not at all, or by several things?"""

from __future__ import annotations

from dataclasses import dataclass

from ragkit.flows.evidence import Gathered
from ragkit.retrieval.answerability import is_answered
from ragkit.types import Outcome


@dataclass(frozen=True, slots=True)
class Decided:
    """outcome: what the answer will say. candidates: documents between which the question does not
    decide, where it is "ambiguous", the best evidence first. told_by: of each, what tells it from the
    others: names and date."""

    outcome: Outcome
    candidates: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()


def decide(question: str, gathered: Gathered) -> Decided:
    """Whether an answer is attempted from what was gathered for a question.

    Whether there is an answer comes first: what no document says needs no telling apart.
    """
    if gathered.evidence and gathered.evidence[0].fenced:
        return Decided("found")  # asked for, and looked up where it is kept
    if not gathered.evidence or not is_answered(gathered.signals, gathered.calibration):
        return Decided("not_found")
    found = gathered.apart.candidates(question)
    if found:
        return Decided(
            "ambiguous",
            tuple(each.document for each in found),
            tuple(each.told_by for each in found),
        )
    return Decided("found")
