"""Outlook messages (.msg): the headers, text and attachments of a compound file's MAPI properties.

A property is a stream named by its number and type, "__substg1.0_0037001F"; those of fixed size stand
together in "__properties_version1.0" ([MS-OXMSG] 2.2 and 2.4; the numbers: [MS-OXPROPS]).
"""

from __future__ import annotations

import mimetypes
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import Message
from email.utils import format_datetime

from ragkit.parsers import compound, elements, richtext
from ragkit.parsers.compound import Storage, open_compound
from ragkit.parsers.limits import Reading, told_as_damage
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
from ragkit.types import ParsedDocument

_FIXED_SIZE = "__properties_version1.0"
_TEXT, _TEXT_8_BIT, _BINARY, _OBJECT = "001F", "001E", "0102", "000D"
_TIME = 0x0040

_CLASS, _TRANSPORT_HEADERS, _SUBJECT = 0x001A, 0x007D, 0x0037
_SENT, _DELIVERED = 0x0039, 0x0E06
_SENDER = (0x0C1A, 0x5D01, 0x0C1F)
_RECIPIENT_KIND, _RECIPIENT = 0x0C15, (0x3001, 0x39FE, 0x3003)
_PLAIN, _HTML, _RICH = 0x1000, 0x1013, 0x1009
_CODE_PAGE, _BODY_CODE_PAGE = 0x3FFD, 0x3FDE
_ATTACHED, _METHOD, _MIME_TYPE, _CONTENT_ID = 0x3701, 0x3705, 0x370E, 0x3712
_ATTACHMENT_NAMES = (0x3707, 0x3704, 0x3001)

_KINDS = {"To": 1, "Cc": 2, "Bcc": 3}
_DISPLAYED = {"To": 0x0E04, "Cc": 0x0E03, "Bcc": 0x0E02}
_LINKS = frozenset((2, 3, 4, 7))
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FIRST_LINE = "Microsoft Mail Internet Headers Version 2.0"
_SIGNED, _SEALED = "ipm.note.smime.multipartsigned", "ipm.note.smime"

_LINKED = "It is only linked; the file itself is not in the message."
_FOREIGN = "It is an object of another program, which is not read."


def preload() -> None:
    elements.preload()
    compound.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The message with its headers as first lines; attachments and attached messages as children."""
    return _read(_Properties(open_compound(data)), reading)


class _Properties:
    """The properties of a message, a recipient or an attachment.

    encoding: of texts in bytes, unless it is stated here.
    """

    def __init__(self, storage: Storage, encoding: str = "") -> None:
        self.storage = storage
        self._fixed_size = storage.stream(_FIXED_SIZE)
        stated = self.number(_CODE_PAGE) or self.number(_BODY_CODE_PAGE)
        self.encoding = _encoding(stated) or encoding

    def number(self, tag: int) -> int:
        """A property of fixed size, a time in its own units; 0 where it is not there."""
        # A header of 8, 24 or 32 bytes comes first: read as entries it has the tag 0.
        entries = self._fixed_size[len(self._fixed_size) % 16 :]
        for kind, found, value in struct.iter_unpack("<HH4xQ", entries):
            if found == tag:
                return int(value if kind == _TIME else value & 0xFFFFFFFF)
        return 0

    def text(self, *tags: int) -> str:
        """The first of these properties that is a text and not empty, else an empty string."""
        for tag in tags:
            wide = self.storage.stream(_stream(tag, _TEXT)).decode("utf-16-le", "replace")
            text = wide or decode_as(self.storage.stream(_stream(tag, _TEXT_8_BIT)), self.encoding)
            if text.strip("\x00 \r\n"):
                return text.rstrip("\x00")
        return ""

    def binary(self, tag: int) -> bytes:
        return self.storage.stream(_stream(tag, _BINARY))


def _stream(tag: int, kind: str) -> str:
    return f"__substg1.0_{tag:04X}{kind}"


def _encoding(code_page: int) -> str:
    """Python's name for a Windows code page, which may be one that it does not know."""
    if 28591 <= code_page <= 28605:
        return f"iso8859-{code_page - 28590}"
    return {0: "", 20127: "ascii", 20866: "koi8-r", 65001: "utf-8"}.get(code_page, f"cp{code_page}")


def _read(message: _Properties, reading: Reading) -> ParsedDocument:
    written = message.text(_TRANSPORT_HEADERS).lstrip().removeprefix(_FIRST_LINE).lstrip()
    transport = message_from_string(written)
    plain, marked_up = message.text(_PLAIN), _html_body(message)
    bodies = [Body(plain), Body(marked_up, is_html=True)]
    kept = kept_alternatives(plain, marked_up)
    is_sealed = _is_sealed(message, transport)
    attachments = list(_attachments(message, marked_up, is_sealed))
    has_body = bool(plain or marked_up or is_sealed)
    rich = b"" if has_body else richtext.decompressed(message.binary(_RICH))
    if richtext.has_words(rich):
        attachments.insert(0, Attachment("message.rtf", rich))
    return document_of(
        {header: _header(header, message, transport) for header in SHOWN_HEADERS},
        [body for body, is_kept in zip(bodies, kept, strict=True) if is_kept],
        attachments,
        reading,
    )


def _html_body(message: _Properties) -> str:
    data = message.binary(_HTML)
    if not data:
        return message.text(_HTML)
    encoding = _encoding(message.number(_BODY_CODE_PAGE))
    return decode_as(data, encoding) if encoding else decode_markup(data)


def _header(header: str, message: _Properties, transport: Message) -> str:
    """As it was sent, where that is kept; else from the properties that Outlook makes of it."""
    sent = ", ".join(header_text(value) for value in transport.get_all(header, []))
    if sent:
        return sent
    match header:
        case "From":
            return _person(message, *_SENDER)
        case "Date":
            return _date(message.number(_SENT) or message.number(_DELIVERED))
        case "Subject":
            return message.text(_SUBJECT)
        case _:
            found = message.storage.storages("__recip_version1.0_#")
            recipients = (_Properties(storage, message.encoding) for storage in found)
            named = [
                _person(recipient, *_RECIPIENT)
                for recipient in recipients
                if recipient.number(_RECIPIENT_KIND) == _KINDS[header]
            ]
            return ", ".join(filter(None, named)) or message.text(_DISPLAYED[header])


def _person(properties: _Properties, name_tag: int, *address_tags: int) -> str:
    """ "Name <address>"; addresses within an Exchange server have no @ and tell nobody anything."""
    name = properties.text(name_tag)
    addresses = (properties.text(tag) for tag in address_tags)
    address = next((address for address in addresses if "@" in address), "")
    return f"{name} <{address}>" if name and address not in ("", name) else name or address


def _date(ticks: int) -> str:
    """A time in tenths of a microsecond since 1601 as mail headers write it; "" for none."""
    try:
        return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10)) if ticks else ""
    except OverflowError:
        return ""


def _is_sealed(message: _Properties, transport: Message) -> bool:
    """Whether the message is encrypted, so that its attachments hold nothing that can be read."""
    is_encrypted = transport.get_content_type() == "multipart/encrypted"
    return is_encrypted or message.text(_CLASS).lower() == _SEALED


def _attachments(message: _Properties, marked_up: str, is_sealed: bool) -> Iterator[Attachment]:
    is_signed = message.text(_CLASS).lower() == _SIGNED
    for storage in message.storage.storages("__attach_version1.0_#"):
        part = _Properties(storage, message.encoding)
        data, name = part.binary(_ATTACHED), _attachment_name(part)
        inner = next(storage.storages(_stream(_ATTACHED, _OBJECT)), None)
        if is_sealed:
            yield Attachment(name, data, ENCRYPTED)
        elif inner is not None:
            yield _inner(inner, name, message.encoding)
        elif not data and part.number(_METHOD) in _LINKS:
            yield Attachment(name, data, _LINKED, "unsupported")
        elif is_signed:
            yield Attachment("signed message.eml", b"MIME-Version: 1.0\r\n" + data)
        elif not _is_decoration(part, marked_up):
            yield Attachment(name, data)


def _attachment_name(part: _Properties) -> str:
    suffix = mimetypes.guess_extension(part.text(_MIME_TYPE)) or ""
    return part.text(*_ATTACHMENT_NAMES) or f"attachment{suffix}"


def _inner(storage: Storage, name: str, encoding: str) -> Attachment:
    """An attached message, which is kept as properties like the outer one, or an embedded object."""
    if _FIXED_SIZE not in storage.names:
        return Attachment(name, storage.content(), _FOREIGN, "unsupported")
    message = _Properties(storage, encoding)

    def read(_data: bytes, _name: str, reading: Reading) -> ParsedDocument:
        with told_as_damage("msg"):
            return _read(message, reading)

    subject = message.text(_SUBJECT) or "message"
    return Attachment(f"{subject.replace('/', '-')}.msg", storage.content(), read=read)


def _is_decoration(part: _Properties, marked_up: str) -> bool:
    """A picture shown within the text (a logo): not a document of its own."""
    content_id = part.text(_CONTENT_ID)
    is_image = part.text(_MIME_TYPE).lower().startswith("image/")
    return is_image and bool(content_id) and f"cid:{content_id}" in marked_up
