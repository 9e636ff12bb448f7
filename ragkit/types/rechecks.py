"""Saved answers checked against the files as they are now, quote by quote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ragkit.types.answers import AnswerSentence, Citation, Note, ShortFact
from ragkit.types.documents import ReadAs

QuoteState = Literal["stands", "moved", "altered", "gone", "unreadable"]
"""stands: in the very bytes that were cited, where the answer says. moved: the words stand, but the
file has changed or they stand at another place of their page. altered: they do not stand as cited.
gone: there is no such document. unreadable: the document is there and cannot be read."""

HOLDS: tuple[QuoteState, ...] = ("stands", "moved")
"""States in which the words of a quote still stand in the document."""


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What a saved answer claims. place: where it was read, for messages: "a.jsonl, line 3".

    text: the sentences with their marks, "" where the saved object has none. citations: with the
    nearest passages of an answer that was not found, whose marks are below 0 and whose `sha256` may
    be "".
    """

    place: str
    pipeline: str
    question: str
    citations: tuple[Citation, ...]
    sentences: tuple[AnswerSentence, ...] = ()
    facts: tuple[ShortFact, ...] = ()
    text: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class PresentPlace:
    """Where a quote stands now, in characters of the document's text."""

    page: int | None
    start: int
    end: int
    read_as: ReadAs
    confidence: float | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "page": self.page,
            "start": self.start,
            "end": self.end,
            "read_as": self.read_as,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A citation, what became of it, and why in one clause; now: where its words stand, if they do."""

    citation: Citation
    state: QuoteState
    why: str = ""
    changed: bool = False
    now: PresentPlace | None = None

    @property
    def holds(self) -> bool:
        return self.state in HOLDS

    def as_dict(self) -> dict[str, object]:
        return {
            **self.citation.as_dict(),
            "state": self.state,
            "why": self.why,
            "changed": self.changed,
            "now": self.now.as_dict() if self.now else None,
        }


@dataclass(frozen=True, slots=True)
class UnsupportedText:
    """Words of an answer that its own quotes do not say. what: "sentence", "short fact", "text" or
    "note"."""

    what: str
    text: str
    why: str

    def as_dict(self) -> dict[str, object]:
        return {"what": self.what, "text": self.text, "why": self.why}


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """What became of one saved answer. statements: sentences and short facts that were checked."""

    place: str
    pipeline: str
    question: str
    quotes: tuple[CheckedQuote, ...]
    unsupported: tuple[UnsupportedText, ...]
    statements: int

    @property
    def fails(self) -> bool:
        """Whether something of it no longer stands; not where a document could not be read."""
        return bool(self.unsupported) or any(
            quote.state in ("altered", "gone") for quote in self.quotes
        )

    @property
    def unreadable(self) -> bool:
        return any(quote.state == "unreadable" for quote in self.quotes)

    @property
    def changed(self) -> bool:
        """Whether a cited file is not the one that was cited, or its text stands elsewhere."""
        return any(quote.state == "moved" for quote in self.quotes)

    def as_dict(self) -> dict[str, object]:
        return {
            "place": self.place,
            "pipeline": self.pipeline,
            "question": self.question,
            "stands": not (self.fails or self.unreadable),
            "quotes": [quote.as_dict() for quote in self.quotes],
            "statements": self.statements,
            "unsupported": [text.as_dict() for text in self.unsupported],
        }


@dataclass(frozen=True, slots=True)
class Recheck:
    """All that was checked together. documents: files that were read again, children not counted."""

    answers: tuple[CheckedAnswer, ...]
    documents: int
    seconds: float

    @property
    def fails(self) -> bool:
        return any(answer.fails for answer in self.answers)

    @property
    def unreadable(self) -> bool:
        return any(answer.unreadable for answer in self.answers)

    @property
    def changed(self) -> bool:
        return any(answer.changed for answer in self.answers)

    def quotes(self) -> Iterator[CheckedQuote]:
        for answer in self.answers:
            yield from answer.quotes

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "stands": not (self.fails or self.unreadable),
            "answers": [answer.as_dict() for answer in self.answers],
            "documents": self.documents,
            "seconds": round(self.seconds, 3),
        }
