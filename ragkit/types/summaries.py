"""Summaries: of a document, and of a folder of them. Every sentence points at its citations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from ragkit.types.answers import Citation, SentenceStatus, Unreadable
from ragkit.types.fields import SummaryField


@dataclass(frozen=True, slots=True)
class KeyFact:
    """What a rule found: a name ("party", "patient", "date", "amount"), the value as it is written.

    citations: marks of the quotes in which the value stands.
    """

    name: str
    value: str
    citations: tuple[int, ...]

    def as_dict(self) -> dict[str, object]:
        return {"name": self.name, "value": self.value, "citations": list(self.citations)}


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """One sentence with the marks of its citations; `section` is the heading it stands under in the
    document, `part` the section of the template that it belongs to, or ""."""

    text: str
    citations: tuple[int, ...]
    status: SentenceStatus
    section: str = ""
    part: str = ""

    def as_dict(self) -> dict[str, object]:
        return {
            "text": self.text,
            "citations": list(self.citations),
            "status": self.status,
            "section": self.section,
            "part": self.part,
        }


@dataclass(frozen=True, slots=True)
class PageCoverage:
    """What became of each page of a document, by its number from 1, each in one of these.

    used: quoted by a sentence or a fact. read: read, and not quoted. empty: without any text.
    unreadable: no text could be had of it, and why in one English sentence; kind as in Unreadable.
    """

    used: tuple[int, ...] = ()
    read: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()
    reason: str = ""
    kind: str = ""

    @property
    def total(self) -> int:
        return len(self.used) + len(self.read) + len(self.empty) + len(self.unreadable)

    def as_dict(self) -> dict[str, object]:
        return {
            "total": self.total,
            "used": list(self.used),
            "read": list(self.read),
            "empty": list(self.empty),
            "unreadable": list(self.unreadable),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """What one document says, in its order.

    sections and covered: how many sections it has, and how many of them the sentences come from.
    pages: what became of each; None for a format without pages.
    template, fields: by whose rules it was asked, and what it was asked for; the values cite as facts do.
    unread: pages and attachments that could not be read, in words, or an empty string.
    reused: kept from an earlier run, because neither the document nor what summarizes it changed.
    said_in: the language that was asked for, ISO 639-1; "" for the document's own. missing: what `unread`
    tells in words.
    """

    document: str
    sha256: str
    title: str
    kind: str
    language: str
    date: str
    style: str
    model: str
    facts: tuple[KeyFact, ...]
    sentences: tuple[SummarySentence, ...]
    citations: tuple[Citation, ...]
    sections: int
    covered: int
    unread: str = ""
    reused: bool = False
    pages: PageCoverage | None = None
    template: str = ""
    fields: tuple[SummaryField, ...] = ()
    said_in: str = ""
    missing: tuple[Unreadable, ...] = ()

    @property
    def told_in(self) -> str:
        """The language of what is said of it; "" where none is known."""
        return self.said_in or self.language

    def as_dict(self) -> dict[str, object]:
        plain = ("document", "sha256", "title", "kind", "language", "date", "style", "model")
        return {
            "version": 1,
            **{name: getattr(self, name) for name in plain},
            "template": self.template,
            "fields": [field.as_dict() for field in self.fields],
            **_body(self.facts, self.sentences, self.citations),
            "sections": self.sections,
            "covered": self.covered,
            "pages": None if self.pages is None else self.pages.as_dict(),
            "unread": self.unread,
            "reused": self.reused,
        }


@dataclass(frozen=True, slots=True)
class FolderSummary:
    """What the documents say together; its citations name their documents."""

    facts: tuple[KeyFact, ...]
    sentences: tuple[SummarySentence, ...]
    citations: tuple[Citation, ...]
    style: str
    model: str

    def as_dict(self) -> dict[str, object]:
        return {
            **_body(self.facts, self.sentences, self.citations),
            "style": self.style,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """Summaries of a pipeline's documents and of all of them together.

    focus: the question they were made for, or an empty string. folder: None if only single
    documents were asked for. unreadable: what could not be read and so is in none of them.
    said_in: the language that was asked for, ISO 639-1; "" for the documents' own.
    documents: a tuple, or where they are written to a folder what reads each when it is its turn.
    """

    pipeline: str
    focus: str
    generation: int
    folder: FolderSummary | None
    documents: Sequence[DocumentSummary]
    unreadable: tuple[Unreadable, ...]
    seconds: float
    said_in: str = ""

    @property
    def told_in(self) -> str:
        """The language of what is said of all of them: that of most; "" where none is known."""
        if self.said_in:
            return self.said_in
        counts = Counter(document.language for document in self.documents if document.language)
        return max(counts, key=lambda each: (counts[each], each == "en"), default="")

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "focus": self.focus,
            "generation": self.generation,
            "unreadable": [item.as_dict() for item in self.unreadable],
            "folder": None if self.folder is None else self.folder.as_dict(),
            "documents": [document.as_dict() for document in self.documents],
            "seconds": round(self.seconds, 3),
        }


def _body(
    facts: tuple[KeyFact, ...],
    sentences: tuple[SummarySentence, ...],
    citations: tuple[Citation, ...],
) -> dict[str, object]:
    return {
        "facts": [fact.as_dict() for fact in facts],
        "sentences": [sentence.as_dict() for sentence in sentences],
        "citations": [citation.as_dict() for citation in citations],
    }


@dataclass(frozen=True, slots=True)
class SummaryPlan:
    """What summarizing would do. documents: to be summarized; reused: of them kept from before.

    seconds: about how long the rest takes, None where nothing is to be made. basis: what tells it:
    "runs", what summarizing documents of this pipeline took before on this machine; "sample", some that
    were summarized now without keeping it; "" for nothing. measured_on: how many documents those were.
    """

    pipeline: str
    documents: int
    reused: int
    unreadable: int
    style: str
    seconds: float | None = None
    basis: Literal["runs", "sample", ""] = ""
    measured_on: int = 0

    @property
    def to_make(self) -> int:
        return self.documents - self.reused

    def as_dict(self) -> dict[str, object]:
        rounded = None if self.seconds is None else round(self.seconds, 1)
        figures = {**asdict(self), "to_make": self.to_make, "seconds": rounded}
        return {"version": 1, **figures}
