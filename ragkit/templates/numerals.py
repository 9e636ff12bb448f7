"""Numbers in words, folded, of English and Spanish."""

from __future__ import annotations

import re

_SIMPLE = {
    word: number
    for number, words in enumerate(
        (
            "zero|cero",
            "one|un|uno|una",
            "two|dos",
            "three|tres",
            "four|cuatro",
            "five|cinco",
            "six|seis",
            "seven|siete",
            "eight|ocho",
            "nine|nueve",
            "ten|diez",
            "eleven|once",
            "twelve|doce",
            "thirteen|trece",
            "fourteen|catorce",
            "fifteen|quince",
            "sixteen|dieciseis",
            "seventeen|diecisiete",
            "eighteen|dieciocho",
            "nineteen|diecinueve",
            "twenty|veinte",
            "veintiun|veintiuno|veintiuna",
            "veintidos",
            "veintitres",
            "veinticuatro",
            "veinticinco",
            "veintiseis",
            "veintisiete",
            "veintiocho",
            "veintinueve",
        )
    )
    for word in words.split("|")
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "treinta": 30,
    "forty": 40,
    "cuarenta": 40,
    "fifty": 50,
    "cincuenta": 50,
    "sixty": 60,
    "sesenta": 60,
    "seventy": 70,
    "setenta": 70,
    "eighty": 80,
    "ochenta": 80,
    "ninety": 90,
    "noventa": 90,
    "cien": 100,
    "ciento": 100,
    **{
        f"{word}cient{end}s": hundreds
        for word, hundreds in (
            ("dos", 200),
            ("tres", 300),
            ("cuatro", 400),
            ("seis", 600),
            ("ocho", 800),
        )
        for end in "oa"
    },
    "quinientos": 500,
    "quinientas": 500,
    "setecientos": 700,
    "setecientas": 700,
    "novecientos": 900,
    "novecientas": 900,
}
COUNT_WORD = "|".join(
    sorted({*_SIMPLE, *_TENS, "hundred", "thousand", "mil"}, key=len, reverse=True)
)


def number_of(words: str) -> int:
    """Of a number in words; 0 if it is none."""
    thousands = total = 0
    for word in re.findall(r"[a-z]+", words):
        if word == "hundred":
            total = max(total, 1) * 100
        elif word in ("thousand", "mil"):
            thousands, total = max(total, 1) * 1000, 0
        else:
            total += _TENS.get(word, _SIMPLE.get(word, 0))
    return thousands + total
