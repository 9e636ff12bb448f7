"""Faults put into true sentences, by kind: those that mislead a reader most.

Each maker takes a sentence and returns it changed, or None where it offers nothing of that kind.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Maker = Callable[[str, random.Random], "str | None"]

MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December", "enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
]
_DATE = re.compile(
    rf"\b(?:{'|'.join(MONTHS)})\s+\d{{1,2}},?\s+\d{{4}}|\b\d{{1,2}} (?:de )?(?:{'|'.join(MONTHS)}) "
    rf"(?:de )?\d{{4}}|\b\d{{1,2}}/\d{{1,2}}/\d{{4}}\b|\b(?:{'|'.join(MONTHS)})(?: de)? \d{{4}}\b"
    r"|(?<=\bin )(?:19|20)\d\d\b|(?<=\ben )(?:19|20)\d\d\b"
)
_WORD_NUMBERS = [
    *("two", "three", "four", "five", "six", "seven", "ten", "twelve", "thirty", "sixty"),
    *("dos", "tres", "cuatro"),
]
_UNIT_SWAPS = {
    "days": "months", "day": "month", "months": "weeks", "month": "year", "years": "months",
    "year": "month", "weeks": "days", "hours": "days", "minutes": "hours", "mg": "g", "g": "mg",
    "kg": "g", "ml": "l", "mL": "L", "cm": "mm", "mm": "cm", "%": " mg", "$": "€", "percent": "dollars",
    "mg/dl": "g/l", "mg/dL": "g/L", "días": "meses", "meses": "años", "años": "meses", "horas": "días",
}  # fmt: skip
_NAMES = [
    *("Globex", "Hendricks", "Wakefield", "Montserrat", "Oyelaran", "Brixton", "Quesada"),
    *("Tremblay", "Vandelay", "Zubiri"),
]
_REVERSED_MODALS = {
    "shall": "may", "may": "shall", "must": "may", "will": "may", "should": "must", "can": "must",
    "debe": "puede", "puede": "debe", "pueden": "deben", "deben": "pueden", "could": "must",
}  # fmt: skip
_NEGATABLE = [
    *("shall", "may", "will", "is", "are", "was", "were", "has", "have", "can", "could", "did"),
    *("should", "must"),
]
_NEGATABLE_ES = [
    *("presenta", "es", "fue", "se", "tiene", "refiere", "existe", "hay", "muestra", "está"),
    *("debe", "puede"),
]
_INVENTED = (
    "unless the other party objects in writing",
    "and is renewed automatically every year",
    "except in cases of gross negligence",
    "provided that the fee has been paid in advance",
    "because the earlier treatment had failed",
    "due to poor adherence to the medication",
    "and a second opinion was obtained from a specialist",
    "if the committee approves it beforehand",
    "at no additional cost to the customer",
    "which was confirmed by an independent laboratory",
)
_INVENTED_ES = (
    "debido a una mala adherencia al tratamiento",
    "salvo que el familiar se oponga por escrito",
    "porque el tratamiento anterior había fracasado",
    "y se descartó alergia a la penicilina",
    "si el comité lo aprueba previamente",
    "lo que fue confirmado por un laboratorio independiente",
    "y se solicitó una segunda opinión al especialista",
    "por antecedentes familiares de cardiopatía",
)


def _pick(pattern: str, sentence: str, chance: random.Random) -> re.Match[str] | None:
    matches = list(re.finditer(pattern, sentence))
    return chance.choice(matches) if matches else None


def _put(sentence: str, match: re.Match[str], replacement: str) -> str:
    return sentence[: match.start()] + replacement + sentence[match.end() :]


def is_spanish(sentence: str) -> bool:
    return len(re.findall(r"\b(?:el|la|de|los|las|en|con|se|que|un|una|del)\b", sentence)) > 1


def change_digit(sentence: str, chance: random.Random) -> str | None:
    if not (match := _pick(r"\d", sentence, chance)):
        return None
    return _put(sentence, match, chance.choice([d for d in "123456789" if d != match.group()]))


def change_number_word(sentence: str, chance: random.Random) -> str | None:
    if not (match := _pick(rf"\b(?:{'|'.join(_WORD_NUMBERS)})\b", sentence, chance)):
        return None
    spanish = match.group() in {"dos", "tres", "cuatro"}
    pool = _WORD_NUMBERS[-3:] if spanish else _WORD_NUMBERS[:-3]
    return _put(sentence, match, chance.choice([word for word in pool if word != match.group()]))


def change_unit(sentence: str, chance: random.Random) -> str | None:
    units = "|".join(sorted(map(re.escape, _UNIT_SWAPS), key=len, reverse=True))
    match = _pick(rf"(?<=\d)\s?(?P<u>{units})(?![\w/])|(?P<d>\$)(?=\s?\d)", sentence, chance)
    match = match or _pick(r"(?<=[\w)]) (?P<u>days|months|years|weeks|hours)\b", sentence, chance)
    if not match:
        return None
    unit = match.groupdict().get("u") or "$"
    return _put(sentence, match, match.group().replace(unit, _UNIT_SWAPS[unit]))


def change_date(sentence: str, chance: random.Random) -> str | None:
    if not (match := _pick(_DATE.pattern, sentence, chance)):
        return None
    date = match.group()
    month = re.search("|".join(MONTHS), date)
    if month and chance.random() < 0.4:
        half = MONTHS[:12] if month.group() in MONTHS[:12] else MONTHS[12:]
        other = chance.choice([name for name in half if name != month.group()])
        return _put(sentence, match, date.replace(month.group(), other))
    changed = str(int(date[-4:]) + chance.choice([-1, 1, 10]))
    return _put(sentence, match, date[:-4] + changed)


def change_name(sentence: str, chance: random.Random) -> str | None:
    match = _pick(r"(?<=[a-z,] )[A-ZÁÉÍÓÚ][a-záéíóúñ]{3,}\b", sentence, chance)
    if not match or match.group() in {"Agreement", "Party", "Parties", "Section", *MONTHS}:
        return None
    return _put(sentence, match, chance.choice(_NAMES))


def change_first_name(sentence: str, chance: random.Random) -> str | None:
    match = re.match(r"[A-Z][a-z]{3,}(?= (?:shall|will|may|is|was|has)\b)", sentence)
    return _put(sentence, match, chance.choice(_NAMES)) if match else None


def add_negation(sentence: str, chance: random.Random) -> str | None:
    if match := _pick(rf"\b(?:{'|'.join(_NEGATABLE)})\b(?! not| no\b)", sentence, chance):
        return _put(sentence, match, match.group() + " not")
    if match := _pick(rf"(?<!no )(?<!no se )\b(?:{'|'.join(_NEGATABLE_ES)})\b", sentence, chance):
        return _put(sentence, match, "no " + match.group())
    return None


def drop_negation(sentence: str, chance: random.Random) -> str | None:
    match = _pick(r"\b(?:not|never|no|without|sin|nunca|ni)\b ", sentence, chance)
    if not match or re.match(r"no \d", sentence[match.start() :]):
        return None
    with_instead = {"without": "with ", "sin": "con "}
    return _put(sentence, match, with_instead.get(match.group().strip(), ""))


def change_modality(sentence: str, chance: random.Random) -> str | None:
    if not (match := _pick(rf"\b(?:{'|'.join(_REVERSED_MODALS)})\b", sentence, chance)):
        return None
    return _put(sentence, match, _REVERSED_MODALS[match.group()])


def invent_clause(sentence: str, chance: random.Random) -> str | None:
    """A condition, a reason or a further statement that nothing stands behind, at the end."""
    clause = chance.choice(_INVENTED_ES if is_spanish(sentence) else _INVENTED)
    return f"{sentence.rstrip(' .;:,')}, {clause}."


def swap_roles(sentence: str, chance: random.Random) -> str | None:
    """Who acts and who is acted on, exchanged: `Buyer shall pay Seller` the other way round."""
    party = r"\b(?:(?:the|The) )?[A-Z][A-Za-z]{3,}\b"
    found = re.match(
        rf"(?P<one>{party}) (?P<verb>(?:shall|will|may|must|agrees to)\b[^.;]*? )(?P<other>{party})",
        sentence,
    )
    if not found or found["one"].casefold() == found["other"].casefold():
        return None
    if re.search(r"\b(?:and|or)\s*$", found["verb"]) or found["other"] in {*MONTHS, "Agreement"}:
        return None
    swapped = f"{found['other']} {found['verb']}{found['one']}"
    return swapped + sentence[found.end() :]


FAULTS: dict[str, Sequence[Maker]] = {
    "digits": (change_digit, change_number_word),
    "units": (change_unit,),
    "dates": (change_date,),
    "names": (change_name, change_first_name),
    "negation": (add_negation, drop_negation),
    "modality": (change_modality,),
    "roles": (swap_roles,),
    "invented clause": (invent_clause,),
}
"""Kinds that change the sentence itself. What cites the wrong words is made in fault_cases.py."""
