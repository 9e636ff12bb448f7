"""What the user has marked, and what was learned of it. Questions here are confidential text."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """A passage that was marked right or wrong for a question.

    is_stale: the document has changed since, so that nothing is learned from it.
    """

    document: str
    start: int
    end: int
    is_right: bool
    is_stale: bool = False

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "start": self.start,
            "end": self.end,
            "right": self.is_right,
            "stale": self.is_stale,
        }


@dataclass(frozen=True, slots=True)
class MarkedQuestion:
    """A question with all its marks, by document and place. at: of the last one, UTC, ISO 8601."""

    id: int
    question: str
    at: str
    passages: tuple[MarkedPassage, ...]

    def as_dict(self) -> dict[str, object]:
        passages = [passage.as_dict() for passage in self.passages]
        return {"id": self.id, "question": self.question, "at": self.at, "passages": passages}


@dataclass(frozen=True, slots=True)
class Gained:
    """A measure without and with the adapter, on documents that it was not trained on.

    before, after: means over the questions. low, high: 95 % interval of the gain, from resampled
    groups of documents.
    """

    name: str
    before: float
    after: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        return self.after - self.before

    def as_dict(self) -> dict[str, object]:
        figures = {**asdict(self), "gain": self.gain}
        return {name: _rounded(value) for name, value in figures.items()}


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What `tune` did. adopted: what was learned is in use now; otherwise `reason` says why not.

    adapter: fingerprint of the adapter in use now, "" for none. questions, documents, groups: what was
    learned from: documents that are near-duplicates or of one party are judged together, as a group.
    unused: questions that nothing could be learned from, by reason. undone: `--undo` it was.
    """

    pipeline: str
    adopted: bool
    reason: str
    adapter: str
    questions: int = 0
    documents: int = 0
    groups: int = 0
    folds: int = 0
    measures: tuple[Gained, ...] = ()
    unused: tuple[tuple[str, int], ...] = ()
    undone: bool = False
    seconds: float = 0.0
    generation: int = 0

    def as_dict(self) -> dict[str, object]:
        plain = {
            name: getattr(self, name)
            for name in self.__slots__
            if name not in ("measures", "unused", "seconds")
        }
        return {
            "version": 1,
            **plain,
            "measures": [measure.as_dict() for measure in self.measures],
            "unused": dict(self.unused),
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True, slots=True)
class AdapterStatus:
    """The newest adapter of a pipeline. is_used: its embedder is the pipeline's.

    fingerprint "": there is none. former: how many `tune --undo` can go back to. marked: questions
    with marks, whether they were learned from or not.
    """

    fingerprint: str = ""
    made: str = ""
    is_used: bool = False
    former: int = 0
    marked: int = 0
    questions: int = 0
    documents: int = 0
    measures: tuple[Gained, ...] = ()

    def as_dict(self) -> dict[str, object]:
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "measures"}
        return {**plain, "measures": [measure.as_dict() for measure in self.measures]}


NOTHING_LEARNED = AdapterStatus()


def _rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value
