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
    return [text[start:end] for start, end in window_spans(text, size, overlap)]


def window_spans(text: str, size: int = SIZE, overlap: int = OVERLAP) -> list[tuple[int, int]]:
    """Where the windows stand in the text, without white space around them."""
    joined = _joined(list(map(len, _pieces(text, size, SEPARATORS))), size, overlap)
    return [
        (start, end) for start, end in (_stripped(text, *span) for span in joined) if start < end
    ]


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


def _joined(lengths: Sequence[int], size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """lengths: of the pieces, one after the other."""
    start = end = 0
    first = 0  # the piece that the window begins with
    for number, length in enumerate(lengths):
        if end > start and end - start + length > size:
            yield start, end
            while first < number and (end - start > overlap or end - start + length > size):
                start += lengths[first]
                first += 1
        end += length
    if end > start:
        yield start, end


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
