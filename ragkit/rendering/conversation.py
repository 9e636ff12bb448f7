"""What a conversation shows beside its answers: how a question was asked, sources, reasons."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.rendering.explain import decision_lines, question_lines
from ragkit.rendering.terminal import cited_place, indented, one_line, place_of
from ragkit.types.conversation import Turn

_ASKED = {"en": "Asked as: {}", "es": "Se pregunta: {}"}
_ASKED_OF = {"en": "Asked of {}: {}", "es": "Se pregunta a {}: {}"}
_UNCLEAR = {
    "en": "What it points back to is not clear, so it is asked as typed.",
    "es": "No queda claro a qué se refiere, así que se pregunta tal cual.",
}
_QUOTES_NOTHING = {
    "en": "The answer of turn {} quotes nothing.",
    "es": "La respuesta del turno {} no cita nada.",
}
_NO_REASONS = {
    "en": "The index has changed since that answer, so its reasons are forgotten; ask again.",
    "es": "El índice ha cambiado desde esa respuesta y sus motivos se han olvidado; pregunte de nuevo.",
}


def asked_line(asked: str, documents: Sequence[str], language: str, width: int) -> str:
    """ "Asked as: ...", of which documents if of these alone. language: "en" or "es"."""
    said = one_line(asked)
    if documents:
        places = ", ".join(place_of(document, None) for document in documents)
        return indented(_ASKED_OF[language].format(places, said), "", width)
    return indented(_ASKED[language].format(said), "", width)


def unclear_line(language: str) -> str:
    """Said before a question is asked as it was typed though it points back."""
    return _UNCLEAR[language]


def show_sources(turn: Turn, language: str = "en", *, width: int = 100) -> str:
    """The quotes of an answer with file, page and the file's SHA-256. language: "en" or "es"."""
    citations = turn.answer.citations
    if not citations:
        return _QUOTES_NOTHING[language].format(turn.number)
    parts = [
        indented(
            f'[{one.mark}] {cited_place(one)}: "{one_line(one.quote)}"', "", width, hanging="    "
        )
        + f"\n    sha256 {one.sha256}"
        for one in citations
    ]
    return "\n".join(parts)


def show_reasons(turn: Turn, language: str = "en", *, width: int = 100) -> str:
    """Why a question was answered as it was, as `ask --explain` shows it."""
    explanation = turn.answer.explanation
    if explanation is None:
        return _NO_REASONS[language]
    lines = question_lines(explanation, width)
    if explanation.decision:
        lines += decision_lines(explanation.decision, width)
    return "\n".join(lines)
