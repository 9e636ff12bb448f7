"""In which language an answer's frame is said: the question's, else that of most documents."""

from __future__ import annotations

from typing import cast

import pytest

from ragkit.catalog import Reader
from ragkit.flows.speaking import frame_language


class Documents:
    def __init__(self, **documents: int) -> None:
        self._documents = documents

    def documents_by_language(self) -> dict[str, int]:
        return {**self._documents, "": 99}


@pytest.mark.parametrize(
    ("question", "documents", "language"),
    [
        ("What is the notice period of the lease?", {"es": 9}, "en"),
        ("¿Cuál es el plazo de preaviso del contrato?", {"en": 9}, "es"),
        ("Northwind 2024", {"es": 3, "en": 2}, "es"),
        ("Northwind 2024", {"fr": 9, "en": 1, "es": 2}, "es"),
        ("Northwind 2024", {"fr": 9}, "en"),
        ("Northwind 2024", {}, "en"),
        ("Quelle est la durée du contrat de location?", {"es": 4, "fr": 9}, "es"),
    ],
)
def test_the_frame_is_in_the_questions_language_else_in_the_documents(
    question: str, documents: dict[str, int], language: str
) -> None:
    assert frame_language(question, cast(Reader, Documents(**documents))) == language
