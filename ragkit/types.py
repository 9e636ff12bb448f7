"""The words of ragkit as immutable values. No value here opens a file or a connection.

All offsets are in Unicode characters, start included, end excluded, into the document's text:
the concatenation of its pages' texts. For .txt, .md and .csv that text is the file decoded,
newlines untouched, so offsets are the file's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

READ_AS_FILE = "file"
READ_TEXT_LAYER = "text layer"

ReadAs = str
"""How a page's text was obtained: READ_AS_FILE, READ_TEXT_LAYER (later: "ocr")."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `number` is 1-based, or None where the format has no pages (then there is one Page)."""

    number: int | None
    start: int
    text: str
    read_as: ReadAs = READ_AS_FILE

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the document. `level` is 1 for the outermost; the span covers its words."""

    start: int
    end: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """A page of an otherwise readable document that gave no text, with the reason."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedChild:
    """An attachment or archive member. Exactly one of `document` and `reason` is set."""

    name: str
    sha256: str
    size: int
    document: ParsedDocument | None = None
    reason: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser makes of one file. Pages are contiguous: page[i].end == page[i+1].start."""

    pages: tuple[Page, ...]
    headings: tuple[Heading, ...] = ()
    title: str = ""
    unread_pages: tuple[UnreadPage, ...] = ()
    children: tuple[ParsedChild, ...] = ()

    @property
    def text(self) -> str:
        return "".join(page.text for page in self.pages)


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What can be told about a document by rule, from its text alone (never from its file name).

    kind: "contract", "letter", ... or "". language: ISO 639-1 or "". names: parties or patients.
    date: ISO date of the document or "".
    """

    title: str = ""
    kind: str = ""
    language: str = ""
    names: tuple[str, ...] = ()
    date: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded: `header` (never quoted) and the document's text from start to end.

    `heading` is the section path shown to people, e.g. "8 Liability > 8.2 Cap".
    """

    ordinal: int
    start: int
    end: int
    heading: str
    header: str


@dataclass(frozen=True, slots=True)
class ChunkedDocument:
    """Chunks in reading order, and the sentences (in reading order, not overlapping) they are made of."""

    facts: DocumentFacts
    chunks: tuple[Chunk, ...]
    sentences: tuple[Span, ...]


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

    context: what names its document: path, title, parties or patient, date.
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


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that stands, byte for byte, in `document` (with that sha256) from start to end."""

    mark: int
    document: str
    sha256: str
    page: int | None
    start: int
    end: int
    quote: str

    def as_dict(self) -> dict[str, object]:
        return {
            "mark": self.mark,
            "document": self.document,
            "sha256": self.sha256,
            "page": self.page,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
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
class Unreadable:
    """A document, or pages of it, that could not be read."""

    document: str
    reason: str

    def as_dict(self) -> dict[str, object]:
        return {"document": self.document, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the corpus stands behind an answer."""

    documents: int
    searched: int
    unreadable: tuple[Unreadable, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "documents": self.documents,
            "searched": self.searched,
            "unreadable": [item.as_dict() for item in self.unreadable],
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages for a question, best first."""

    question: str
    passages: tuple[Passage, ...]
    seconds: float

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "question": self.question,
            "passages": [passage.as_dict() for passage in self.passages],
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
    nearest: tuple[Passage, ...] = ()
    signals: tuple[tuple[str, float], ...] = field(default=())

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
            "question": self.question,
            "outcome": self.outcome,
            "candidates": list(self.candidates),
            "nearest": [passage.as_dict() for passage in self.nearest],
            "style": self.style,
            "text": self.text,
            "sentences": [sentence.as_dict() for sentence in self.sentences],
            "citations": [citation.as_dict() for citation in self.citations],
            "coverage": self.coverage.as_dict(),
            "model": self.model,
            "generation": self.generation,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """How far long work has come: `done` of `total` (0: not known), with the current figure beside it."""

    stage: str
    done: int
    total: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest did. Counts are of files; attachments count with their mail.

    remade: shown anew from kept text because settings or versions changed.
    unreadable: everything in quarantine now; new_failures: the paths that were not there before.
    notes: what else a person should know.
    """

    pipeline: str
    generation: int
    added: int
    changed: int
    remade: int
    renamed: int
    removed: int
    unchanged: int
    files_read: int
    embedded: int
    documents: int
    chunks: int
    unreadable: tuple[Unreadable, ...]
    new_failures: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def figures(self) -> dict[str, object]:
        """What is remembered of a run: no file names and no text."""
        counts = {"unreadable": len(self.unreadable), "new_failures": len(self.new_failures)}
        figures = {name: getattr(self, name) for name in INGEST_FIGURES}
        return {**figures, **counts, "seconds": round(self.seconds, 3)}

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            **{name: getattr(self, name) for name in INGEST_FIGURES},
            "notes": list(self.notes),
            "unreadable": [item.as_dict() for item in self.unreadable],
            "new_failures": list(self.new_failures),
            "seconds": round(self.seconds, 3),
        }


INGEST_FIGURES = (
    "pipeline",
    "generation",
    "added",
    "changed",
    "remade",
    "renamed",
    "removed",
    "unchanged",
    "files_read",
    "embedded",
    "documents",
    "chunks",
)


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What an ingest would do, told from sizes and times alone."""

    pipeline: str
    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "new": list(self.new),
            "changed": list(self.changed),
            "removed": list(self.removed),
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """What `status` shows. generation: 0 while nothing is published; isolation: level and reason."""

    pipeline: str
    description: str
    folders: tuple[str, ...]
    documents: int
    chunks: int
    generation: int
    published: str
    quarantined: int
    embedder: str
    generator: str
    isolation: str
    unreadable: tuple[Unreadable, ...] = ()

    def as_dict(self) -> dict[str, object]:
        names = [name for name in self.__slots__ if name not in ("folders", "unreadable")]
        return {
            **{name: getattr(self, name) for name in names},
            "folders": list(self.folders),
            "unreadable": [item.as_dict() for item in self.unreadable],
        }


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One ingest as it is remembered: figures only, no text and no file names."""

    id: int
    started: str
    finished: str
    outcome: str
    figures: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}

    def in_words(self) -> str:
        names = ("added", "changed", "removed", "unchanged", "embedded")
        figures = ", ".join(
            f"{self.figures[name]} {name}" for name in names if name in self.figures
        )
        return f"{self.id}  {self.started}  {self.outcome}  {figures}".rstrip()
