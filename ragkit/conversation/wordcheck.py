"""What a model may have put into a rewritten question: words that were said, and function words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ragkit.conversation.lexicon import FUNCTION_WORDS

_WORD = re.compile(r"\w+")
_LONGEST = 2.0
"""Times as long as all that was said, which a question may get."""


def is_allowed(question: str, said: Iterable[str]) -> bool:
    """Whether a question holds only words of `said` and function words, and something of the last.

    said: what was asked before, and last what was typed now.
    """
    texts = list(said)
    known = {word for text in texts for word in _words(text)}
    words = _words(question)
    if not words or len(question) > _LONGEST * sum(map(len, texts)):
        return False
    if any(sign in question for sign in "\n\r<>[]{}"):
        return False
    own = set(_words(texts[-1])) - FUNCTION_WORDS
    keeps = not own or bool(own & set(words))
    return keeps and all(word in known or word in FUNCTION_WORDS for word in words)


def _words(text: str) -> list[str]:
    return [match.group().casefold() for match in _WORD.finditer(text)]
