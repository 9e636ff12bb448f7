"""Names in a question that stand nowhere in the index: who is asked about is in none of its documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from ragkit.retrieval.understanding import Asked

SHORTEST = 4
"""Letters of a name; shorter words with a capital are abbreviations that documents write out."""
LONGEST_QUESTION = 25
"""Words. Longer questions tell a whole case, with names of tests and places that no document needs."""
_TITLE_SHARE = 0.6
"""Share of capitalised words from which on a question is written as a title is, where a capital says
nothing."""
_AFTER = '.?!¿¡:"“'

Frequencies = Callable[[Collection[str]], Mapping[str, int]]
"""Terms -> how many documents are named by each."""


def unknown_names(asked: Asked, naming_frequencies: Frequencies) -> tuple[str, ...]:
    """Capitalised words, but the first, that no chunk holds and no document is named by.

    None where the question names a document by other words: one of its names may be misspelt. Of 400
    questions on contracts and 343 on clinical notes none has one then, of 310 titles of abstracts none.
    """
    words = [asked.question[word.start : word.end] for word in asked.spelled]
    capitals = sum(word[0].isupper() for word in words)
    if asked.named or len(words) > LONGEST_QUESTION or capitals > _TITLE_SHARE * len(words):
        return ()
    return tuple(
        text
        for text, word in zip(words, asked.spelled, strict=True)
        if _is_name(asked.question, word.start, text)
        and word.terms
        and not any(asked.frequency.get(group, 1) for group in word.terms)
        and not any(naming_frequencies({t for group in word.terms for t in group}).values())
    )


def _is_name(question: str, start: int, text: str) -> bool:
    before = question[:start].rstrip()
    begins = not before or before[-1] in _AFTER
    return len(text) >= SHORTEST and text[0].isupper() and text[1:].islower() and not begins
