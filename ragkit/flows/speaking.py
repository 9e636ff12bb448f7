"""In which language an answer's own words are said: the question's, else that of the documents."""

from __future__ import annotations

from ragkit.catalog import Reader
from ragkit.language import language_of
from ragkit.rendering.phrases import BY_LANGUAGE, ENGLISH


def frame_language(question: str, reader: Reader) -> str:
    """ISO 639-1 code, one of those that there are phrases for.

    Of a question whose language cannot be told, or has no phrases, it is the one of them that most of
    the documents are in; English where none is.
    """
    asked = language_of(question)
    if asked in BY_LANGUAGE:
        return asked
    documents = reader.documents_by_language()
    spoken = {code: documents[code] for code in BY_LANGUAGE if documents.get(code)}
    return max(spoken, key=lambda code: spoken[code], default=ENGLISH.language)
