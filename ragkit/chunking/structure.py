"""Headings of a document, found by rule where its format does not mark them, and section paths."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from ragkit.chunking.plain import label_end, lone_headings, underlined
from ragkit.chunking.words import word_set
from ragkit.types import Heading, Span

PATH_SEPARATOR = " > "
LONGEST_HEADING = 100
"""Characters. A longer line is text, whatever it looks like."""
_LONGEST_PATH_PART = 60
_DEEPEST = 6

_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_TOP_DIVISION = re.compile(
    r"(?:ARTICLE|PART|CHAPTER|EXHIBIT|SCHEDULE|ANNEX|APPENDIX|CAP[ÍI]TULO|T[ÍI]TULO|ANEXO"
    r"|Article|Exhibit|Schedule|Annex|Appendix|Cap[íi]tulo|Anexo)\s+(?:[\dIVXLC]+|[A-Z])\b"
)
_SECTION = re.compile(
    r"(?:SECTION|Section|CL[ÁA]USULA|Cl[áa]usula|ART[ÍI]CULO|Art[íi]culo)\s+"
    r"(?P<number>\d+(?:\.\d+)*|[IVXLC]+\b|[^\W\d_]+(?:PRIMERA|SEGUNDA|TERCERA|ERA|IMA|ENA|TA|AVA)\b"
    r"|(?i:primer[ao]|segund[ao]|tercer[ao]|cuart[ao]|quint[ao]|sext[ao]|s[ée]ptim[ao]|octav[ao]"
    r"|noven[ao]|d[ée]cim[ao])\b)"
)
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})(?:\.|\)|\b)\s+(?P<words>[^\W\d_].*)")
_PLAIN = re.compile(r"(?P<number>\d{1,2})\.?\s+[A-ZÁÉÍÓÚÑ][^\n.:;,?!|]{2,70}$")
_ITEM = re.compile(r"(?P<number>\d{1,2})(?P<under>\.\d{1,2}\b)?[.)]?\s")
_LONGEST_PLAIN = 9
"""Words of a numbered line that is a heading though it is written like a sentence."""
_FIELD = re.compile(r"[^:]{1,40}:\s*\S")
_BULLET = re.compile(r"[-*•●▪‣◦·–—]\s")
_ADDRESS = re.compile(r"\d+\s[^\d]*\d")
"""A bare number, words and another number: "14 Mill Lane, Leeds LS1 2AB", "3 vials of 20"."""
_LETTERED = re.compile(r"(?:\((?P<round>[a-z])\)|[A-Z][.)])\s+(?P<words>[A-Z].*)")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SMALL_WORDS = word_set(
    """
    a an and or of the to for in on by with from at as its no not per under de del la el los las
    y e o u en con por para al un una su
    """
)
_CLOSING = re.compile(r"[\s.:;]+$")

_REPORT_SECTIONS = re.compile(
    r"(?:antecedentes(?: personales| familiares| m[ée]dicos)?|motivo de (?:ingreso|consulta)"
    r"|historia (?:actual|cl[íi]nica)|enfermedad actual|exploraci[óo]n(?: f[íi]sica)?[^:.]{0,40}"
    r"|pruebas complementarias|evoluci[óo]n(?: y comentarios| cl[íi]nica)?"
    r"|diagn[óo]stico[^:.]{0,30}|tratamiento[^:.]{0,30}|datos (?:asistenciales|del paciente)"
    r"|juicio cl[íi]nico|anal[íi]tica|recomendaciones(?: al alta)?|plan|resumen|alergias"
    r"|conclusi[óo]n(?:es)?|medicaci[óo]n[^:.]{0,20}|remitido por|responsable cl[íi]nico"
    r"|intervenci[óo]n(?: quir[úu]rgica)?|procedimientos?|hallazgos|pron[óo]stico"
    r"|chief complaint|history of present(?:ing)? illness|past (?:medical|surgical) history"
    r"|(?:family|social) history|allergies|medications?(?: on \w+)?|review of systems"
    r"|physical exam(?:ination)?|vital signs|laborator(?:y|ies)(?: data| results)?|hospital course"
    r"|assessment(?: and plan)?|impression|findings|diagnos[ie]s|discharge [^:.]{1,30}"
    r"|follow[- ]?up|indications?|technique|comparison|procedures?|treatment|symptoms|causes"
    r"|prognosis|referred by|reason for (?:referral|admission|visit)"
    r"|background|objectives?|methods?|results|discussion|conclusions?|introduction|abstract)"
    r"\s*(?:[:.]|$)",
    re.IGNORECASE,
)


def headings_of(text: str, sentences: Sequence[Span]) -> tuple[Heading, ...]:
    """Headings by rule, in order. A heading is a sentence, or the label a sentence opens with."""
    lone = lone_headings(text, sentences)
    found = []
    for index, span in enumerate(sentences):
        heading = _heading(text, span) or lone.get(index)
        if heading is None and _is_lone_number(text, sentences, index):
            heading = Heading(span.start, span.end, 2, _clean(text[span.start : span.end]))
        if heading is not None:
            found.append(heading)
    return tuple(found)


class Sections:
    """The heading path at any position. `headings` in reading order."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self._starts: list[int] = []
        self._paths: list[str] = []
        open_headings: list[Heading] = []
        for heading in sorted(headings, key=lambda item: item.start):
            while open_headings and open_headings[-1].level >= heading.level:
                open_headings.pop()
            open_headings.append(heading)
            self._starts.append(heading.start)
            self._paths.append(PATH_SEPARATOR.join(_shortened(item.text) for item in open_headings))

    def path_at(self, position: int) -> str:
        """Headings above `position`, outermost first, joined by " > "; empty before the first."""
        index = bisect.bisect_right(self._starts, position) - 1
        return self._paths[index] if index >= 0 else ""


def _shortened(words: str) -> str:
    if len(words) <= _LONGEST_PATH_PART:
        return words
    return words[:_LONGEST_PATH_PART].rsplit(" ", 1)[0] + "…"


def _heading(text: str, span: Span) -> Heading | None:
    line = text[span.start : min(span.end, span.start + LONGEST_HEADING + 1)]
    if level := underlined(text, span):
        title = line.partition("\n")[0]
        return Heading(span.start, span.end, level, _clean(title))
    report = _REPORT_SECTIONS.match(line)
    if report:
        words = report.group()
        return Heading(span.start, span.start + len(words), 2, _clean(words))
    if end := label_end(text, span):
        return Heading(span.start, end, 2, _clean(text[span.start : end]))
    if span.end - span.start > LONGEST_HEADING or line.endswith((",", ";")):
        return None
    level, words = _level_and_words(line)
    return Heading(span.start, span.end, level, words) if level else None


def _is_lone_number(text: str, sentences: Sequence[Span], index: int) -> bool:
    """Whether a line like "12. Limitation of liability" is a heading: by what stands around it.

    "12.1" after it says so; the items of a list have the number before or after them instead.
    """
    span = sentences[index]
    if span.end - span.start > LONGEST_HEADING or index + 1 == len(sentences):
        return False
    plain = _PLAIN.match(text[span.start : span.end])
    if plain is None or len(plain.group().split()) > _LONGEST_PLAIN:
        return False
    number, after = int(plain["number"]), sentences[index + 1]
    if "\n" not in text[span.end : after.start]:
        return False
    following = _ITEM.match(text, after.start, after.end)
    if following and int(following["number"]) == number:
        return bool(following["under"])
    before = sentences[index - 1] if index else span
    previous = _ITEM.match(text, before.start, before.end)
    listed = (following and int(following["number"]) == number + 1) or (
        previous and int(previous["number"]) == number - 1 and not previous["under"]
    )
    return not listed and plain["number"] + "." in plain.group()


def _level_and_words(line: str) -> tuple[int, str]:
    """Level (0 for none) and words of a line that may be a heading."""
    if markdown := _MARKDOWN.match(line):
        return len(markdown[1]), _clean(markdown[2])
    if _TOP_DIVISION.match(line):
        return 1, _clean(line)
    if section := _SECTION.match(line):
        return 2 + section["number"].count("."), _clean(line)
    numbered = _NUMBERED.match(line)
    if numbered and _titled(numbered["words"]) and not _ADDRESS.match(line):
        return min(2 + numbered["number"].rstrip(".").count("."), _DEEPEST), _clean(line)
    if (lettered := _LETTERED.match(line)) and _titled(lettered["words"]):
        return 4 if lettered["round"] else 2, _clean(line)
    if _all_capitals(line):
        return 1, _clean(line)
    return 0, ""


def _clean(words: str) -> str:
    return _CLOSING.sub("", " ".join(words.split()))


def _all_capitals(line: str) -> bool:
    """At least one word of four letters, all capitals, and not a row, a label's value or a code."""
    if "|" in line or _FIELD.match(line) or _BULLET.match(line):
        return False
    letters = [letter for letter in line if letter.isalpha()]
    longest = max((len(word) for word in _WORD.findall(line)), default=0)
    digits = sum(letter.isdigit() for letter in line)
    return longest >= 4 and digits < len(letters) and all(letter.isupper() for letter in letters)


def _titled(words: str) -> bool:
    """Whether words are written as a title: few, and capital but for the small ones."""
    found = _WORD.findall(words)
    if not 1 <= len(found) <= 10 or words.count(",") > 2:
        return False
    loud = [word for word in found if word.casefold() not in _SMALL_WORDS]
    capital = sum(word[0].isupper() for word in loud)
    return bool(loud) and loud[0][0].isupper() and (capital == len(loud) or _is_label(words))


def _is_label(words: str) -> bool:
    """Short words with a closing mark: "Term of agreement." or "Ley aplicable:"."""
    return len(words.split()) <= 5 and words.rstrip().endswith((".", ":")) and "," not in words
