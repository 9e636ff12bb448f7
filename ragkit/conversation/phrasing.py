"""A question without its signs, with them, and behind its "and"."""

from __future__ import annotations

from ragkit.conversation import lexicon


def bare(text: str) -> str:
    """Without the signs around a question."""
    return text.strip(" ¿?¡!.…,;:")


def asked(text: str, language: str) -> str:
    """As a question: with a capital and its signs."""
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return f"¿{text}?" if language == "es" else f"{text}?"


def led(text: str, language: str) -> tuple[str, bool]:
    """The text behind "and", "thanks, and", "¿y": and whether there was such a word."""
    rest, found = bare(text), False
    while True:
        first, _, after = rest.partition(" ")
        if not after or bare(first).casefold() not in lexicon.LEADS[language]:
            return rest, found
        rest, found = bare(after), True
