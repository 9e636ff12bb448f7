"""Plain text, Markdown, YAML and separated values: the file's own text, decoded, newlines untouched.

Offsets into it are offsets into the file, so nothing is removed; only a NUL, which neither a person
nor a database can show, becomes a space of the same length.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from ragkit.errors import UnreadableDocument
from ragkit.invisible import KIND as INVISIBLE
from ragkit.invisible import count_invisible
from ragkit.parsers import texttables
from ragkit.parsers.assemble import TITLE_LENGTH, title_from
from ragkit.parsers.limits import Reading
from ragkit.types import Heading, HiddenText, Page, ParsedDocument, Table

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKDOWN = (".md", ".markdown")
_SAMPLE = 65_536
_WESTERN = frozenset(
    "áàâäãåéèêëíìîïóòôöõúùûüýÿñçæœøßðþšžÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÝŸÑÇÆŒØÐÞŠŽ"
    "¿¡ºª«»‹›“”„‘’‚–—…•·€£¥§¶©®™°±²³¹¼½¾µ×÷¬†‡´¨¸¯\xa0\xad"
)
_WESTERN_SHARE = 0.25
"""Western languages write most letters without accents; in Cyrillic text all are above 127."""
_OLD_MACINTOSH = (
    "mac_roman",
    "mac_cyrillic",
    "mac_greek",
    "mac_latin2",
    "mac_turkish",
    "mac_iceland",
)
"""Encodings that win guesses by a hair over the Windows ones, and are not in use."""
_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_MARKDOWN_HEADING = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<words>.*?)(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:(?P<first>=+)|-{2,})[ \t]*$")
_NOT_UNDERLINED = re.compile(r"\s*$|[ ]{0,3}([#>|+*-]|\d+[.)])|\s{4}")


def preload() -> None:
    """Nothing heavy is needed for most texts."""


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The file's text as one page; the headings of a Markdown file, and the tables of one."""
    text = decode(data).replace("\x00", " ")
    reading.limits.check_characters(len(text))
    is_markdown = name.lower().endswith(_MARKDOWN)
    headings = tuple(markdown_headings(text)) if is_markdown else ()
    first = headings[0].text if headings else ""
    is_data = name.lower().endswith((".csv", ".tsv", ".yaml", ".yml"))
    title = first if 0 < len(first) <= TITLE_LENGTH else "" if is_data else title_from(text)
    page = Page(number=None, start=0, text=text)
    unseen = count_invisible(text)
    hidden = (HiddenText(None, INVISIBLE, unseen),) if unseen else ()
    tables = _tables(text, name.lower())
    return ParsedDocument((page,), headings, title, hidden=hidden, tables=tables)


def _tables(text: str, name: str) -> tuple[Table, ...]:
    if name.endswith(_MARKDOWN):
        return texttables.of_markdown(text)
    return texttables.of_values(text) if name.endswith((".csv", ".tsv")) else ()


def decode(data: bytes) -> str:
    """Bytes of a text file as text. Raises UnreadableDocument for what is not text at all.

    A byte order mark decides; then UTF-8 if it holds without a fault; then UTF-16 by its NULs; then
    Western Windows text if the unusual characters are few and its letters or marks; then a guess.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_or_refuse(data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(data)
    guessed = _utf16_without_mark(data) if "\x00" in text else None
    if guessed is not None:
        return guessed
    _refuse_binary(text)
    return text


def _decode_or_refuse(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"It starts like {encoding.upper()} text but is not valid {encoding.upper()}."
        raise UnreadableDocument(message, kind="damaged") from error


def _decode_other(data: bytes) -> str:
    guessed = _utf16_without_mark(data)
    if guessed is not None:
        return guessed
    western = data.decode("cp1252", "replace")
    unusual = Counter(character for character in western if character > "\x7f")
    letters = sum(1 for character in western if character.isalpha())
    if unusual.keys() <= _WESTERN and unusual.total() <= _WESTERN_SHARE * max(letters, 4):
        _refuse_binary(western)
        return western
    text = _best_guess(data)
    if text is None:
        message = "It is named like a text file but its bytes are not text."
        raise UnreadableDocument(message, kind="damaged")
    _refuse_binary(text)
    return text


def _best_guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], threshold=0.2, cp_exclusion=list(_OLD_MACINTOSH)).best()
    return None if best is None else data.decode(best.encoding, "replace")


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 text without a mark shows as a NUL in every second byte of its Latin parts."""
    sample = data[: _SAMPLE // 2 * 2]
    half = len(sample) // 2
    if half == 0 or len(data) % 2:
        return None
    for encoding, high_bytes in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if high_bytes.count(0) > 0.4 * half:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if text.count("\x00") < 0.01 * len(text):
                _refuse_binary(text)
                return text
    return None


def _refuse_binary(text: str) -> None:
    """Raises UnreadableDocument when more than a tenth of the characters are control characters."""
    sample = text[:_SAMPLE]
    strange = sum(1 for character in sample if character < " " and character not in "\t\n\r\f\x00")
    strange += sample.count("\ufffd")
    if strange > 0.1 * len(sample) or sample.count("\x00") > 0.3 * len(sample):
        message = "It is named like a text file but holds binary data."
        raise UnreadableDocument(message, kind="damaged")


def markdown_headings(text: str) -> Iterator[Heading]:
    """`# Heading` and underlined headings outside fenced code; spans cover the words only."""
    start, fence, previous = 0, "", ""
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        opened = _FENCE.match(bare)
        if opened and (not fence or opened[1].startswith(fence)):
            fence = "" if fence else opened[1]
            bare = ""
        elif not fence:
            yield from _heading_of_line(bare, previous, start)
        previous = "" if fence else line if bare else ""
        start += len(line)


def _heading_of_line(bare: str, previous: str, start: int) -> Iterator[Heading]:
    """The heading that the line `bare` at `start` makes, alone or with the line before it."""
    found = _MARKDOWN_HEADING.match(bare)
    if found and found["words"]:
        begin = start + found.start("words")
        words = found["words"]
        yield Heading(begin, begin + len(words), len(found["marks"]), words)
        return
    underline = _UNDERLINE.match(bare)
    if underline and previous and not _NOT_UNDERLINED.match(previous):
        words = previous.strip()
        begin = start - len(previous) + previous.index(words)
        level = 1 if underline["first"] else 2
        yield Heading(begin, begin + len(words), level, words)
