"""A ParserPool for tests: reads UTF-8 text in this process, fails where the text asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ragkit.parsers.names import child_names
from ragkit.protocols import OnPage, ParseOutcome, ParseRequest
from ragkit.types import (
    NEEDS_OCR,
    READ_AS_FILE,
    READ_OCR,
    Page,
    ParsedChild,
    ParsedDocument,
    UnreadPage,
)

PAGE_BREAK = "\f"
CHILD = "ATTACHED "
REFUSE = "UNREADABLE"
SCANNED = "SCANNED"
LOCKED = "LOCKED "


@dataclass(slots=True)
class TextParserPool:
    """Form feeds part pages; a file that begins with UNREADABLE cannot be read, nor one that begins
    with "LOCKED password" unless that comes with the request; a line
    "ATTACHED name text" is an attachment; a page that begins with SCANNED is read if there is an
    `ocr`, with a confidence of one half. `parsed` lists what was asked for, in order."""

    version: str = "1"
    ocr: str = ""
    parsed: list[str] = field(default_factory=list)
    closed: bool = False

    def fingerprint(self, suffix: str) -> str:
        return f"text {self.version}"

    def ocr_fingerprint(self) -> str:
        return self.ocr

    def ocr_notes(self) -> tuple[str, ...]:
        return ()

    def parse_all(
        self, requests: Iterable[ParseRequest], on_page: OnPage | None = None
    ) -> Iterator[ParseOutcome]:
        for request in requests:
            self.parsed.append(request.key)
            data = request.path.read_bytes()
            yield self._outcome(request.key, data, request.passwords)

    def _outcome(self, key: str, data: bytes, passwords: Sequence[str]) -> ParseOutcome:
        digest = sha256(data).hexdigest()
        text = data.decode("utf-8")
        if text.startswith(REFUSE):
            return ParseOutcome(key, digest, "text", 0.0, reason="it says so", kind="damaged")
        if _is_locked(text, passwords):
            return ParseOutcome(key, digest, "text", 0.0, reason="it is locked", kind="password")
        return ParseOutcome(
            key, digest, "text", 0.0, document=parse_text(text, self.ocr, passwords)
        )

    def close(self) -> None:
        self.closed = True


def _is_locked(text: str, passwords: Sequence[str]) -> bool:
    """The word after LOCKED is the password."""
    return text.startswith(LOCKED) and text.removeprefix(LOCKED).split()[0] not in passwords


def parse_text(text: str, ocr: str = "", passwords: Sequence[str] = ()) -> ParsedDocument:
    """Pages and attachments of a text, as TextParserPool describes."""
    lines = text.split("\n")
    children = [line.removeprefix(CHILD) for line in lines if line.startswith(CHILD)]
    parts = "\n".join(line for line in lines if not line.startswith(CHILD)).split(PAGE_BREAK)
    pages, unread, start = [], [], 0
    for number, part in enumerate(parts, start=1):
        scanned = part.startswith(SCANNED)
        if scanned and not ocr:
            unread.append(UnreadPage(number, "it is a scan", NEEDS_OCR))
            continue
        shown = number if len(parts) > 1 else None
        read_as, confidence = (READ_OCR, 0.5) if scanned else (READ_AS_FILE, None)
        pages.append(Page(shown, start, part, read_as, confidence))
        start += len(part)
    names = child_names(line.partition(" ")[0] for line in children)
    attached = (_child(*pair, passwords) for pair in zip(names, children, strict=True))
    return ParsedDocument(tuple(pages), unread_pages=tuple(unread), children=tuple(attached))


def _child(name: str, line: str, passwords: Sequence[str]) -> ParsedChild:
    text = line.partition(" ")[2]
    digest = sha256(text.encode()).hexdigest()
    if text.startswith(REFUSE):
        return ParsedChild(name, digest, len(text), reason="it says so", kind="damaged")
    if _is_locked(text, passwords):
        return ParsedChild(name, digest, len(text), reason="it is locked", kind="password")
    return ParsedChild(name, digest, len(text), document=parse_text(text))
