"""How the usual stack cuts texts: windows of 1000 characters that overlap by 200.

The recursive splitting that the tutorials use: at blank lines, else at lines, else at spaces, else
anywhere; pieces are then joined up to the size, each window beginning with the end of the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

SIZE = 1000
OVERLAP = 200
SEPARATORS = ("\n\n", "\n", " ", "")


def windows(text: str, size: int = SIZE, overlap: int = OVERLAP) -> list[str]:
    """Windows of at most `size` characters; consecutive ones share up to `overlap`."""
    return list(_joined(list(_pieces(text, size, SEPARATORS)), size, overlap))


def _pieces(text: str, size: int, separators: Sequence[str]) -> Iterator[str]:
    """`text` in pieces of at most `size` characters, each with the separator that follows it."""
    if len(text) <= size:
        yield text
        return
    separator, *finer = separators
    if not separator:
        yield from (text[at : at + size] for at in range(0, len(text), size))
        return
    for piece in _split_after(text, separator):
        yield from _pieces(piece, size, finer)


def _split_after(text: str, separator: str) -> Iterator[str]:
    *before, last = text.split(separator)
    yield from (piece + separator for piece in before)
    if last:
        yield last


def _joined(pieces: Sequence[str], size: int, overlap: int) -> Iterator[str]:
    window: list[str] = []
    length = 0
    for piece in pieces:
        if window and length + len(piece) > size:
            yield "".join(window).strip()
            while length > overlap or (window and length + len(piece) > size):
                length -= len(window.pop(0))
        window.append(piece)
        length += len(piece)
    rest = "".join(window).strip()
    if rest:
        yield rest
