"""What came of calibrating the decision whether a question is answered."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares, 0 to 1: answered of the gold questions that have an answer, refused of those that have
    none."""

    answered: float
    refused: float

    @property
    def balanced(self) -> float:
        """The mean of both: balanced accuracy."""
        return (self.answered + self.refused) / 2


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What `eval --calibrate` did. adopted: the fitted thresholds are in use now; otherwise `reason`
    says why not.

    answered, unanswered: gold questions that have an answer and that have none; documents: on which
    they are. before, after: with the thresholds in use and with the fitted ones, on documents that
    these were not fitted to. low, high: 95 % interval of the gain in balanced accuracy, documents
    resampled. topic, clause: the thresholds in use now, in log-odds; is_fitted: to the user's
    questions. undone: `--undo` it was.
    """

    pipeline: str
    adopted: bool
    reason: str
    answered: int = 0
    unanswered: int = 0
    documents: int = 0
    before: Rates | None = None
    after: Rates | None = None
    low: float = 0.0
    high: float = 0.0
    topic: float = 0.0
    clause: float = 0.0
    is_fitted: bool = False
    undone: bool = False
    generation: int = 0

    def as_dict(self) -> dict[str, object]:
        return {"version": 1, **asdict(self)}
