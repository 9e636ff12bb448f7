"""The words of a question or a label that say which value is meant."""

from __future__ import annotations

import re

from ragkit.shortfacts.words import content_words, word_set

_FILLING = word_set("""
    dame numero number date fecha cual name nombre give tell state paciente patient agreement contract
    contrato caso informe figura report
""")
"""Words of a question, or of a label, that do not say which value is meant."""
_OF_THE_KIND = word_set("""
    much many long amount cost costs pay pays paid payable owe charged due must shall should importe
    cuantia cuesta cuestan paga pagar dose doses dosage dosing take takes taking taken receive receives
    prescribed given administered dosis toma tomar recibe posologia prescrita percentage percent
    porcentaje duration duracion date fecha day
""")
"""Words that every value of the kind has beside it: "takes" stands before each of three doses."""
_NAMED = re.compile(r"(?<=[\w,] )[A-ZÁÉÍÓÚÑ]\w*(?:[-'’]\w+)*")
"""Words with a capital that do not open a question."""


def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a question or a label that say which value is meant."""
    return tuple(word for word in words if word not in _FILLING)


def which(question: str) -> tuple[str, ...]:
    """The words of a question that tell the value from others of its kind. Not names, if there are other
    words: "Ana takes ramipril 5 mg" says nothing of Ana's warfarin."""
    asking = (word for word in telling(content_words(question)) if len(word) > 1)
    words = tuple(word for word in asking if word not in _OF_THE_KIND)
    named = named_words(question)
    return tuple(word for word in words if word not in named) or words


def named_words(question: str) -> frozenset[str]:
    """Words with a capital that do not open a question: names, as far as a capital tells."""
    return frozenset(content_words(" ".join(_NAMED.findall(question))))
