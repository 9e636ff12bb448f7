"""Text that is written in the letters of another: base64, pairs of hexadecimal digits, %-escapes."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

MOST = 200
"""Candidates of each kind that are looked into in one text."""
_LEAST_PRINTABLE = 0.9
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{16,}(?:\s[A-Za-z0-9+/]{16,})*={0,2}(?![\w=])")
_HEXADECIMAL = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ :]?){12,}(?!\w)")
_ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2}[\w.+-]{0,12}){5,}")


def decoded(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what it says), of stretches that turn into words when they are decoded."""
    for pattern, read in _READERS:
        for number, match in enumerate(pattern.finditer(text)):
            if number == MOST:
                break
            said = read(match[0])
            if said and _reads_like_words(said):
                yield match.start(), match.end(), said


def _reads_like_words(said: str) -> bool:
    plain = sum(sign.isprintable() or sign.isspace() for sign in said)
    return " " in said and plain >= _LEAST_PRINTABLE * len(said)


def _of_base64(stretch: str) -> str:
    letters = "".join(stretch.split()).rstrip("=")
    try:
        return b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")
    except Error:
        return ""


def _of_hexadecimal(stretch: str) -> str:
    digits = re.sub("[ :]", "", stretch)
    return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", "replace")


def _of_escapes(stretch: str) -> str:
    return unquote_to_bytes(stretch).decode("utf-8", "replace")


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_BASE64, _of_base64),
    (_HEXADECIMAL, _of_hexadecimal),
    (_ESCAPED, _of_escapes),
)
