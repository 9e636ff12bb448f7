"""A follow-up that the rules do not resolve, put into a question that stands alone by the model.

The model is given questions only: nothing of an answer or a document. What it writes is used only if
it holds no word that nobody said, but for function words.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from ragkit.conversation.soundness import is_sound
from ragkit.conversation.wordcheck import is_allowed
from ragkit.errors import UsageFault
from ragkit.flows.answering import AnswerParts
from ragkit.invisible import visible
from ragkit.language import language_of
from ragkit.protocols import Generator, Message

MOST_TOKENS = 64
MOST_BEFORE = 3
"""Questions that are shown to it, the last ones."""
_INSTRUCTION = {
    "en": "Rewrite the last question so that it can be understood without the questions before it. Use "
    "only words of these questions. Add no answer. Write the question alone, on one line.",
    "es": "Reescribe la última pregunta de modo que se entienda sin las preguntas anteriores. Usa solo "
    "palabras de esas preguntas. No añadas la respuesta. Escribe solo la pregunta, en una línea.",
}
_FRAME = {
    "en": ("Questions before:", "Last question:", "Rewritten:"),
    "es": ("Preguntas anteriores:", "Última pregunta:", "Reescrita:"),
}


def reword(parts: AnswerParts, typed: str, earlier: Sequence[str]) -> str:
    """`typed` as a question that stands alone; "" where no model can be trusted to write, or it fails.

    earlier: questions as they were asked, the last one last. Raises ModelMissing, Interrupted.
    """
    if not earlier or not parts.model_reads():
        return ""
    said = [*earlier[-MOST_BEFORE:], typed]
    try:
        written = _written(parts.open_generator(), said)
    except UsageFault:  # too long for its context
        return ""
    is_new = written.casefold() not in {text.casefold() for text in said}
    is_fine = is_new and is_allowed(written, said) and is_sound(written, typed)
    return written if is_fine else ""


def _written(generator: Generator, said: Sequence[str]) -> str:
    language = language_of(said[-1]) or language_of(said[-2]) or "en"
    known = language if language in _FRAME else "en"
    before, last, opening = _FRAME[known]
    lines = [
        before,
        *(f"- {_one_line(text)}" for text in said[:-1]),
        last,
        f"- {_one_line(said[-1])}",
    ]
    messages = [
        Message("system", _INSTRUCTION[known], fixed=True),
        Message("user", "\n".join(lines)),
    ]
    with closing(generator.start(messages, opening=opening)) as generation:
        return _one_line(generation.generate(max_tokens=MOST_TOKENS, stop=("\n",)).strip(" -"))


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
