"""Text without capitals and accents, as it is compared: for searching, and sign for sign.

Parts may not import each other, and each had its own; two that differ find different words.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def folded(text: str) -> str:
    """Small letters without accents; "ﬁ" becomes "fi", so that it is not always as long as `text`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def folded_in_place(text: str) -> str:
    """The same with one sign for each of `text`, so that places in it are places in the text."""
    return text.lower() if text.isascii() else "".join(map(_folded_sign, text))


@lru_cache(maxsize=4096)
def _folded_sign(sign: str) -> str:
    bare = unicodedata.normalize("NFD", sign)[0].casefold()
    return bare if len(bare) == 1 else sign
