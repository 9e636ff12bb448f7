"""How good a page's text is, 0 to 1: by it the choice is made among its text layers and OCR.

score = readable x mapped x whole x one_script x ordered, each factor 0 to 1:

- readable = 1 - 2 x share of visible characters without a meaning (replacement characters, control,
  private use, unassigned)
- mapped = 1 - share of glyphs that the file gives no meaning, beyond a tenth
- whole = 1 - 2 x share of letters that stand in glued words (over 30 letters) or spelt out ("T e r m")
- one_script = 1 - 2 x share of words that mix scripts no language mixes
- ordered = 1 - share of lines that follow a line below them on the page, beyond a fifth: columns and
  side notes go back up; alone it makes no text unusable

A text of few characters is not worse for that: a page may hold a signature and no more. Where two
readers are compared, each score is multiplied by the share of characters against the longer text.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence

from ragkit.parsers.lines import LINE_END_HYPHEN
from ragkit.parsers.pdf_layer import SECOND_HALF, Line

GOOD = 0.8
"""Below it another reader is asked."""
USABLE = 0.5
"""Below it a text layer is not shown."""
_FEW_MIXED = 5
"""Words that mix scripts, up to which they are taken for names and formulas."""
_ODD = re.compile(r"[^\t\n\r -~\xa0-\u024f\u2010-\u2022]")
"""Characters beyond those that every Latin text has; all others are looked at only where these are."""
_UNUSUAL_WORD = re.compile(r"\w*[^\W\d_\x00-\u024f]\w*")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_GLUED = re.compile(r"[A-Za-z\u00c0-\u024f]{31,}")
_SPELT = re.compile(r"(?<!\S)(?:[^\W\d_] ){4,}[^\W\d_](?!\S)")
_MIXING_SCRIPTS = frozenset(
    (
        *("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"),
        *("FULLWIDTH", "HALFWIDTH", "MODIFIER", "MATHEMATICAL", "IDEOGRAPHIC"),
    )
)
_UNREADABLE_CATEGORIES = ("Cc", "Cn", "Co", "Cs")


def score(text: str, lines: Sequence[Line] = (), unmapped: float = 0.0) -> float:
    """The quality of a page's text; 0 where there is none. See the head of this file.

    lines: with places, as they follow each other. unmapped: the share of glyphs without a meaning.
    """
    if not text or text.isspace():
        return 0.0
    mapped = 1.0 - max(0.0, unmapped - 0.1) / 0.9
    odd = _ODD.findall(text)
    scripts = _one_script(text) if odd else 1.0
    product = _readable(text, odd) * mapped * _whole(text) * scripts
    # Words in a doubtful order are better than none.
    return round(max(product * _ordered(lines), min(product, USABLE)), 4)


def compared(first: str, second: str) -> tuple[float, float]:
    """How much of the page each of two texts holds, 0 to 1, against the one with more visible letters."""
    lengths = [len("".join(text.split())) for text in (first, second)]
    return lengths[0] / max(1, *lengths), lengths[1] / max(1, *lengths)


def _readable(text: str, odd: Sequence[str]) -> float:
    visible = len("".join(text.split()))
    without = sum(1 for character in odd if _has_no_meaning(character))
    return max(0.0, 1.0 - 2.0 * without / max(1, visible))


def _has_no_meaning(character: str) -> bool:
    if character in (LINE_END_HYPHEN, SECOND_HALF):
        return False
    return character == "\ufffd" or unicodedata.category(character) in _UNREADABLE_CATEGORIES


def _whole(text: str) -> float:
    glued = _letters(_GLUED.findall(text)) + _letters(_SPELT.findall(text)) // 2
    letters = _letters(_LATIN_WORD.findall(text)) if glued else 1
    return max(0.0, 1.0 - 2.0 * glued / max(1, letters))


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))


def _one_script(text: str) -> float:
    words = _UNUSUAL_WORD.findall(text)
    mixed = sum(1 for word in words if _mixes_scripts(word))
    return 1.0 if mixed < _FEW_MIXED else max(0.0, 1.0 - 2.0 * mixed / len(words))


def _mixes_scripts(word: str) -> bool:
    """Whether letters of scripts that no language mixes stand in one word, as a wrong table makes them."""
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in word if letter.isalpha()}
    return len(scripts - _MIXING_SCRIPTS) > 1


def _ordered(lines: Sequence[Line]) -> float:
    boxes = [box for line in lines if (box := line.box) is not None]
    if len(boxes) < _FEW_MIXED:
        return 1.0
    back = sum(1 for box, after in itertools.pairwise(boxes) if after.bottom > box.top)
    return 1.0 - max(0.0, back / len(boxes) - 0.2)
