"""Whether a person asks for what is fenced: it is in the file, and may be quoted when it is asked for."""

from __future__ import annotations

import re

from ragkit.fencing.folding import fold_disguises

_ASKED_FOR = re.compile(
    r"prompt injection|inyeccion de (?:prompts?|instrucciones)|\bprompts?\b"
    r"|(?:instruction|command|order|message|text|passage)s? (?:(?:\w+ ){0,4})?(?:to|for|at) (?:an? |the |any )?"
    r"(?:machine|ai\b|assistant|model|llm|chat ?bot|language model)"
    r"|(?:ai|hidden|machine|assistant|model|hostile|suspicious) (?:instruction|command|prompt)s?"
    r"|reads? like (?:an )?instruction"
    r"|(?:instruccion|orden|mensaje|texto)(?:es)? (?:(?:\w+ ){0,4})?(?:a|para) (?:una? |la |el |los |las )?"
    r"(?:maquinas?|ia\b|inteligencia artificial|asistentes?|modelos?)"
    r"|instrucciones (?:ocultas|hostiles|sospechosas)"
)


def asks_for_instructions(question: str) -> bool:
    """Whether a question is about the instructions to machines that a file may hold."""
    return _ASKED_FOR.search(" ".join(fold_disguises(question).text.split())) is not None
