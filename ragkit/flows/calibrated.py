"""Which thresholds decide whether a question is answered: those of the catalog, if they were fitted with
the pipeline's embedder, else those that ragkit comes with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from ragkit.catalog import Reader
from ragkit.retrieval.answerability import CLAUSE, SHIPPED, TOPIC, Calibration

STATE = "answerability"
"""Under this name the catalog's state keeps what is in use; numbers alone, no word of a document."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a calibration. topic, clause: thresholds in log-odds. embedder: fingerprint of the
    one whose cosines they were fitted to. answered, unanswered: gold questions of either kind. before,
    after: the mean of the shares answered and refused rightly, on documents they were not fitted to."""

    topic: float
    clause: float
    embedder: str
    answered: int
    unanswered: int
    before: float
    after: float

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Self | None:
        """What was kept, also by an earlier or a later version; None where something needed is missing.

        Its numbers only tune a decision: without them questions are answered all the same.
        """
        try:
            said = json.loads(text)
            return cls(
                topic=float(said["topic"]),
                clause=float(said["clause"]),
                embedder=str(said["embedder"]),
                answered=int(said["answered"]),
                unanswered=int(said["unanswered"]),
                before=float(said["before"]),
                after=float(said["after"]),
            )
        except (ValueError, KeyError, TypeError):
            return None

    @property
    def calibration(self) -> Calibration:
        return Calibration(
            replace(TOPIC, least=self.topic), replace(CLAUSE, least=self.clause), is_fitted=True
        )


def kept_in(reader: Reader) -> Kept | None:
    """What is kept and fitted with the index's embedder; None if nothing is."""
    text = reader.state(STATE)
    kept = Kept.of(text) if text else None
    return kept if kept and kept.embedder == reader.state("embedder") else None


def calibration_of(reader: Reader) -> Calibration:
    """The checks that questions are answered by."""
    kept = kept_in(reader)
    return kept.calibration if kept else SHIPPED


def calibration_notes(reader: Reader) -> tuple[str, ...]:
    """For `status`: that thresholds of the user's own decide; nothing where none are kept."""
    text = reader.state(STATE)
    if not text:
        return ()
    kept = Kept.of(text)
    if kept is None:
        return ("The thresholds fitted to your questions are off: another version kept them.",)
    if kept.embedder != reader.state("embedder"):
        return ("The thresholds fitted to your questions are off: they are for another embedder.",)
    return (
        f"What decides whether a question is answered was fitted to {kept.answered} questions with an "
        f"answer and {kept.unanswered} without one: right for {kept.after:.1%} instead of "
        f"{kept.before:.1%}, on documents it was not fitted to.",
    )
