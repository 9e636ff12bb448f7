"""A grey picture as PNG, by the standard library: what draws pages writes no other format."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from ragkit.parsers.ocr_page import PageImage

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH, _GREY = 4, 0
"""16 greys show text as well as 256 and take half the bytes."""


def png_of(picture: PageImage) -> bytes:
    """In 16 greys. PNG specification, 11.2 (chunks) and 9.2 (no filter: few greys pack better so)."""
    grey = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    levels = ((grey.astype(np.uint16) * 15 + 127) // 255).astype(np.uint8)
    if picture.width % 2:
        levels = np.pad(levels, ((0, 0), (0, 1)))
    packed = (levels[:, ::2] << _DEPTH) | levels[:, 1::2]
    rows = np.pad(packed, ((0, 0), (1, 0))).tobytes()  # each row begins with its filter: none
    header = struct.pack(">IIBBBBB", picture.width, picture.height, _DEPTH, _GREY, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*each) for each in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    length, check = len(data), zlib.crc32(kind + data)
    return struct.pack(">I", length) + kind + data + struct.pack(">I", check)


def smaller(picture: PageImage, most: int) -> tuple[PageImage, int]:
    """The picture with at most `most` pixels, and how many times less wide and high it is.

    Each pixel is the mean of a square of them.
    """
    times = 1
    while picture.width * picture.height > most * times * times:
        times += 1
    if times == 1:
        return picture, 1
    grey = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    height, width = picture.height // times, picture.width // times
    squares = grey[: height * times, : width * times].reshape(height, times, width, times)
    means = squares.mean(axis=(1, 3)).round().astype(np.uint8)
    return PageImage(width, height, max(1, picture.dpi // times), means.tobytes()), times
