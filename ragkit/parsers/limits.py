"""What one document may cost, and how a parser reads the documents inside it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ragkit.errors import LOCKED, UnreadableDocument
from ragkit.parsers.ocr import NO_OCR, Ocr
from ragkit.settings import ParsingSettings
from ragkit.types import ParsedChild, ParsedDocument

SPLIT_HINT = "split the file into smaller ones"
TOO_LARGE = "too_large"
PASSWORD = "password"
_MB = 1_000_000
_LAST_CHILD_AT = 0.8
"""Share of the time after which no further child is begun: what was read by then is not lost."""


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits on reading one file with everything inside it. Exceeding one makes the file unreadable.

    Each but archive_members is a setting below `parsing` in pipelines.yaml, which the message names.
    """

    memory_bytes: int = 1_500_000_000
    """Address space of the process that reads it."""
    wall_seconds: float = 60.0
    cpu_seconds: float = 60.0
    """Processor time; each page that is recognised adds to both times."""
    characters: int = 50_000_000
    """Text of the file and of its children together."""
    file_bytes: int = 500_000_000
    archive_members: int = 10_000
    """Parts of a .docx, .xlsx or .pptx, and entries of a .zip that are looked at at all."""
    archive_bytes: int = 200_000_000
    """Unpacked size of a .docx, .xlsx or .pptx, which are ZIP archives, or of all in a .zip."""
    child_depth: int = 4
    """How deep attachments are followed: a mail in a mail in a mail is 2."""
    children: int = 1_000

    @classmethod
    def of(cls, parsing: ParsingSettings) -> ParseLimits:
        """The limits that the settings of a pipeline ask for."""
        return cls(
            memory_bytes=parsing.memory_mb * _MB,
            wall_seconds=parsing.seconds,
            cpu_seconds=parsing.cpu_seconds or parsing.seconds,
            characters=parsing.text_mb * _MB,
            file_bytes=parsing.file_mb * _MB,
            archive_bytes=parsing.unpacked_mb * _MB,
            child_depth=parsing.depth,
            children=parsing.members,
        )

    def check_characters(self, count: int) -> None:
        """Raises UnreadableDocument when `count` characters are too many."""
        if count > self.characters:
            message = (
                f"It holds more than {self.characters:,} characters of text: {raise_it('text_mb')}."
            )
            raise UnreadableDocument(message, kind=TOO_LARGE, hint=SPLIT_HINT)


def raise_it(name: str) -> str:
    """What a person can do about a limit. name: of its setting."""
    return f"raise parsing.{name} in pipelines.yaml to read it"


@dataclass(slots=True)
class Spent:
    """What a file and everything inside it have taken so far, shared by all who read a part of it."""

    unpacked: int = 0
    """Bytes that came out of archives."""
    children: int = 0
    characters: int = 0
    """Text of what was read and kept."""
    began: float = field(default_factory=lambda: time.process_time())


ReadChild = Callable[[bytes, str, "Reading"], ParsedDocument]


@dataclass(frozen=True, slots=True)
class Reading:
    """The document being read: its limits, and the ways to read what is attached or only a picture.

    passwords: tried where the document or one inside it asks for one.
    """

    limits: ParseLimits
    read_document: ReadChild
    depth: int = 0
    ocr: Ocr = NO_OCR
    passwords: tuple[str, ...] = field(default=(), repr=False)
    spent: Spent = field(default_factory=Spent)

    def child(self, name: str, data: bytes, read: ReadChild | None = None) -> ParsedChild:
        """`data` read as a document of its own; what cannot be read is a child with a reason.

        read: what reads it, where that is not told by its name and content.
        """
        try:
            self.begin_child()
        except UnreadableDocument as error:
            return unread_child(name, data, error.message, error.kind)
        return self.begun_child(name, data, read)

    def begun_child(self, name: str, data: bytes, read: ReadChild | None = None) -> ParsedChild:
        """The same for a document that `begin_child` has let in."""
        before = self.spent.characters
        try:
            deeper = replace(self, depth=self.depth + 1)
            document = (read or self.read_document)(data, name, deeper)
            self.limits.check_characters(before + characters_of(document))
        except UnreadableDocument as error:
            # What is given up counts no longer: one does not take the place of the others.
            self.spent.characters = before
            return unread_child(name, data, error.message, error.kind)
        except MemoryError:
            self.spent.characters = before
            return unread_child(name, data, out_of_memory(self.limits), "memory")
        self.spent.characters = before + characters_of(document)
        return ParsedChild(name, hashlib.sha256(data).hexdigest(), len(data), document=document)

    def begin_child(self) -> None:
        """Count one more document inside the file. Raises UnreadableDocument where that is too many."""
        limits = self.limits
        self.spent.children += 1
        if self.depth >= limits.child_depth:
            message = f"It lies more than {limits.child_depth} levels deep: {raise_it('depth')}."
            raise UnreadableDocument(message, kind=TOO_LARGE)
        if self.spent.children > limits.children:
            message = (
                f"It comes after {limits.children:,} others in one file: {raise_it('members')}."
            )
            raise UnreadableDocument(message, kind=TOO_LARGE)
        if time.process_time() - self.spent.began > _LAST_CHILD_AT * limits.cpu_seconds:
            name = "cpu_seconds" if limits.cpu_seconds < limits.wall_seconds else "seconds"
            message = f"The time for the file it is in was used up: {raise_it(name)}."
            raise UnreadableDocument(message, kind="timeout")


def characters_of(document: ParsedDocument) -> int:
    """Of its text and of that of all documents inside it."""
    children = (child.document for child in document.children if child.document)
    return sum(len(page.text) for page in document.pages) + sum(map(characters_of, children))


def out_of_memory(limits: ParseLimits) -> str:
    most = f"{limits.memory_bytes // 1_000_000:,} MB"
    return f"It needs more than {most} of memory to be read: {raise_it('memory_mb')}."


def needs_password(tried: int) -> UnreadableDocument:
    """What a document is refused with that is encrypted; tried: passwords that did not open it."""
    if not tried:
        return UnreadableDocument(f"{LOCKED}.", kind=PASSWORD)
    given = "the one given does not open it" if tried == 1 else f"none of {tried} given opens it"
    return UnreadableDocument(f"{LOCKED}, and {given}.", kind=PASSWORD)


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
