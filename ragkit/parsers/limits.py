"""What one document may cost, and how a parser reads the documents inside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ragkit.errors import UnreadableDocument
from ragkit.parsers.ocr import NO_OCR, Ocr
from ragkit.types import ParsedChild, ParsedDocument

SPLIT_HINT = "split the file into smaller ones"


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits on reading one file with everything inside it. Exceeding one makes the file unreadable."""

    memory_bytes: int = 1_500_000_000
    """Address space of the process that reads it."""
    wall_seconds: float = 60.0
    characters: int = 50_000_000
    """Text of the file and of its children together."""
    file_bytes: int = 500_000_000
    archive_members: int = 10_000
    archive_bytes: int = 200_000_000
    """Unpacked size of a .docx, .xlsx or .pptx, which are ZIP archives."""
    child_depth: int = 4
    """How deep attachments are followed: a mail in a mail in a mail is 2."""
    children: int = 1_000

    def check_characters(self, count: int) -> None:
        """Raises UnreadableDocument when `count` characters are too many."""
        if count > self.characters:
            message = f"It holds more than {self.characters:,} characters of text."
            raise UnreadableDocument(message, kind="too_large", hint=SPLIT_HINT)


ReadChild = Callable[[bytes, str, "Reading"], ParsedDocument]


@dataclass(frozen=True, slots=True)
class Reading:
    """The document being read: its limits, and the ways to read what is attached or only a picture."""

    limits: ParseLimits
    read_document: ReadChild
    depth: int = 0
    ocr: Ocr = NO_OCR

    def child(self, name: str, data: bytes, read: ReadChild | None = None) -> ParsedChild:
        """`data` read as a document of its own; what cannot be read is a child with a reason.

        read: what reads it, where that is not told by its name and content.
        """
        try:
            if self.depth >= self.limits.child_depth:
                message = f"It is attached more than {self.limits.child_depth} levels deep."
                raise UnreadableDocument(message, kind="too_large")
            deeper = replace(self, depth=self.depth + 1)
            document = (read or self.read_document)(data, name, deeper)
        except UnreadableDocument as error:
            return unread_child(name, data, error.message, error.kind)
        return ParsedChild(name, hashlib.sha256(data).hexdigest(), len(data), document=document)


@contextmanager
def told_as_damage(reader: str) -> Iterator[None]:
    """Whatever goes wrong within is told as an UnreadableDocument; only MemoryError passes.

    reader: the name of the format for the message.
    """
    try:
        yield
    except (UnreadableDocument, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - readers raise anything on a broken file
        # Their messages can hold words of the document, so only the kind of error is told.
        message = f"It is damaged: its {reader} reader failed ({type(error).__name__})."
        raise UnreadableDocument(message) from None


def unread_child(name: str, data: bytes, reason: str, kind: str) -> ParsedChild:
    """A child that is known not to be readable."""
    digest = hashlib.sha256(data).hexdigest()
    return ParsedChild(name, digest, len(data), reason=reason, kind=kind)
