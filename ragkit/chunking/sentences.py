"""Where the sentences of English and Spanish legal and medical prose are.

Rules, not a model: a quote must start and end where a person would start and end it, in any
document, the same today and tomorrow, at a megabyte a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ragkit.chunking.lines import LONGEST_ROW, units
from ragkit.chunking.tables import TableRow
from ragkit.chunking.words import word_set
from ragkit.types import Span

_CLOSERS = "\"'”’»)\\]*_"
_LABEL_NUMBER = r"(?:\d{1,3}(?:\.\d{1,3})*[.)]?|\([A-Za-z]{1,4}\)|\(\d{1,3}\))"
_DIVISION = (
    r"(?:ARTICLE|SECTION|Article|Section|EXHIBIT|Exhibit|SCHEDULE|Schedule|ANNEX|CL[ÁA]USULA"
    r"|Cl[áa]usula|ART[ÍI]CULO|Art[íi]culo|CAP[ÍI]TULO|Cap[íi]tulo|ANEXO|Anexo)"
)
# The lookbehinds keep a run of dots or spaces from being tried again at each of its characters.
_CANDIDATE = re.compile(
    rf"(?P<stop>(?<![.!?…])[.!?…]++[{_CLOSERS}]*+(?=\s))"
    rf"|(?P<gap>(?<!\s)[ \t\u00a0]{{3,}}+"
    rf"(?={_LABEL_NUMBER}\s+[\"“(]?[A-ZÁÉÍÓÚÑ]|{_DIVISION}\s+[\dIVXLC]))"
)
_LABEL_ONLY = re.compile(
    rf"\s*(?:{_DIVISION}\s+[^\W\d_]+|(?:{_DIVISION}\s+)?(?:{_LABEL_NUMBER}|[A-Z]\.|[IVXLC]{{1,7}}\.|[a-z]\.|\d{{1,3}}\.?[ºª]\.?))"
    rf"\.?[{_CLOSERS}]*$"
)
_LAST_WORD = re.compile(r"[^\s(\[\"“'«/]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+$|[A-ZÁÉÍÓÚ]{2}\.$")

_NEVER_LAST = word_set(
    """
    dr dra drs dres mr mrs ms messrs prof sr sra srta sres d dña dª art arts núm num nº pág págs
    pag pags pp p fig figs vs v cf e.g i.e eg ie viz esp ej p.ej apdo apto av avda c tel tfno
    teléf fdo st mt rev gen lt col sgt hon vol vols ed eds cap sec secs sect para paras cl cláus
    ref refs exp approx aprox ca máx mín max min dept depto fecha jan feb mar apr jun jul aug
    sep sept oct nov dec ene abr ago dic
    """
)
"""Abbreviations (folded, without the last dot) that a sentence does not end with."""
_SELDOM_LAST = word_set(
    """
    inc ltd co corp llc lp llp plc s.a s.l s.a.u n.v b.v s.p.a gmbh bros u.s u.k u.s.a e.u ee.uu
    n.a etc al ph.d m.d j.d b.s m.s mg ml kg cm mm g l h hr hrs min seg mcg µg ui iu comp caps
    amp jr a.m p.m ste apt ave blvd rd bldg
    """
)
"""Abbreviations that end a sentence only when the next word often begins one."""
_NUMBERED = frozenset({"no", "nos", "nro"})
"""Abbreviations only before a number: "No. 4", but "No." is a sentence."""
_STARTERS = word_set(
    """
    the this these that those in if each any such all no nothing neither either upon except
    subject notwithstanding for it its we you he she they there when where while as at on by to
    with however therefore furthermore a an our your both during after before unless el la los
    las un una se en al por para con sin si este esta estos estas ese esa su sus paciente tras
    ante dado durante desde como cuando debido presenta
    """
)


def split_sentences(text: str, rows: Sequence[TableRow] = ()) -> tuple[Span, ...]:
    """Sentences in order: not overlapping, covering all but whitespace, none empty.

    Rows of tables, list items and label lines are sentences of their own; a blank line always ends
    a sentence; a single newline inside wrapped prose does not. Time is linear in len(text).
    rows: those of tables that are known as such, in order; other rows are told by their look.
    """
    return tuple(_sentences(text, rows))


def _sentences(text: str, rows: Sequence[TableRow]) -> Iterator[Span]:
    position = 0
    for row in rows:
        yield from _sentences_between(text, position, row.span.start)
        yield from _split_prose(text, row.span) if row.is_prose else (row.span,)
        position = row.span.end
    yield from _sentences_between(text, position, len(text))


def _sentences_between(text: str, start: int, end: int) -> Iterator[Span]:
    for unit, row in units(text, start, end):
        if row and unit.end - unit.start <= LONGEST_ROW:
            yield unit
        else:
            yield from _split_prose(text, unit)


def _split_prose(text: str, unit: Span) -> Iterator[Span]:
    start = unit.start
    for match in _CANDIDATE.finditer(text, unit.start, unit.end):
        if match.start() < start:
            continue
        if match["gap"]:
            if _LABEL_ONLY.match(text, start, match.start()):
                continue
            yield Span(start, match.start())
            start = match.end()
        elif match.end() < unit.end and _ends_sentence(text, start, match):
            yield Span(start, match.end())
            start = _skip_whitespace(text, match.end())
    if start < unit.end:
        yield Span(start, unit.end)


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the stop ends the sentence that began at `start`; something follows it."""
    following = _skip_whitespace(text, stop.end())
    opening = text[following : following + 1]
    if opening.islower() or opening in ",;:)]}.":
        return False
    marks = stop.group()
    if marks.count(".") > 3:
        return False  # leader dots of a table of contents
    if marks[0] != "." or marks.startswith(".."):
        return True
    if stop.start() - start <= 24 and _LABEL_ONLY.match(text, start, stop.end()):
        return False
    return not _abbreviation(text, start, stop.start(), following)


def _abbreviation(text: str, start: int, stop: int, following: int) -> bool:
    """Whether the dot at `stop` belongs to an abbreviation that the sentence goes on after."""
    match = _LAST_WORD.search(text, max(start, stop - 24), stop)
    if match is None:
        return False
    word = match.group()
    folded = word.casefold()
    if folded in _NEVER_LAST:
        return True
    if folded in _NUMBERED:
        return text[following].isdigit()
    initials = (len(word) == 1 and word.isupper()) or bool(_INITIALS.fullmatch(word + "."))
    if folded in _SELDOM_LAST or initials:
        return _next_word(text, following) not in _STARTERS
    return False


def _next_word(text: str, position: int) -> str:
    end = position
    while end < min(len(text), position + 24) and text[end].isalpha():
        end += 1
    return text[position:end].casefold()


def _skip_whitespace(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
