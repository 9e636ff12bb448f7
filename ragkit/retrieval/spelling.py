"""Mending misspelt names: the words that name documents, one slip of the fingers away. Pure.

After Norvig, "How to Write a Spelling Corrector" (2007): every word at one edit is made and looked up,
so that the cost does not depend on how many documents there are.
"""

from __future__ import annotations

import string
from collections.abc import Sequence

from ragkit.retrieval.analysis import QuestionWord

LEAST_LETTERS = 5
"""Shorter words are one letter away from too many others."""
MOST_WORDS = 3
"""Words of a question that are looked up in this way; each costs some 500 look-ups for each of its
stems, which take 3 to 5 ms in an index of 1,046 documents."""
_LETTERS = string.ascii_lowercase + "ñ"


def slips(word: str) -> set[str]:
    """Every string that one dropped, doubled, swapped or replaced letter makes of `word`: Damerau's
    distance of one."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    dropped = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    replaced = {left + sign + right[1:] for left, right in cuts if right for sign in _LETTERS}
    added = {left + sign + right for left, right in cuts for sign in _LETTERS}
    return (dropped | swapped | replaced | added) - {word}


def may_be_misspelt(question: str, words: Sequence[QuestionWord]) -> list[int]:
    """Places of the words that may be names: those with a capital but for the first, or all where the
    question has no capitals; only plain words of letters."""
    capitals = [at for at, word in enumerate(words) if at and question[word.start].isupper()]
    places = capitals or range(len(words))
    return [
        at
        for at in places
        if question[words[at].start : words[at].end].isalpha()
        and words[at].end - words[at].start >= LEAST_LETTERS
    ]
