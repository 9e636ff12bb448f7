"""E-mail messages (.eml): headers, every inline text part, and attachments as documents of their own."""

from __future__ import annotations

import codecs
import mimetypes
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message

from ragkit.errors import UnreadableDocument
from ragkit.parsers import elements
from ragkit.parsers.limits import Reading
from ragkit.parsers.markup import decode_markup
from ragkit.parsers.message import (
    ENCRYPTED,
    SHOWN_HEADERS,
    Attachment,
    Body,
    decode_as,
    document_of,
    header_text,
    kept_alternatives,
)
from ragkit.parsers.text import decode
from ragkit.types import ParsedDocument

_KNOWN_HEADERS = (*SHOWN_HEADERS, "Received", "Message-ID", "MIME-Version", "Return-Path")


def preload() -> None:
    elements.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The message with its headers as first lines; attachments and attached messages as children."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data[:200]:
        data = decode(data).lstrip("\ufeff").encode("utf-8")
    message = message_from_bytes(data.lstrip(), policy=policy.compat32)
    if not any(message.get(header) for header in _KNOWN_HEADERS):
        raise UnreadableDocument("It is not an e-mail message: it has no headers.")
    bodies: list[Body] = []
    attachments: list[Attachment] = []
    for part in _parts(message):
        if isinstance(part, Attachment):
            attachments.append(part)
        elif part.get_content_type() == "text/html":
            bodies.append(Body(_html_text(part), is_html=True))
        else:
            bodies.append(Body(_plain_text(part)))
    return document_of(_shown_headers(message), bodies, attachments, reading)


def _shown_headers(message: Message) -> dict[str, str]:
    return {
        header: ", ".join(header_text(value) for value in message.get_all(header, []))
        for header in SHOWN_HEADERS
    }


def _parts(part: Message) -> Iterator[Message | Attachment]:
    """Inline texts and attachments in order; of alternatives the richest."""
    kind = part.get_content_type()
    if kind == "multipart/encrypted" or kind.startswith("application/pkcs7-mime"):
        yield Attachment("encrypted message", _content(part), ENCRYPTED)
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
        yield Attachment(_attachment_name(part), _content(part))


def _subparts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [item for item in payload if isinstance(item, Message)] if part.is_multipart() else []


def _attached_messages(part: Message) -> Iterator[Attachment]:
    for message in _subparts(part):
        subject = header_text(message.get("Subject", "")) or "message"
        yield Attachment(f"{subject.replace('/', '-')}.eml", message.as_bytes())


def _chosen(options: list[Message]) -> list[Message]:
    """Of alternatives the richest, and the plain text too where it says other things."""
    plain = next((option for option in options if option.get_content_type() == "text/plain"), None)
    others = [option for option in options if option is not plain]
    rich = next((option for option in others if _html_below(option) is not None), None)
    if plain is None or rich is None:
        return [plain] if plain is not None else others[-1:]
    marked_up = _html_below(rich)
    shown = "" if marked_up is None else _html_text(marked_up)
    kept = kept_alternatives(_plain_text(plain), shown)
    return [option for option, is_kept in zip((plain, rich), kept, strict=True) if is_kept]


def _html_below(part: Message) -> Message | None:
    return next((below for below in part.walk() if below.get_content_type() == "text/html"), None)


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
    return decode_as(_content(part), part.get_content_charset())


def _html_text(part: Message) -> str:
    charset = part.get_content_charset()
    return decode_as(_content(part), charset) if charset else decode_markup(_content(part))
