"""Word lists written as words."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """The words of a text that lists them, separated by whitespace."""
    return frozenset(words.split())
