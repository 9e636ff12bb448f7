"""E-mail messages (.eml): headers, every inline text part, and attachments as documents of their own."""

from __future__ import annotations

import codecs
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from ragkit.errors import UnreadableDocument
from ragkit.parsers import elements, html
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.limits import Reading, unread_child
from ragkit.parsers.names import child_names
from ragkit.parsers.text import decode
from ragkit.types import ParsedChild, ParsedDocument

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
_KNOWN_HEADERS = (*SHOWN_HEADERS, "Received", "Message-ID", "MIME-Version", "Return-Path")
ENCRYPTED = "The message is encrypted; only its headers can be read."
_SAME_WORDS = 0.7
"""Share of the plain text's words that the HTML must hold to stand for it."""
_TAGS = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Attachment:
    """A part with a document in it. `reason` is set where it is known that it cannot be read."""

    name: str
    data: bytes
    reason: str = ""


def preload() -> None:
    elements.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The message with its headers as first lines; attachments and attached messages as children."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data[:200]:
        data = decode(data).lstrip("\ufeff").encode("utf-8")
    message = message_from_bytes(data.lstrip(), policy=policy.compat32)
    if not any(message.get(header) for header in _KNOWN_HEADERS):
        raise UnreadableDocument("It is not an e-mail message: it has no headers.")
    assembler = Assembler(reading.limits)
    for header in SHOWN_HEADERS:
        value = ", ".join(header_text(value) for value in message.get_all(header, []))
        if value.strip():
            assembler.add("row", f"{header}: {value}")
    attachments = []
    for part in _parts(message):
        if isinstance(part, _Attachment):
            attachments.append(part)
        elif part.get_content_type() == "text/html":
            html.add_page(_html_text(part), assembler)
        else:
            assembler.add("paragraph", _plain_text(part))
    children = tuple(_read_attachments(attachments, reading))
    return assembler.document(title=header_text(message.get("Subject", "")), children=children)


def header_text(value: object) -> str:
    """A header's value with its encoded words decoded and its folds undone."""
    text = str(value)
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return " ".join(text.split())
    decoded = [
        piece if isinstance(piece, str) else _decode_as(piece, encoding)
        for piece, encoding in pieces
    ]
    return " ".join("".join(decoded).split())


def _decode_as(data: bytes, encoding: str | None) -> str:
    """By the encoding stated if it holds, else by the bytes themselves."""
    try:
        return data.decode(encoding or "ascii")
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _parts(part: Message) -> Iterator[Message | _Attachment]:
    """Inline texts and attachments in order; of alternatives the richest."""
    kind = part.get_content_type()
    if kind == "multipart/encrypted" or kind.startswith("application/pkcs7-mime"):
        yield _Attachment("encrypted message", _content(part), ENCRYPTED)
    elif kind == "message/rfc822":
        yield from _attached_messages(part)
    elif kind == "multipart/alternative":
        for chosen in _chosen(_subparts(part)):
            yield from _parts(chosen)
    elif part.is_multipart():
        for subpart in _subparts(part):
            yield from _parts(subpart)
    elif _is_inline_text(part):
        yield part
    elif not _is_decoration(part):
        yield _Attachment(_attachment_name(part), _content(part))


def _subparts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [item for item in payload if isinstance(item, Message)] if part.is_multipart() else []


def _attached_messages(part: Message) -> Iterator[_Attachment]:
    for message in _subparts(part):
        subject = header_text(message.get("Subject", "")) or "message"
        yield _Attachment(f"{subject.replace('/', '-')}.eml", message.as_bytes())


def _chosen(options: list[Message]) -> list[Message]:
    """HTML keeps tables and headings, so it is taken; the plain text too where it says other things."""
    plain = next((option for option in options if option.get_content_type() == "text/plain"), None)
    others = [option for option in options if option is not plain]
    rich = next((option for option in others if _html_below(option) is not None), None)
    if plain is None or rich is None:
        return [plain] if plain is not None else others[-1:]
    marked_up = _html_below(rich)
    shown = set() if marked_up is None else _words(_TAGS.sub(" ", _html_text(marked_up)))
    if not shown:
        return [plain]
    told = _words(_plain_text(plain))
    return [rich] if len(told & shown) >= _SAME_WORDS * len(told) else [plain, rich]


def _html_below(part: Message) -> Message | None:
    return next((below for below in part.walk() if below.get_content_type() == "text/html"), None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _is_inline_text(part: Message) -> bool:
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return is_text and part.get_content_disposition() != "attachment" and not part.get_filename()


def _is_decoration(part: Message) -> bool:
    """A picture shown within the text (a logo), or a signature: not a document of its own."""
    kind = part.get_content_type()
    shown_inside = part.get_content_disposition() != "attachment" and "Content-ID" in part
    return (kind.startswith("image/") and shown_inside) or kind in (
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    )


def _attachment_name(part: Message) -> str:
    name = header_text(part.get_filename() or "")
    if name:
        return name
    suffix = mimetypes.guess_extension(part.get_content_type()) or ""
    return f"attachment{suffix}"


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _plain_text(part: Message) -> str:
    return _decode_as(_content(part), part.get_content_charset())


def _html_text(part: Message) -> str:
    charset = part.get_content_charset()
    return _decode_as(_content(part), charset) if charset else html.decode_html(_content(part))


def _read_attachments(attachments: list[_Attachment], reading: Reading) -> Iterator[ParsedChild]:
    kept = attachments[: reading.limits.children]
    names = child_names(attachment.name for attachment in kept)
    for name, attachment in zip(names, kept, strict=True):
        if attachment.reason:
            yield unread_child(name, attachment.data, attachment.reason, "password")
        else:
            yield reading.child(name, attachment.data)
