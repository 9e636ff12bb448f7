"""Summaries: of a document, and of a folder of them. Every sentence points at its citations."""

from __future__ import annotations

from dataclasses import dataclass

from ragkit.types.answers import Citation, SentenceStatus, Unreadable


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
    """One sentence with the marks of its citations; `section` is the heading it stands under."""

    text: str
    citations: tuple[int, ...]
    status: SentenceStatus
    section: str = ""

    def as_dict(self) -> dict[str, object]:
        return {
            "text": self.text,
            "citations": list(self.citations),
            "status": self.status,
            "section": self.section,
        }


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """What one document says, in its order.

    sections and covered: how many sections it has, and how many of them the sentences come from.
    unread: pages that could not be read, in words, or an empty string.
    reused: kept from an earlier run, because neither the document nor what summarizes it changed.
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

    def as_dict(self) -> dict[str, object]:
        plain = ("document", "sha256", "title", "kind", "language", "date", "style", "model")
        return {
            "version": 1,
            **{name: getattr(self, name) for name in plain},
            **_body(self.facts, self.sentences, self.citations),
            "sections": self.sections,
            "covered": self.covered,
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
    """

    pipeline: str
    focus: str
    generation: int
    folder: FolderSummary | None
    documents: tuple[DocumentSummary, ...]
    unreadable: tuple[Unreadable, ...]
    seconds: float

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
