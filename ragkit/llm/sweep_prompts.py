"""What the model is asked about one document in a sweep: sentences by number, then yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.invisible import visible
from ragkit.protocols import Message

ANSWERS = {"en": ("yes", "no"), "es": ("sí", "no")}
"""By language how a yes and a no are said."""
LONGEST = 600
"""Characters of a sentence that the model is shown."""
_SYSTEM = {
    "en": "You check documents. You are given numbered sentences of one document and a question. "
    "Answer yes only if one of the sentences says so; then its number. Answer no otherwise.",
    "es": "Revisas documentos. Recibes frases numeradas de un documento y una pregunta. Responde sí "
    "solo si una de las frases lo dice; después su número. Si no, responde no.",
}


def sweep_messages(question: str, language: str, sentences: Sequence[str]) -> list[Message]:
    """language: ISO 639-1 of the document. sentences: of it, in their order."""
    lines = [f"[{at}] {_line(text)}" for at, text in enumerate(sentences, start=1)]
    system = _SYSTEM.get(language, _SYSTEM["en"])
    user = "\n".join([*lines, "", _line(question)])
    return [Message("system", system, fixed=True), Message("user", user)]


def _line(text: str) -> str:
    """On one line, without what no reader of the page sees."""
    return " ".join(visible(text).split())[:LONGEST]


def answers_in(language: str) -> tuple[str, str]:
    """A yes and a no, in a language that the prompt is written in."""
    return ANSWERS.get(language, ANSWERS["en"])
