"""A message of any mail program as a document: headers first, what was written, what is attached."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

from ragkit.parsers import html
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.limits import ReadChild, Reading, unread_child
from ragkit.parsers.names import child_names
from ragkit.parsers.text import decode
from ragkit.types import ParsedChild, ParsedDocument

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
"""The first lines of a message's text; by "From:" and "Subject:" it is known as a mail later on."""
ENCRYPTED = "The message is encrypted; only its headers can be read."
_SAME_WORDS = 0.7
"""Share of the plain text's words that the HTML must hold to stand for it."""
_TAGS = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """A text of the message itself."""

    text: str
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document within a message.

    reason, kind: why it cannot be read, where that is known. read: what reads a message that is kept
    inside another one and is no file of its own.
    """

    name: str
    data: bytes
    reason: str = ""
    kind: str = "password"
    read: ReadChild | None = None


def document_of(
    headers: dict[str, str],
    bodies: Sequence[Body],
    attachments: Sequence[Attachment],
    reading: Reading,
) -> ParsedDocument:
    """The message as a document, its attachments as children. `headers` by the names shown."""
    assembler = Assembler(reading.limits)
    for header in SHOWN_HEADERS:
        value = headers.get(header, "").strip()
        if value:
            assembler.add("row", f"{header}: {value}")
    for body in bodies:
        if body.is_html:
            html.add_page(body.text, assembler)
        else:
            assembler.add("paragraph", body.text)
    reading.spent.characters += assembler.length
    children = tuple(_read_attachments(attachments, reading))
    return assembler.document(title=headers.get("Subject", ""), children=children)


def _read_attachments(attachments: Sequence[Attachment], reading: Reading) -> Iterator[ParsedChild]:
    names = child_names(attachment.name for attachment in attachments)
    for name, attachment in zip(names, attachments, strict=True):
        if attachment.reason:
            yield unread_child(name, attachment.data, attachment.reason, attachment.kind)
        else:
            yield reading.child(name, attachment.data, attachment.read)


def kept_alternatives(plain: str, marked_up: str) -> tuple[bool, bool]:
    """Which of two versions of one message are told: (the plain one, the HTML one).

    HTML keeps tables and headings, so it is taken; the plain text too where it says other things.
    """
    shown = _words(_TAGS.sub(" ", marked_up))
    if not shown:
        return True, False
    told = _words(plain)
    return len(told & shown) < _SAME_WORDS * len(told), True


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def header_text(value: object) -> str:
    """A header's value with its encoded words decoded and its folds undone."""
    text = str(value)
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return " ".join(text.split())
    decoded = [
        piece if isinstance(piece, str) else decode_as(piece, encoding)
        for piece, encoding in pieces
    ]
    return " ".join("".join(decoded).split())


def decode_as(data: bytes, encoding: str | None) -> str:
    """By the encoding stated if it holds, else by the bytes themselves."""
    try:
        return data.decode(encoding or "ascii")
    except (LookupError, UnicodeDecodeError):
        return decode(data)
