"""Faithful rewordings of true sentences: none of them may be withheld.

Half are made by rule, half were written by hand (faithful.jsonl): sentences in other words, each with
the document and the characters it rests on; of the document itself nothing is kept here.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from ragkit.bench.faults import MONTHS, Maker, is_spanish
from ragkit.bench.true_sentences import TrueSentence, read_document

_SYNONYMS = {
    "shall": "must", "prior to": "before", "pursuant to": "under", "commence": "begin",
    "in the event that": "if", "terminate": "end", "in accordance with": "under", "upon": "on",
    "participants": "subjects", "obtained": "got", "utilized": "used", "purchase": "buy",
    "approximately": "about", "demonstrated": "showed", "assist": "help", "examined": "studied",
    "realizó": "hizo", "presentaba": "tenía", "posteriormente": "después", "varón": "hombre",
    "in order to": "to", "provide": "supply", "individuals": "people", "obtain": "get",
}  # fmt: skip
_IN_WORDS = {
    "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine", "10": "ten", "12": "twelve", "15": "fifteen", "20": "twenty", "30": "thirty",
    "60": "sixty", "90": "ninety",
}  # fmt: skip
_IN_SPANISH_WORDS = {
    "2": "dos", "3": "tres", "4": "cuatro", "5": "cinco", "6": "seis", "7": "siete", "8": "ocho",
    "9": "nueve", "10": "diez", "12": "doce", "15": "quince", "20": "veinte", "30": "treinta",
}  # fmt: skip


def as_it_is(sentence: str, chance: random.Random) -> str | None:
    return sentence


def prefix_clause(sentence: str, chance: random.Random) -> str | None:
    cuts = [m.start() for m in re.finditer(r"[,;] ", sentence)]
    cuts = [cut for cut in cuts if len(sentence[:cut].split()) >= 6]
    return sentence[: chance.choice(cuts)] + "." if cuts else None


def main_clause(sentence: str, chance: random.Random) -> str | None:
    """The sentence without the clause it opens with: `Subject to 5.1, the Buyer ...`."""
    head, comma, tail = sentence.partition(", ")
    if not comma or len(tail.split()) < 6 or len(head.split()) > 12:
        return None
    return tail[0].upper() + tail[1:]


def introduced(sentence: str, chance: random.Random) -> str | None:
    lead = "Según el documento, " if is_spanish(sentence) else "According to the document, "
    return lead + sentence


def with_synonyms(sentence: str, chance: random.Random) -> str | None:
    changed = sentence
    for word, synonym in _SYNONYMS.items():
        changed = re.sub(rf"\b{word}\b", synonym, changed)
    return changed


def date_rewritten(sentence: str, chance: random.Random) -> str | None:
    match = re.search(rf"\b({'|'.join(MONTHS[:12])}) (\d{{1,2}}), (\d{{4}})", sentence)
    if match:
        return (
            f"{sentence[: match.start()]}{match[2]} {match[1]} {match[3]}{sentence[match.end() :]}"
        )
    match = re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", sentence)
    if match is None or not is_spanish(sentence) or not 1 <= int(match[2]) <= 12:
        return None
    written = f"{int(match[1])} de {MONTHS[11 + int(match[2])]} de {match[3]}"
    return sentence[: match.start()] + written + sentence[match.end() :]


def number_in_words(sentence: str, chance: random.Random) -> str | None:
    words = _IN_SPANISH_WORDS if is_spanish(sentence) else _IN_WORDS
    match = re.search(rf"(?<![\w.,/(–-])({'|'.join(words)})(?= [a-zá-ú]{{3,}})", sentence)
    return (
        f"{sentence[: match.start()]}{words[match[1]]}{sentence[match.end() :]}" if match else None
    )


def without_parentheses(sentence: str, chance: random.Random) -> str | None:
    changed = re.sub(r"\s*\([^()]*\)", "", sentence)
    return changed if len(changed.split()) >= 6 else None


FAITHFUL: dict[str, Sequence[Maker]] = {
    "as it is": (as_it_is,),
    "prefix clause": (prefix_clause,),
    "main clause": (main_clause,),
    "introduced": (introduced,),
    "synonyms": (with_synonyms,),
    "date rewritten": (date_rewritten,),
    "number in words": (number_in_words,),
    "no parentheses": (without_parentheses,),
}


def handwritten(folder: Path) -> Iterator[tuple[TrueSentence, str]]:
    """(the sentence it rests on, the same in other words) of the documents that lie in `folder`."""
    lines = (files("ragkit.bench") / "faithful.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        written = json.loads(line)
        path = folder / written["document"]
        if path.is_file():
            text = read_document(path)[written["start"] : written["end"]]
            plain = " ".join(text.replace("**", "").split())
            yield TrueSentence(written["document"], plain), written["text"]
