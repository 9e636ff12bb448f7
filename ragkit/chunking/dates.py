"""The date of a document, among the dates that it mentions: not one of birth, and not a deadline."""

from __future__ import annotations

import re

from ragkit.dates import DATES, iso_date

_REACH = 80
"""Characters before a date in which the words stand that say what it is the date of."""
_BOUNDARY = re.compile(r"[.;·]\s+(?=[^\w\n]*[A-ZÁÉÍÓÚÑ])|\n(?=[^\w\n]*[A-ZÁÉÍÓÚÑ])|\n\s*\n")
"""After the last of these begins the label or clause of the date."""
_ANOTHER = re.compile(
    r"(?i)\b(?:born|birth|d\.?o\.?b|nacimiento|nacid[oa]|f\.?\s?nac"
    r"|until|till|hasta|due|expir\w+|vence\w*|vencimiento|caduca\w*|antes del?|extin\w+"
    r"|no later than|since|desde"
    r"|replac\w+|supersed\w+|sustituye\w*)\b"
)
"""Of a date that is never the document's: of birth, a deadline, an older version's."""
_EXPECTED = re.compile(
    r"(?i)\b(?:planned|scheduled|next|review|appointment|previst[oa]|pr[óo]xim[oa]|revisi[óo]n|cita)\b"
)
_OWN = re.compile(
    r"(?i)\n[^\w\n]*(?:date|fecha|reported|final report|discharged|signed|approved|in force|issued"
    r"|version|written|firmado|emitido)\b(?! of (?:admission|referral)\b| de ingreso\b)[^\n]{0,40}$"
    r"|\b(?:dated|made (?:and entered )?(?:as of|on|this)|entered into|effective|as of|executed"
    r"|in force|written|fechad[oa]|suscrito|letter of|carta de)(?:\W+\w+){0,3}\W*$"
)
_PLACE = re.compile(
    r"\n[^\w\n]*+(?:En\s)?[A-ZÁÉÍÓÚÑ][^\n.,:;|\d]{1,40},\s+(?:a\s+)?(?:d[íi]a\s+)?$"
)
_ENTRY = re.compile(r"[*|.,:]?(?:[ \t]*$|[ ]{2}|\t|[ ]\d\d:\d\d)", re.MULTILINE)
"""After a date at the start of its line: of a letter, or of the first entry of a journal."""
_MANY_CELLS = re.compile(
    r"\|?+(?:[^|\n]{0,200}\|){3}|(?:[^;\n]{0,200};(?!\s)){4}|(?:[^,\n]{0,200},(?!\s)){4}"
)
"""A row of a table with several cells: its dates belong to what it lists."""
_LEAST, _COMING, _MENTIONED, _STATED = range(4)


def date_of(opening: str, *, day_first: bool) -> str:
    """The date that `opening` gives as the document's own, as ISO; "" if it gives none.

    One with a label, or alone in its line, goes before the first that is merely mentioned.
    """
    best, found, last_end = _LEAST, "", 0
    for match in DATES.finditer(opening):
        weight = _weight(opening, match, last_end)
        if weight > best and (iso := iso_date(match, day_first=day_first)):
            best, found = weight, iso
        last_end = match.end()
    return found


def _weight(opening: str, match: re.Match[str], last_end: int) -> int:
    """How much speaks for the date being the document's; `last_end`: where the date before ends."""
    line_start = opening.rfind("\n", 0, match.start()) + 1
    if _MANY_CELLS.match(opening, line_start):
        return _LEAST
    label = _label(opening, max(last_end, match.start() - _REACH), match.start())
    if _ANOTHER.search(label):
        return _LEAST
    if _EXPECTED.search(label):
        return _COMING
    alone = not opening[line_start : match.start()].strip(" \t*#|") and _ENTRY.match(
        opening, match.end()
    )
    return _STATED if alone or _OWN.search(label) or _PLACE.search(label) else _MENTIONED


def _label(opening: str, start: int, end: int) -> str:
    """What stands before a date in its clause, with a newline first where the clause begins."""
    boundaries = [mark.end() for mark in _BOUNDARY.finditer(opening, start, end)]
    if boundaries:
        return "\n" + opening[boundaries[-1] : end]
    return ("" if start else "\n") + opening[start:end]
