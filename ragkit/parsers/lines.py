"""The lines of a page as they stand, with words that were cut at a line's end joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ragkit.parsers.assemble import clean

LINE_END_HYPHEN = "\ufffe"
"""What PDFium writes for a hyphen at a line's end, where the next line goes on with the word."""
_CUT_WORD = re.compile(rf"(\w+)(?:{LINE_END_HYPHEN}\n?|-\n)(\w+)")
_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*")


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often a document has each word, in lower case: for `page_text`."""
    return Counter(word for text in texts for word in _WORD.findall(text.lower()))


def page_text(text: str, words: Counter[str]) -> str:
    """The page's text, closed by an empty line; "" if there is none.

    words: those of the whole document, by which it is told whether a cut word is one word.
    """
    joined = _CUT_WORD.sub(lambda found: _joined(found[1], found[2], words), text)
    joined = joined.replace(f"{LINE_END_HYPHEN}\n", "-\n").replace(LINE_END_HYPHEN, "-\n")
    lines = clean(joined).strip("\n")
    return f"{lines}\n\n" if lines.strip() else ""


def _joined(first: str, second: str, words: Counter[str]) -> str:
    """The word whole if the document has it whole elsewhere; with its hyphen if it may be a compound."""
    if second[:1].islower() and words[(first + second).lower()]:
        return first + second
    return f"{first}-\n{second}"
