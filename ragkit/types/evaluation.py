"""Evaluations: how well a pipeline's passages meet gold questions, and one run beside another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

KIND = "evaluation"
Verdict = Literal["better", "worse", "no difference"]


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of a measure over questions, with the ends of its 95 % interval.

    Shares are 0 to 1; sentences and characters are counts.

    low, high: None where all the questions are on one document, so that nothing can be said.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    questions: int

    def as_dict(self) -> dict[str, object]:
        ends = (self.low, self.high)
        low, high = (None if end is None else round(end, 6) for end in ends)
        value = round(self.value, 8)
        return {"value": value, "low": low, "high": high, "questions": self.questions}


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """The figures of the questions of one category, or about one document."""

    name: str
    questions: int
    documents: int
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.name == name), None)

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "questions": self.questions,
            "documents": self.documents,
            "figures": {figure.name: figure.as_dict() for figure in self.figures},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FigureGroup:
        figures = (Figure(name, **figure) for name, figure in data["figures"].items())
        return cls(data["name"], data["questions"], data["documents"], tuple(figures))


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A passage that was found, by its place. right: its document answers. text: "" unless asked for."""

    document: str
    page: int | None
    start: int
    end: int
    right: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What came of one question. document: where its answer stands, by path or pattern.

    refused: `ask` says that the documents do not answer it; None where nothing decides that.
    measures: by name, shares 0 to 1, or counts; what does not apply is not there. found: the first
    passages. gold: the words that answer, where document text was asked for.
    """

    id: str
    question: str
    category: str
    document: str
    answerable: bool
    refused: bool | None
    measures: dict[str, float]
    found: tuple[FoundPlace, ...] = ()
    gold: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        measures = {name: round(value, 8) for name, value in self.measures.items()}
        found = [asdict(place) for place in self.found]
        return {**asdict(self), "measures": measures, "found": found, "gold": list(self.gold)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> QuestionResult:
        found = tuple(FoundPlace(**place) for place in data["found"])
        measures = {str(name): float(value) for name, value in data["measures"].items()}
        return cls(**{**data, "found": found, "measures": measures, "gold": tuple(data["gold"])})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run of gold questions over one pipeline.

    stack: "ragkit", or "usual-stack" for what it is measured against. embedder: its model.
    left_out: questions of the file that were not asked. evidence_tokens: the budget of the measure
    evidence_recall. questions_sha256: of their file. groups: by `by`, "category" or "document".
    missing: documents that questions name and that cannot be found, with the reason; the questions
    count as missed. adapter, reranker: fingerprints of what else had a part in the ranking, or "".
    style: of the answers that were measured, "quote" or "compose"; "" where there were none.
    """

    pipeline: str
    stack: str
    embedder: str
    generation: int
    started: str
    seconds: float
    questions_sha256: str
    left_out: int
    seed: int
    by: str
    evidence_tokens: int
    figures: tuple[Figure, ...]
    groups: tuple[FigureGroup, ...]
    results: tuple[QuestionResult, ...]
    missing: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    adapter: str = ""
    reranker: str = ""
    style: str = ""

    @property
    def name(self) -> str:
        return self.pipeline if self.stack == "ragkit" else f"{self.stack} on {self.pipeline}"

    @property
    def documents(self) -> int:
        """How many documents hold the answers."""
        return len({result.document for result in self.results if result.answerable})

    def figure(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.name == name), None)

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "kind": KIND,
            "style": self.style,
            **{name: getattr(self, name) for name in _PLAIN},
            "seconds": round(self.seconds, 3),
            "figures": {figure.name: figure.as_dict() for figure in self.figures},
            "groups": [group.as_dict() for group in self.groups],
            "missing": [list(pair) for pair in self.missing],
            "notes": list(self.notes),
            "questions": [result.as_dict() for result in self.results],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evaluation:
        """What `as_dict` gave. Raises KeyError, TypeError, ValueError for anything else."""
        if data["version"] != 1 or data["kind"] != KIND:
            raise ValueError("not an evaluation")
        return cls(
            **{name: data[name] for name in _PLAIN},
            seconds=data["seconds"],
            figures=tuple(Figure(name, **item) for name, item in data["figures"].items()),
            groups=tuple(map(FigureGroup.from_dict, data["groups"])),
            results=tuple(map(QuestionResult.from_dict, data["questions"])),
            missing=tuple((path, why) for path, why in data["missing"]),
            notes=tuple(data["notes"]),
            style=data.get("style", ""),
        )


_PLAIN = (
    *("pipeline", "stack", "embedder", "adapter", "reranker", "generation", "started"),
    *("questions_sha256", "left_out", "seed", "by", "evidence_tokens"),
)
"""Fields of an evaluation that stand in its JSON as they are."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure now and before, over the questions of both runs: difference = now - before.

    low, high: of the paired 95 % interval, None where all questions are on one document. verdict:
    "better" and "worse" only where the interval is clear of zero.
    """

    name: str
    now: float
    before: float
    difference: float
    low: float | None
    high: float | None
    questions: int
    verdict: Verdict

    def as_dict(self) -> dict[str, object]:
        numbers = ("now", "before", "difference", "low", "high")
        values = {name: getattr(self, name) for name in numbers}
        rounded = {name: None if v is None else round(v, 6) for name, v in values.items()}
        return {**rounded, "questions": self.questions, "verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose main measure differs: now and before."""

    id: str
    question: str
    now: float
    before: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run beside another, question by question.

    main: the measure that the sentence and the changes are about. only_now, only_before: how many
    questions only one run has asked. by_group: the main measure's difference by category.
    """

    now: str
    before: str
    main: str
    sentence: str
    differences: tuple[Difference, ...]
    by_group: tuple[Difference, ...] = ()
    better: tuple[Change, ...] = ()
    worse: tuple[Change, ...] = ()
    same: int = 0
    only_now: int = 0
    only_before: int = 0
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, object]:
        plain = ("now", "before", "main", "sentence", "same", "only_now", "only_before")
        return {
            **{name: getattr(self, name) for name in plain},
            "differences": {item.name: item.as_dict() for item in self.differences},
            "by_group": {item.name: item.as_dict() for item in self.by_group},
            "better": [asdict(change) for change in self.better],
            "worse": [asdict(change) for change in self.worse],
            "notes": list(self.notes),
        }
