"""Seeded faults and faithful rewordings of true sentences, by kind.

Each maker takes a sentence and returns a changed one, or None where the sentence offers nothing of
that kind. The faults are those that mislead a reader most: a digit, a unit, a date, a name, a `not`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ragkit.verification.words import word_set

Maker = Callable[[str, random.Random], "str | None"]

_MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December", "enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
]
_DATE = re.compile(
    rf"\b(?:{'|'.join(_MONTHS)})\s+\d{{1,2}},?\s+\d{{4}}|\b\d{{1,2}} (?:de )?(?:{'|'.join(_MONTHS)}) "
    r"(?:de )?\d{4}|\b\d{1,2}/\d{1,2}/\d{4}\b"
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
_NAMES = sorted(
    word_set(
        "Globex Hendricks Wakefield Montserrat Oyelaran Brixton Quesada Tremblay Vandelay Zubiri"
    )
)
_REVERSED_MODALS = {
    "shall": "may", "may": "shall", "must": "may", "will": "may", "should": "must", "can": "must",
    "debe": "puede", "puede": "debe", "pueden": "deben", "deben": "pueden", "could": "must",
}  # fmt: skip
_NEGATABLE = sorted(word_set("shall may will is are was were has have can could did should must"))
_NEGATABLE_ES = sorted(
    word_set("presenta es fue se tiene refiere existe hay muestra está debe puede")
)
_SYNONYMS = {
    "shall": "must", "prior to": "before", "pursuant to": "under", "commence": "begin",
    "in the event that": "if", "terminate": "end", "in accordance with": "under", "upon": "on",
    "participants": "subjects", "obtained": "got", "utilized": "used", "purchase": "buy",
    "approximately": "about", "demonstrated": "showed", "assist": "help", "examined": "studied",
    "realizó": "hizo", "presentaba": "tenía", "posteriormente": "después", "varón": "hombre",
    "in order to": "to", "provide": "supply", "individuals": "people", "obtain": "get",
}  # fmt: skip


def true_sentences(folder: Path, count: int, seed: int = 7) -> list[str]:
    """Sentences of the evaluation documents, English and Spanish, law and medicine alike."""
    sets = ("legal/docs", "medical/pubmedqa/docs", "medical/medquad/docs")
    sets += ("multilingual/meddocan_es/docs", "multilingual/casimedicos_es/docs")
    sentences: list[str] = []
    for name in sets:
        chooser = random.Random(f"{seed} {name}")
        paths = sorted((folder / name).glob("*.txt"))
        found: list[str] = []
        for path in chooser.sample(paths, min(len(paths), 60)):
            own = list(_sentences(path.read_text(encoding="utf-8")))
            found += chooser.sample(own, min(len(own), 8))
        chooser.shuffle(found)
        sentences += found[: count // len(sets)]
    return sentences


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.;])\s+(?=[A-ZÁÉÍÓÚ¿])|\n+", text):
        plain = " ".join(sentence.split())
        if 7 <= len(plain.split()) <= 70 and sum(c.isalpha() for c in plain) > 0.6 * len(plain):
            yield plain


def _pick(
    pattern: str, sentence: str, chooser: random.Random, flags: re.RegexFlag = re.NOFLAG
) -> re.Match[str] | None:
    matches = list(re.finditer(pattern, sentence, flags))
    return chooser.choice(matches) if matches else None


def _put(sentence: str, match: re.Match[str], replacement: str) -> str:
    return sentence[: match.start()] + replacement + sentence[match.end() :]


def change_digit(sentence: str, chooser: random.Random) -> str | None:
    if not (match := _pick(r"\d", sentence, chooser)):
        return None
    return _put(sentence, match, chooser.choice([d for d in "123456789" if d != match.group()]))


def change_number_word(sentence: str, chooser: random.Random) -> str | None:
    if not (match := _pick(rf"\b(?:{'|'.join(_WORD_NUMBERS)})\b", sentence, chooser)):
        return None
    spanish = match.group() in {"dos", "tres", "cuatro"}
    pool = _WORD_NUMBERS[-3:] if spanish else _WORD_NUMBERS[:-3]
    return _put(sentence, match, chooser.choice([word for word in pool if word != match.group()]))


def change_unit(sentence: str, chooser: random.Random) -> str | None:
    units = "|".join(sorted(map(re.escape, _UNIT_SWAPS), key=len, reverse=True))
    match = _pick(rf"(?<=\d)\s?(?P<u>{units})(?![\w/])|(?P<d>\$)(?=\s?\d)", sentence, chooser)
    match = match or _pick(r"(?<=[\w)]) (?P<u>days|months|years|weeks|hours)\b", sentence, chooser)
    if not match:
        return None
    unit = match.groupdict().get("u") or "$"
    return _put(sentence, match, match.group().replace(unit, _UNIT_SWAPS[unit]))


def change_date(sentence: str, chooser: random.Random) -> str | None:
    if not (match := _pick(_DATE.pattern, sentence, chooser)):
        return None
    date = match.group()
    month = re.search("|".join(_MONTHS), date)
    if month and chooser.random() < 0.4:
        half = _MONTHS[:12] if month.group() in _MONTHS[:12] else _MONTHS[12:]
        other = chooser.choice([name for name in half if name != month.group()])
        return _put(sentence, match, date.replace(month.group(), other))
    changed = str(int(date[-4:]) + chooser.choice([-1, 1, 10]))
    return _put(sentence, match, date[:-4] + changed)


def change_name(sentence: str, chooser: random.Random) -> str | None:
    match = _pick(r"(?<=[a-z,] )[A-ZÁÉÍÓÚ][a-záéíóúñ]{3,}\b", sentence, chooser)
    if not match or match.group() in {"Agreement", "Party", "Parties", "Section", *_MONTHS}:
        return None
    return _put(sentence, match, chooser.choice(_NAMES))


def change_first_name(sentence: str, chooser: random.Random) -> str | None:
    match = re.match(r"[A-Z][a-z]{3,}(?= (?:shall|will|may|is|was|has)\b)", sentence)
    return _put(sentence, match, chooser.choice(_NAMES)) if match else None


def add_negation(sentence: str, chooser: random.Random) -> str | None:
    if match := _pick(rf"\b(?:{'|'.join(_NEGATABLE)})\b(?! not| no\b)", sentence, chooser):
        return _put(sentence, match, match.group() + " not")
    if match := _pick(rf"(?<!no )\b(?:{'|'.join(_NEGATABLE_ES)})\b", sentence, chooser):
        return _put(sentence, match, "no " + match.group())
    return None


def drop_negation(sentence: str, chooser: random.Random) -> str | None:
    match = _pick(r"\b(?:not|never|no|without|sin|nunca|ni)\b ", sentence, chooser)
    if not match or re.match(r"no \d", match.group()):
        return None
    with_instead = {"without": "with ", "sin": "con "}
    return _put(sentence, match, with_instead.get(match.group().strip(), ""))


def change_modality(sentence: str, chooser: random.Random) -> str | None:
    if not (match := _pick(rf"\b(?:{'|'.join(_REVERSED_MODALS)})\b", sentence, chooser)):
        return None
    return _put(sentence, match, _REVERSED_MODALS[match.group()])


def swap_numbers(sentence: str, chooser: random.Random) -> str | None:
    numbers = list(re.finditer(r"(?<![\d.,/])\d+(?:\.\d+)?(?![\d.,/]*\d)", sentence))
    if len(numbers) < 2 or numbers[0].group() == numbers[-1].group():
        return None
    first, last = numbers[0], numbers[-1]
    return _put(_put(sentence, last, first.group()), first, last.group())


def as_it_is(sentence: str, chooser: random.Random) -> str | None:
    return sentence


def prefix_clause(sentence: str, chooser: random.Random) -> str | None:
    cuts = [m.start() for m in re.finditer(r"[,;] ", sentence)]
    cuts = [cut for cut in cuts if len(sentence[:cut].split()) >= 6]
    return sentence[: chooser.choice(cuts)] + "." if cuts else None


def main_clause(sentence: str, chooser: random.Random) -> str | None:
    """The sentence without the clause it opens with: `Subject to 5.1, the Buyer ...`."""
    head, comma, tail = sentence.partition(", ")
    if not comma or len(tail.split()) < 6 or len(head.split()) > 12:
        return None
    return tail[0].upper() + tail[1:]


def introduced(sentence: str, chooser: random.Random) -> str | None:
    if re.search(r"\b(?:el|la|de|los)\b", sentence):
        return "Según el documento, " + sentence
    return "According to the document, " + sentence


def with_synonyms(sentence: str, chooser: random.Random) -> str | None:
    changed = sentence
    for word, synonym in _SYNONYMS.items():
        changed = re.sub(rf"\b{word}\b", synonym, changed)
    return changed if changed != sentence else None


def date_rewritten(sentence: str, chooser: random.Random) -> str | None:
    match = _pick(rf"\b({'|'.join(_MONTHS[:12])}) (\d{{1,2}}), (\d{{4}})", sentence, chooser)
    return _put(sentence, match, f"{match[2]} {match[1]} {match[3]}") if match else None


def without_parentheses(sentence: str, chooser: random.Random) -> str | None:
    changed = re.sub(r"\s*\([^()]*\)", "", sentence)
    return changed if changed != sentence and len(changed.split()) >= 6 else None


FAULTS: dict[str, Sequence[Maker]] = {
    "digits": (change_digit, change_number_word),
    "units": (change_unit,),
    "dates": (change_date,),
    "names": (change_name, change_first_name),
    "negation": (add_negation, drop_negation),
    "modality": (change_modality,),
}
UNSCORED_FAULTS: dict[str, Sequence[Maker]] = {"swapped": (swap_numbers,)}
FAITHFUL: dict[str, Sequence[Maker]] = {
    "as it is": (as_it_is,),
    "prefix clause": (prefix_clause,),
    "main clause": (main_clause,),
    "introduced": (introduced,),
    "synonyms": (with_synonyms,),
    "date rewritten": (date_rewritten,),
    "no parentheses": (without_parentheses,),
}


def cases(
    sentences: Sequence[str], makers: Sequence[Maker], seed: int = 11
) -> list[tuple[str, str]]:
    """(true sentence, changed sentence) for every maker that found something to change."""
    found: list[tuple[str, str]] = []
    for maker in makers:
        chooser = random.Random(f"{seed} {maker.__name__}")
        for sentence in sentences:
            changed = maker(sentence, chooser)
            if changed is not None and (changed != sentence or maker is as_it_is):
                found.append((sentence, changed))
    return found
