"""Whom a document is about: its patients, or its parties."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_NAMES = 4

_PARTICLE = r"(?:de la|de los|de las|de|del|la|van der|van|von|da|dos|y|i|e)"
_WORD = r"[A-ZÁÉÍÓÚÜÑÇ][^\W\d_]*(?:['’-][^\W\d_]+)*"
_INITIAL = r"[A-ZÁÉÍÓÚÑ]\."
_CAPITALS = r"[A-ZÁÉÍÓÚÜÑÇ]{2,}(?:['’-][A-ZÁÉÍÓÚÜÑÇ]+)*"
_GIVEN_NAME = rf"(?:{_INITIAL}|{_WORD})"
_PERSON = (
    rf"(?:(?:{_CAPITALS}(?:[ ]{_CAPITALS}){{1,2}}|{_WORD}),[ ]{_GIVEN_NAME}(?:[ ]{_GIVEN_NAME})?"
    rf"|{_GIVEN_NAME}(?:[ ](?:{_PARTICLE}[ ])?{_GIVEN_NAME}){{1,4}})"
)
"""Two to five words with a capital, or the family's name first: "LEE, Ann"."""
_HONORIFIC = re.compile(
    r"(?:(?:Dr|Dra|Mr|Mrs|Ms|Miss|Prof|Sr|Sra|Dña|Don|Doña|DON|DOÑA|DR|MR|MRS|MS|D)\b\.?ª?[ ]+)+"
)
_TITLES = r"(?:(?:Mr|Mrs|Ms|Miss|Master|Dr|Sr|Sra|Dña|Don|Doña|D\.ª|D)\b\.?[ ]+)?"
_LABEL = (
    r"(?i:(?:name of (?:the )?)?(?:patient|resident)(?:['’]s)?(?:[ ](?:full[ ])?name)?"
    r"|(?:nombre del? )?(?:la )?(?:paciente|residente)|nombre y apellidos|full name|name|nombre)"
)
# With a mark, anything that reads as a name is one; without, it must fill the line.
_MARKED = re.compile(
    rf"(?m)(?:^[ \t*#|-]*+|[|·;][ \t*]*+){_LABEL}[ *]*[:|][ \t*]*{_TITLES}(?P<name>{_PERSON})"
)
_UNMARKED = re.compile(
    rf"(?m)^[ \t]*{_LABEL}[ \t]*(?:\n[ \t]*|[ ]){_TITLES}(?P<name>{_PERSON})"
    r"[ \t]*(?=$|,[ ]|[(]|[ ]{2}|\t)"
)
_AGE = r"\d{1,3}[ -]?(?:y\b|yrs?\b|years?\b|yo\b|a[ñn]os\b)"
_BORN = re.compile(
    rf"(?<![\w-]){_TITLES}(?P<name>{_PERSON})[,;]?[ ]+\(?"
    rf"(?i:born\b|nacid[oa]\b|d\.?o\.?b\b|date of birth|fecha de nacimiento|{_AGE})"
)
_TITLED = re.compile(rf"(?:[ ][|–—-][ ]|\b(?:for|para)[ ])(?P<name>{_PERSON})(?=$|[ ][|–—-][ ])")
_BIRTH = re.compile(r"(?i)\b(?:born|date of birth|d\.?o\.?b|nacid[oa]|fecha de nacimiento)\b")
_GIVEN = re.compile(
    r"(?im)^[ \t]*(?:nombre|first name|given name)\s*:[ \t]*([^\n:]{2,40}?)[ .]*(?:$|apellidos)"
)
_FAMILY = re.compile(
    r"(?im)(?:apellidos|last name|surname|family name)\s*:[ \t]*([^\n:]{2,50}?)[ .]*(?:$|\s{2})"
)
_COLUMN = re.compile(r"(?i)(?:patient|paciente)(?:[ _](?:name|nombre))?")
_NO_PERSON = re.compile(
    r"(?i)\b(?:patient|paciente|name|nombre|information|informaci[óo]n|data|datos|details|date|fecha"
    r"|birth|nacimiento|age|edad|sex|sexo|gender|number|id|nhc|record|history|historia|consent"
    r"|consentimiento|care|cuidados|safety|group|bed|cama|ward|hospital|clinic|cl[íi]nica|unit"
    r"|unidad|department|servicio|service|report|informe|plan|letter|notes?|drug|dose|surgery|study"
    r"|male|female|man|woman|var[óo]n|mujer|ni[ñn][oa]|the|this|el|un|una|address|domicilio)\b"
)

_SUFFIX = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|L\.?L\.?C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION"
    r"|Company|COMPANY|Co|CO|L\.?P|L\.?L\.?P|P\.?L\.?C|plc|GmbH|GMBH|S\.?A\.?U?|S\.?L\.?[UP]?|N\.?V|B\.?V|AG|S\.?p\.?A"
    r"|A\.?/?S|Trust|TRUST|Bank|BANK|Partners|Foundation|Association)(?!\w)\.?"
)
_NAME_WORD = r"(?:[A-ZÁÉÍÓÚÑ][\w&.'’/-]{0,30}|&|\d[A-Z]\w{0,10})"
_COMPANY = re.compile(
    rf"(?<![\w.])(?:(?:(?<=\b[Ee]ntre )|(?<=\bENTRE )){_NAME_WORD} y (?=[^;(]{{3,60}}[(,][^;]{{0,300}}\by\b))?"
    rf"{_NAME_WORD}(?:\s(?:of |de |the |del |and )?{_NAME_WORD}){{0,7}}?"
    rf",?\s{_SUFFIX}(?:,?\s{_SUFFIX})*"
)
_NOT_A_NAME = re.compile(
    r"(?:AND|And|WHEREAS|NOW|THEREFORE|BY|By|THE|The|BETWEEN|AMONG|Between|ENTRE|Entre|This|THIS|Attn|SENDER|SHIPPER"
    r"|Agreement|AGREEMENT|Contract|CONTRACT|Address|ID|No\.|TAX)\b:?\s+"
)
_DESCRIBED = re.compile(r"\b(?:an?|such|each|any|said|A|AN)\s+$")
_GENERIC = re.compile(
    r"(?i)(?:(?:the|limited|liability|operating|parent|holding|public|stock|joint|insurance|investment|private)\s+)*"
    r"(?:company|corporation|bank|partners|trust|association|limited|foundation|ltd|inc|co)$"
)
_PARTIES_START = re.compile(r"(?i)\b(?:between|among|entre|reunidos|de una parte)\b[:,]?")
_PARTIES_END = re.compile(
    r"WHEREAS|RECITALS|Recitals|WITNESSETH|\bWhereas\b|EXPONEN|MANIFIESTAN|\n(?:Background|BACKGROUND)\b"
    r"|\n\W{0,3}\d{1,2}\.?\s+(?:Definition|DEFINITION|Interpretation|INTERPRETATION)"
)
_LONGEST_PARTIES = 1_500
_DEFINED_PARTY = re.compile(
    rf"(?:\b(?:between|among|entre|and|y|AND|BETWEEN)[:,]?|\([a-z\d]\))\s+"
    r"(?:D\.?ª?\s|Dña\.?\s|Mr\.?\s|Ms\.?\s|Dr\.?\s|the\s|The\s|la\s|el\s)?"
    rf"({_NAME_WORD}(?:\s(?:of |de |the |del |van |von |y )?{_NAME_WORD}){{1,6}})(?=,|\s*\()"
)
_GRANTOR = re.compile(rf"\b(?:DON|DOÑA|Don|Doña|Dña\.|D\.ª|D\.)[ ](?P<name>{_PERSON})(?=,)")
_SENDER = re.compile(r"(?im)^(?:from|to|de|para):[ \t]*\"?(?P<name>[^\n\"<>@,]{3,60}?)\"?[ \t]*<")


def patients_of(opening: str, title: str) -> tuple[str, ...]:
    """The patients that a label, an age or a date of birth marks, else the one in the title."""
    given, family = _GIVEN.search(opening), _FAMILY.search(opening)
    if given and family:
        return (_tidy(f"{given[1]} {family[1]}"),)
    for pattern in (_MARKED, _UNMARKED, _BORN):
        if names := _persons(match["name"] for match in pattern.finditer(opening)):
            return names
    if names := _persons(_column(opening)):
        return names
    # Only of a text about one person is the name in the title that person's.
    titled = _TITLED.finditer(title if _BIRTH.search(opening) else "")
    return _persons(match["name"] for match in titled)


def parties_of(opening: str) -> tuple[str, ...]:
    """Companies, and other names that a definition follows, where the parties are introduced."""
    between = _PARTIES_START.search(opening)
    start = between.start() if between else 0
    closing = _PARTIES_END.search(opening, start)
    end = min(start + _LONGEST_PARTIES, closing.start() if closing else len(opening))
    found = _defined(opening, start, end) or _defined(opening, 0, len(opening))
    return found or _persons(match["name"] for match in _GRANTOR.finditer(opening))


def companies_of(opening: str) -> tuple[str, ...]:
    """Companies by the form of their name, in order of appearance."""
    return _distinct(name for _, name in sorted(_companies(opening, 0, len(opening)).items()))


def correspondents_of(opening: str) -> tuple[str, ...]:
    """The names of a mail's sender and first receivers."""
    return tuple(dict.fromkeys(_tidy(match["name"]) for match in _SENDER.finditer(opening)))


def _persons(found: Iterator[str]) -> tuple[str, ...]:
    """At most MOST_NAMES different persons; words that are no name are left out."""
    persons: dict[str, str] = {}
    for name in found:
        person = _in_order(_HONORIFIC.sub("", " ".join(name.split()), count=1))
        if " " in person and not _NO_PERSON.search(person):
            persons.setdefault(" ".join(sorted(person.casefold().split())), person)
        if len(persons) == MOST_NAMES:
            break
    return tuple(persons.values())


def _in_order(name: str) -> str:
    """ "FAMILY, Given" as "Given FAMILY"."""
    family, _, given = name.partition(", ")
    return f"{given} {family}" if given else name


def _column(opening: str) -> Iterator[str]:
    """The cells of a column of patients, in a table whose first line names its columns."""
    lines = opening.splitlines()
    mark = max(",;\t|", key=lines[0].count) if lines else ","
    labels = [label.strip() for label in lines[0].split(mark)] if lines else []
    column = next((i for i, label in enumerate(labels) if _COLUMN.fullmatch(label)), None)
    if column is None or len(labels) < 3:
        return
    for line in lines[1:]:
        cells = line.split(mark)
        if len(cells) == len(labels):
            yield cells[column].strip()


def _tidy(name: str) -> str:
    plain = " ".join(name.split()).replace(" .", "").strip(" .,;")
    # The last point of a legal form belongs to it where the others are written.
    return f"{plain}." if re.search(r"\b[A-Z]\.[A-Z]$", plain) and f"{plain}." in name else plain


def _companies(opening: str, start: int, end: int) -> dict[int, str]:
    return {
        match.start(): match.group()
        for match in _COMPANY.finditer(opening, start, end)
        if not _DESCRIBED.search(opening, max(0, match.start() - 8), match.start())
    }


def _defined(opening: str, start: int, end: int) -> tuple[str, ...]:
    found = {match.start(1): match[1] for match in _DEFINED_PARTY.finditer(opening, start, end)}
    for position, name in _companies(opening, start, end).items():
        found[position] = max(name, found.get(position, ""), key=len)
    return _distinct(name for _, name in sorted(found.items()))


def _distinct(found: Iterator[str]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    for name in found:
        _add(names, name)
    return tuple(names.values())[:MOST_NAMES]


def _add(names: dict[str, str], name: str) -> None:
    """Keep `name` under its letters, unless it is generic or a shorter or longer form is there."""
    tidy = _tidy(name)
    while opening := _NOT_A_NAME.match(tidy):
        tidy = tidy[opening.end() :]
    key = re.sub(r"\W", "", tidy).casefold()
    if len(key) < 3 or _GENERIC.fullmatch(tidy):
        return
    if not any(key in known or known in key for known in names):
        names[key] = tidy
