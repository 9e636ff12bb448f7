"""Telling English from Spanish."""

from __future__ import annotations

import pytest

from ragkit.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the governing law of the agreement?", "en"),
        ("¿Cuál es la fecha de nacimiento de Ana Ruiz?", "es"),
        ("¿Qué día nació Ana Ruiz?", "es"),
        ("Se acuerda entre las partes lo que sigue.", "es"),
        ("Hb 12.3 g/dl Na 140", ""),
        ("", ""),
        ("This is what they have. Esto es lo que hay.", ""),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language
