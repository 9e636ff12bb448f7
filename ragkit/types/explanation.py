"""Why passages are where they are, and why a question was answered or refused: figures with their names."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Preferred:
    """A document that the words of a question name. matched: those words, as they were asked.

    share: how well they fit it, as a share of how well they fit the document they fit best. sha256:
    of the document.
    """

    document: str
    matched: tuple[str, ...]
    share: float
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class AskedWords:
    """How a question was understood.

    language: ISO 639-1, "" if not told. naming: words that name a document; content: words that ask
    for something in it; ignored: words that tell nothing. fact: the kind of fact that is asked for
    ("date", "amount"), "" for none.
    """

    language: str
    naming: tuple[str, ...]
    content: tuple[str, ...]
    ignored: tuple[str, ...]
    fact: str = ""
    preferred: tuple[Preferred, ...] = ()


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A part of a passage's score; `rank`: its place by this part alone among all candidates, from 1;
    candidates with as much share a place."""

    name: str
    value: float
    rank: int


@dataclass(frozen=True, slots=True)
class PassageReasons:
    """Why one passage is where it is. parts add up to its score. matched: words asked for that it
    holds. sentence: its sentence nearest to the question, and `nearness` its cosine, -1 to 1; "" and 0
    where sentences were not compared. is_preferred: whether the question names its document.
    """

    rank: int
    score: float
    parts: tuple[ScorePart, ...]
    matched: tuple[str, ...]
    sentence: str
    nearness: float
    is_preferred: bool
    says: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one signal adds to a check's figure: value times weight, in log-odds."""

    check: str
    signal: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether there is an answer. checks: (name, figure, threshold) that decided on an attempt.

    signals: (name, figure) that these are made of. evidence: the sentences that were looked at first.
    weighed: what the checks' figures are the sums of, with the bias of each. is_fitted: the thresholds
    are those that were fitted to the user's own questions.
    """

    is_answered: bool
    says: str
    checks: tuple[tuple[str, float, float], ...]
    signals: tuple[tuple[str, float], ...]
    evidence: tuple[EvidenceUsed, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    biases: tuple[tuple[str, float], ...] = ()
    is_fitted: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceUsed:
    """A sentence of the evidence, by its number in it. mark: of the citation that shows it, 0 for none."""

    number: int
    document: str
    page: int | None
    start: int
    end: int
    text: str
    score: float
    mark: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it for one question. candidates: chunks that were compared. adapter, reranker:
    fingerprints of what took part in the order, "" for none. decision: of an answer."""

    asked: AskedWords
    candidates: int
    passages: tuple[PassageReasons, ...]
    adapter: str = ""
    reranker: str = ""
    decision: Decision | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
