"""Compressed rich text, as Outlook keeps the body of some messages ([MS-OXRTFCP])."""

from __future__ import annotations

import re
import struct

_COMPRESSED, _STORED = b"LZFu", b"MELA"
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_SIZE = 4096
_HEADER = struct.Struct("<II4sI")
_HIDDEN_GROUP = re.compile(
    rb"\{\\(?:\*|fonttbl|colortbl|stylesheet|info)(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
)
_CONTROL = re.compile(rb"\\'[0-9a-f]{2}|\\[a-z]+-?\d* ?|\\.|[{}]", re.IGNORECASE)


def decompressed(data: bytes) -> bytes:
    """The rich text in `data`; nothing where it is not compressed rich text. Cut off data gives less."""
    if len(data) < _HEADER.size:
        return b""
    _, size, kind, _ = _HEADER.unpack_from(data)
    if kind == _STORED:
        return data[_HEADER.size : _HEADER.size + size]
    return _expanded(data[_HEADER.size :])[:size] if kind == _COMPRESSED else b""


def _expanded(data: bytes) -> bytes:
    """Runs of eight items after a byte of flags: a literal, or place and length in what came before.

    Places are those of a ring of 4,096 bytes that starts with the dictionary; the place that would be
    written next ends the text.
    """
    text = bytearray(_DICTIONARY)
    at = 0
    while at < len(data):
        flags, at = data[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                text += data[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(data[at : at + 2], "big")
            at += 2
            back = (len(text) - (reference >> 4)) % _SIZE
            if back == 0 or at > len(data):
                return bytes(text[len(_DICTIONARY) :])
            for _ in range((reference & 0xF) + 2):
                text.append(text[-back] if back <= len(text) else 0x20)
    return bytes(text[len(_DICTIONARY) :])


def has_words(rich: bytes) -> bool:
    """Whether anything can be read in it: Outlook keeps an empty shell for messages without text."""
    shown = _CONTROL.sub(b"", _HIDDEN_GROUP.sub(b"", rich))
    return bool(re.search(rb"\w", shown)) or b"\\'" in rich
