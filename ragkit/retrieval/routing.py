"""Which documents a question is about, and what is left of it once they are named.

The most common failure in contracts is the right clause of the wrong document. The words of a
question that name a document, a party or a patient say where to look; the others say what for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ragkit.retrieval.analysis import QuestionWord

_FEWEST_NAMING_WORDS = 2
"""A single naming word is as likely part of what is asked: the "license" of a License Agreement."""

_JOINERS = frozenset(
    (
        *(
            "and",
            "or",
            "of",
            "the",
            "between",
            "for",
            "by",
            "with",
            "an",
            "a",
            "d/b/a",
            "individual",
        ),
        *("y", "e", "o", "de", "del", "la", "las", "los", "el", "entre"),
    )
)
"""Small words that stand inside a document's name: "between Acme, Inc. and an individual"."""


def naming_runs(
    question: str, words: Sequence[QuestionWord], naming: Collection[str]
) -> list[range]:
    """Stretches of `words` (as index ranges) that name the document whose naming terms are given.

    A run holds at least two words of the document's file name, title or names; it goes on over
    capitalised words and the small words that names are joined by, and ends with neither of these
    small words.
    """
    runs: list[range] = []
    first = last = count = 0
    for index, word in enumerate(words):
        spelled = question[word.start : word.end]
        if _names(word, naming):
            first, last, count = (index if not count else first), index, count + 1
        elif count and spelled[0].isupper():
            last = index
        elif count and spelled.casefold() not in _JOINERS:
            runs += [range(first, last + 1)] if count >= _FEWEST_NAMING_WORDS else []
            count = 0
    return runs + ([range(first, last + 1)] if count >= _FEWEST_NAMING_WORDS else [])


def without(question: str, words: Sequence[QuestionWord], runs: Sequence[range]) -> str:
    """The question without the runs of words that name the document."""
    kept, position = [], 0
    for run in runs:
        kept.append(question[position : words[run[0]].start])
        position = words[run[-1]].end
    kept.append(question[position:])
    return " ".join(" ".join(kept).split())


def _names(word: QuestionWord, naming: Collection[str]) -> bool:
    return any(variant in naming for variants in word.terms for variant in variants)
