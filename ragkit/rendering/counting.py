"""Counts with their nouns, in English."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """'1 document', '3 documents'. noun: one that takes an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
