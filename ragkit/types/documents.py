"""Documents: what a parser makes of a file, and what a chunker makes of that."""

from __future__ import annotations

from dataclasses import dataclass

READ_AS_FILE = "file"
READ_TEXT_LAYER = "text layer"
READ_PYPDF = "text layer (pypdf)"
READ_OCR = "ocr"

ReadAs = str
"""How a page's text was obtained: READ_AS_FILE, READ_TEXT_LAYER, READ_PYPDF or READ_OCR."""

DOUBTFUL = 0.8
"""A page read with less confidence is listed in reports: of OCR, a fifth of its words is wrong."""

NEEDS_OCR = "needs_ocr"
"""The kind of a failure that character recognition may mend: a page or an image without text."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of characters of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `number` is 1-based, or None where the format has no pages (then there is one Page).

    Of blank pages, on which nothing stands, only the last of a document is a Page, with an empty text.

    confidence: 0 to 1: of OCR how sure the recognition is, of a text layer its quality; None where
    there is no doubt, as in a text file.
    """

    number: int | None
    start: int
    text: str
    read_as: ReadAs = READ_AS_FILE
    confidence: float | None = None

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
    """A page of an otherwise readable document that gave no text, with the reason.

    kind: NEEDS_OCR or an empty string.
    """

    number: int
    reason: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Text that a reader of the page cannot see. It is no part of the document's text, only counted.

    kind: how it is hidden, in words for a person: "white on white", "tiny", "off the page", "behind an
    image", "hidden by its format", or "invisible characters" (these stay where a text file has them,
    since citations count its characters, and are left out of what is searched and given to a model).
    """

    page: int | None
    kind: str
    characters: int


@dataclass(frozen=True, slots=True)
class Fenced:
    """A stretch of a document's text that reads like an instruction to a machine: no evidence.

    kinds: the reasons, in words for a person, the first in the stretch first.
    """

    start: int
    end: int
    kinds: tuple[str, ...]


CELL_SEPARATOR = " | "
"""Between the cells of a table's row."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the document's text, one line for each row, cells separated by " | ".

    The span covers all its rows; `columns` the row with the headings of its columns, if it has one.
    """

    start: int
    end: int
    columns: Span | None = None


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
    hidden: tuple[HiddenText, ...] = ()
    tables: tuple[Table, ...] = ()

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
