"""Answers: passages, evidence, citations, and how much of the corpus stands behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ragkit.types.documents import READ_AS_FILE, ReadAs
from ragkit.types.explanation import Explanation
from ragkit.types.scope import Scoped


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved stretch with score and place. `page` is where it starts; `parts` explains the score."""

    document: str
    page: int | None
    start: int
    end: int
    heading: str
    text: str
    score: float
    rank: int
    chunk_id: int = 0
    document_id: int = 0
    parts: tuple[tuple[str, float], ...] = ()
    sha256: str = ""

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "page": self.page,
            "start": self.start,
            "end": self.end,
            "heading": self.heading,
            "text": self.text,
            "score": round(self.score, 6),
            "rank": self.rank,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """One numbered sentence given to the model or shown as a quote. `number` is 1-based.

    rank: its place by score, 1 for the best; the number is its place in what the model is given.
    context: what names its document: path, title, parties or patient, date. fenced: why it reads like
    an instruction to a machine: such a one is never given to a model.
    """

    number: int
    document: str
    document_id: int
    sha256: str
    page: int | None
    start: int
    end: int
    text: str
    heading: str = ""
    context: str = ""
    score: float = 0.0
    read_as: ReadAs = READ_AS_FILE
    confidence: float | None = None
    rank: int = 0
    fenced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceUse:
    """How much of the evidence an answer was made from: what fits into `budget` tokens.

    sentences, left_out: how many were given and how many were not, the lowest scored. tokens: of the
    sentences given, by the tokenizer of the "generator" or of the "embedder" (counted_by).
    """

    sentences: int
    left_out: int
    tokens: int
    budget: int
    counted_by: str

    def as_dict(self) -> dict[str, object]:
        return {
            "sentences": self.sentences,
            "left_out": self.left_out,
            "tokens": self.tokens,
            "budget": self.budget,
            "counted_by": self.counted_by,
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that stands, byte for byte, in `document` (with that sha256) from start to end.

    confidence: of a page that was read by OCR, 0 to 1: such a quote is only as good as its reading.
    fenced: why it reads like an instruction to a machine; only a question that asks for it shows it.
    """

    mark: int
    document: str
    sha256: str
    page: int | None
    start: int
    end: int
    quote: str
    read_as: ReadAs = READ_AS_FILE
    confidence: float | None = None
    fenced: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "mark": self.mark,
            "document": self.document,
            "sha256": self.sha256,
            "page": self.page,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "read_as": self.read_as,
            "confidence": None if self.confidence is None else round(self.confidence, 3),
            "fenced": list(self.fenced),
        }


SentenceStatus = Literal["quoted", "kept", "repaired", "replaced"]
Outcome = Literal["found", "not_found", "ambiguous"]
Style = Literal["auto", "quote", "compose"]


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence shown to the person, with the marks of its citations.

    status: "quoted" (document's own words by ranking), "kept" (the model's, verified), "repaired"
    (the model's second attempt, verified), "replaced" (the model's failed; its quote is shown).
    """

    text: str
    citations: tuple[int, ...]
    status: SentenceStatus

    def as_dict(self) -> dict[str, object]:
        return {"text": self.text, "citations": list(self.citations), "status": self.status}


@dataclass(frozen=True, slots=True)
class ShortFact:
    """What was asked for, pulled out of the words of a quote: a date, an amount, "yes".

    kind: "yes/no", "date", "amount", ... text: as the quote says it, character by character; of
    yes/no in the language of the question. citations: marks of the quotes that say it.
    """

    kind: str
    text: str
    citations: tuple[int, ...]

    def as_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "text": self.text, "citations": list(self.citations)}


@dataclass(frozen=True, slots=True)
class Note:
    """What must be known beside an answer. kind: "conflict" (documents say different things),
    "superseded" (a newer version or an amendment is shown), "fenced" (what reads like an instruction
    to a machine was left out). text: one sentence in the language of the question. citations: marks
    of the quotes concerned."""

    kind: Literal["conflict", "superseded", "fenced"]
    text: str
    citations: tuple[int, ...]

    def as_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "text": self.text, "citations": list(self.citations)}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document, or pages of it, that could not be read.

    reason: one English sentence. kind: the same as a code, such as "password", "damaged", "needs_ocr";
    "metadata" for a file of metadata with a fault; "" where nobody said. pages: 1-based, those that
    gave no text of a document that was read otherwise; none for all of it.
    """

    document: str
    reason: str
    kind: str = ""
    pages: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "reason": self.reason,
            "kind": self.kind,
            "pages": list(self.pages),
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the corpus stands behind an answer; with filters (`scope`), of what they left."""

    documents: int
    searched: int
    unreadable: tuple[Unreadable, ...] = ()
    scope: Scoped | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "documents": self.documents,
            "searched": self.searched,
            "unreadable": [item.as_dict() for item in self.unreadable],
            "scope": self.scope.as_dict() if self.scope else None,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages for a question, best first. adapter, reranker: fingerprints of what was learned and of
    the reranker, where they had a part in the order; "" for none."""

    question: str
    passages: tuple[Passage, ...]
    seconds: float
    generation: int = 0
    adapter: str = ""
    reranker: str = ""
    scope: Scoped | None = None
    explanation: Explanation | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "question": self.question,
            "passages": [passage.as_dict() for passage in self.passages],
            "scope": self.scope.as_dict() if self.scope else None,
            **_explained(self.explanation),
            "adapter": self.adapter,
            "reranker": self.reranker,
            "seconds": round(self.seconds, 4),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its citations, or the outcome that there is none."""

    question: str
    outcome: Outcome
    style: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    coverage: Coverage
    model: str
    generation: int
    seconds: float
    candidates: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    """Of each candidate what tells it from the others: names and date; "" where it has none."""
    nearest: tuple[Passage, ...] = ()
    signals: tuple[tuple[str, float], ...] = field(default=())
    facts: tuple[ShortFact, ...] = ()
    notes: tuple[Note, ...] = ()
    adapter: str = ""
    """Fingerprint of what was learned from the user's marks and ranked the passages; "" for none."""
    reranker: str = ""
    """Fingerprint of the reranker that had the last word on the passages; "" for none."""
    language: str = "en"
    """ISO 639-1 code of the answer's own words; quotes are in their documents' languages."""
    pipeline: str = ""
    """Whose documents were asked: where `ragkit verify` looks for them again."""
    evidence: EvidenceUse | None = None
    """What the answer was made from; None if no answer was attempted."""
    withheld: int = 0
    """Sentences that the model wrote, that failed, and whose quote would have answered nothing."""
    explanation: Explanation | None = None
    named: tuple[str, ...] = ()
    """SHA-256 of documents that it names, or explains itself by, beside those it quotes: for the ledger."""

    @property
    def text(self) -> str:
        """The sentences with their marks: 'The term is two years. [1] ...'."""
        return " ".join(
            sentence.text + "".join(f" [{mark}]" for mark in sentence.citations)
            for sentence in self.sentences
        )

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "question": self.question,
            "outcome": self.outcome,
            "language": self.language,
            "candidates": list(self.candidates),
            "told_by": list(self.told_by),
            "nearest": [{**near.as_dict(), "sha256": near.sha256} for near in self.nearest],
            "style": self.style,
            "facts": [fact.as_dict() for fact in self.facts],
            "notes": [note.as_dict() for note in self.notes],
            "text": self.text,
            "sentences": [sentence.as_dict() for sentence in self.sentences],
            "citations": [citation.as_dict() for citation in self.citations],
            "coverage": self.coverage.as_dict(),
            "evidence": self.evidence.as_dict() if self.evidence else None,
            "withheld": self.withheld,
            "model": self.model,
            "generation": self.generation,
            "adapter": self.adapter,
            "reranker": self.reranker,
            **_explained(self.explanation),
            "seconds": round(self.seconds, 3),
        }


def _explained(explanation: Explanation | None) -> dict[str, object]:
    """Only where it was asked for."""
    return {} if explanation is None else {"explanation": explanation.as_dict()}
