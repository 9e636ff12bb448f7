"""What a document says about itself, by rule: title, kind, language, names and date.

Only from the text, never from the file name: a renamed file keeps its facts and its vectors.
"""

from __future__ import annotations

import re
from datetime import date as Date

from ragkit.language import language_of
from ragkit.types import DocumentFacts

OPENING = 4_000
"""Characters looked at for title, names and date: where documents introduce themselves."""
MOST_NAMES = 4

_KINDS: tuple[tuple[str, str], ...] = (
    (
        "amendment",
        r"\bamendment\b|\baddendum\b|\benmienda\b|\badenda\b|modificaci[óo]n del contrato",
    ),
    ("lease", r"\blease\b|contrato de arrendamiento|\barrendamiento\b"),
    ("power of attorney", r"power of attorney|poder notarial"),
    ("will", r"last will and testament|\btestamento\b"),
    ("discharge letter", r"discharge (?:summary|letter|report)|informe de alta|alta hospitalaria"),
    (
        "lab report",
        r"lab(?:oratory)? (?:report|results)|an[áa]lisis cl[íi]nicos?|informe anal[íi]tico",
    ),
    ("radiology report", r"radiology report|imaging report|informe radiol[óo]gico"),
    ("protocol", r"\bprotocol\b|\bprotocolo\b|clinical guideline|gu[íi]a cl[íi]nica"),
    ("invoice", r"\binvoice\b|\bfactura\b"),
    ("minutes", r"\bminutes of\b|acta de (?:la )?(?:reuni[óo]n|junta)"),
    ("policy", r"\bpolicy\b|pol[íi]tica de\b"),
    ("judgment", r"\bjudgment\b|\bsentencia\b"),
    ("contract", r"\bagreements?\b|\bcontracts?\b|\bcontrato\b|\bconvenio\b|\bacuerdo\b"),
    ("report", r"\breport\b|\binforme\b"),
)
_KIND_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _KINDS)
_EMAIL = re.compile(r"(?im)^(?:from|de): .+\n(?:.*\n){0,6}?(?:subject|asunto):")
_LETTER = re.compile(r"(?im)^\s*(?:dear |estimad[oa]s? |muy señor|re: )")
_CLINICAL = re.compile(
    r"(?i)\b(?:patient|paciente|motivo de (?:ingreso|consulta)|chief complaint|antecedentes|nhc)\b"
)
_ARTICLE = re.compile(r"(?im)^\s*(?:abstract|resumen|background|introduction)\b\s*[:.]?")

_TITLE_WORDS = re.compile(
    r"(?i)\b(?:agreement|contract|amendment|lease|protocol|report|letter|policy|statement|plan|terms"
    r"|summary|contrato|convenio|acuerdo|informe|protocolo|arrendamiento|sentencia|comentario)\b"
)
_NO_TITLE = re.compile(
    r"(?i)^(?:exhibit|ex-|page|confidential|table of contents|execution (?:copy|version)|\d|\[|\*"
    r"|source:|schedule |whereas|now,? therefore|.*(?:omitted|confidential treatment|redacted"
    r"|commission|certain (?:portions|information)))"
)
_AFTER_TITLE = re.compile(r"\s+(?:(?:THIS|This|Page)\s.*|[-=_]{3,}.*)$")
_INLINE_TITLE = re.compile(
    r"(?:[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ&,'’/-]*\s+){1,9}(?:AGREEMENT|CONTRACT|AMENDMENT|LEASE|CONTRATO|CONVENIO|ACUERDO)\b"
)
_THIS_TITLE = re.compile(
    r"(?:[Tt]his|THIS)\s+((?:[A-Z][\w&'’/-]*\s+){0,7}(?:Agreement|AGREEMENT|Contract|Amendment|Lease))\b"
)

_SUFFIX = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|L\.?L\.?C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION"
    r"|Company|COMPANY|Co|CO|L\.?P|L\.?L\.?P|P\.?L\.?C|plc|GmbH|GMBH|S\.?A\.?U?|S\.?L\.?U?|N\.?V|B\.?V|AG|S\.?p\.?A"
    r"|A\.?/?S|Trust|TRUST|Bank|BANK|Partners|Foundation|Association)(?!\w)\.?"
)
_NAME_WORD = r"(?:[A-ZÁÉÍÓÚÑ][\w&.'’/-]{0,30}|&|\d[A-Z]\w{0,10})"
_COMPANY = re.compile(
    rf"(?<![\w.]){_NAME_WORD}(?:\s(?:of |de |the |del |and )?{_NAME_WORD}){{0,7}}?"
    rf",?\s{_SUFFIX}(?:,?\s{_SUFFIX})*"
)
_NOT_A_NAME = re.compile(
    r"(?:AND|And|WHEREAS|NOW|THEREFORE|BY|By|THE|The|BETWEEN|AMONG|Between|This|THIS|Between|Attn|SENDER|SHIPPER"
    r"|Agreement|AGREEMENT|Contract|CONTRACT|Address|ID|No\.|TAX)\b:?\s+"
)
_DESCRIBED = re.compile(r"\b(?:an?|such|each|any|said|A|AN)\s+$")
_GENERIC = re.compile(
    r"(?i)(?:(?:the|limited|liability|operating|parent|holding|public|stock|joint|insurance|investment|private)\s+)*"
    r"(?:company|corporation|bank|partners|trust|association|limited|foundation|ltd|inc|co)$"
)
_PARTIES_START = re.compile(r"(?i)\b(?:between|among|entre|reunidos|de una parte)\b[:,]?")
_PARTIES_END = re.compile(r"WHEREAS|RECITALS|Recitals|WITNESSETH|\bWhereas\b|EXPONEN|MANIFIESTAN")
_LONGEST_PARTIES = 1_500
_DEFINED_PARTY = re.compile(
    rf"(?:between|among|entre|and|y|AND|BETWEEN)[:,]?\s+(?:D\.?ª?\s|Dña\.?\s|Mr\.?\s|Ms\.?\s|Dr\.?\s|the\s|The\s)?"
    rf"({_NAME_WORD}(?:\s(?:of |de |the |del |van |von |y )?{_NAME_WORD}){{1,6}})(?=,|\s*\()"
)
_PATIENT = re.compile(
    r"(?im)^[ \t*#|-]*(?:patient(?:'s)?(?: name)?|name of patient|paciente|nombre del paciente"
    r"|nombre y apellidos)\s*[:|][ \t]*([^\n|;:\d]{3,60}?)[ \t.]*(?:$|[|;\d]|[ \t]{2})"
)
_GIVEN = re.compile(
    r"(?im)^[ \t]*(?:nombre|first name|given name)\s*:[ \t]*([^\n:]{2,40}?)[ .]*(?:$|apellidos)"
)
_FAMILY = re.compile(
    r"(?im)(?:apellidos|last name|surname|family name)\s*:[ \t]*([^\n:]{2,50}?)[ .]*(?:$|\s{2})"
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep sept septiembre setiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = re.compile(
    rf"(?P<iso>\b(?:19|20)\d\d-\d\d-\d\d\b)"
    rf"|\b(?P<m1>{_MONTH})\.?\s+(?P<d1>\d{{1,2}})(?:\s?(?:st|nd|rd|th))?,?\s+(?P<y1>(?:19|20)\d\d)\b"
    rf"|\b(?P<d2>\d{{1,2}})\s?(?:st|nd|rd|th|t h)?\s+(?:day\s+of\s+|de\s+)?(?P<m2>{_MONTH})\.?,?\s+"
    rf"(?:de\s+|del\s+)?(?P<y2>(?:19|20)\d\d)\b"
    rf"|\b(?P<a>\d{{1,2}})[/.](?P<b>\d{{1,2}})[/.](?P<y3>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"(?i)(?:nacimiento|birth|dob|nacid[oa])\W{0,4}\w{0,6}\W{0,3}$")


def facts_of(text: str, title: str = "") -> DocumentFacts:
    """Facts of a document; `title` is what its format carries, used where the text shows none."""
    opening = text[:OPENING]
    language = language_of(text)
    found = _title(opening) or " ".join(title.split())[:120]
    return DocumentFacts(
        title=found,
        kind=_kind(found, opening),
        language=language,
        names=_names(opening),
        date=_date(opening, day_first=language == "es"),
    )


def _title(opening: str) -> str:
    """The first short line that reads like a title, else the title the text calls itself by."""
    lines = [" ".join(line.split()) for line in opening[:2_500].splitlines()]
    short = [line for line in lines if 4 <= len(line) <= 120 and not _NO_TITLE.match(line)]
    for line in short[:12]:
        if (
            _TITLE_WORDS.search(line)
            and not line.endswith((",", ";", ":"))
            and ":" not in line[:20]
        ):
            return _AFTER_TITLE.sub("", line).strip(" .#*")
    for pattern in (_INLINE_TITLE, _THIS_TITLE):
        if match := pattern.search(opening[:2_500]):
            return " ".join(match.group(match.lastindex or 0).split())
    first = short[0] if short else ""
    return (
        first.strip(" #*") if first and ":" not in first and not first.endswith((".", ",")) else ""
    )


def _kind(title: str, opening: str) -> str:
    if _EMAIL.search(opening[:1_500]):
        return "email"
    for place in (title, opening[:600]):
        for kind, pattern in _KIND_PATTERNS:
            if pattern.search(place):
                return kind
    if _LETTER.search(opening[:1_500]):
        return "letter"
    if len(_CLINICAL.findall(opening)) >= 2:
        return "clinical note"
    return "article" if _ARTICLE.search(opening) else ""


def _names(opening: str) -> tuple[str, ...]:
    """Patients if the text names one, else the parties in order of appearance."""
    given, family = _GIVEN.search(opening), _FAMILY.search(opening)
    if given and family:
        return (_tidy(f"{given[1]} {family[1]}"),)
    if patient := _PATIENT.search(opening):
        return (_tidy(patient[1]),)
    return _parties(opening)


def _tidy(name: str) -> str:
    return " ".join(name.split()).replace(" .", "").strip(" .,;")


def _parties(opening: str) -> tuple[str, ...]:
    """Companies, and other names that a definition follows, where the parties are introduced."""
    between = _PARTIES_START.search(opening)
    start = between.start() if between else 0
    closing = _PARTIES_END.search(opening, start)
    end = min(start + _LONGEST_PARTIES, closing.start() if closing else len(opening))
    return _parties_in(opening, start, end) or _parties_in(opening, 0, len(opening))


def _parties_in(opening: str, start: int, end: int) -> tuple[str, ...]:
    found = {match.start(1): match[1] for match in _DEFINED_PARTY.finditer(opening, start, end)}
    for match in _COMPANY.finditer(opening, start, end):
        if not _DESCRIBED.search(opening, max(0, match.start() - 8), match.start()):
            found[match.start()] = max(match.group(), found.get(match.start(), ""), key=len)
    names: dict[str, str] = {}
    for _, name in sorted(found.items()):
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


def _date(opening: str, *, day_first: bool) -> str:
    """The first date that is not one of birth, as ISO; "" for none."""
    for match in _DATES.finditer(opening):
        if _BIRTH.search(opening, max(0, match.start() - 30), match.start()):
            continue
        if iso := _iso(match, day_first=day_first):
            return iso
    return ""


def _iso(match: re.Match[str], *, day_first: bool) -> str:
    if match["iso"]:
        return match["iso"]
    if match["m1"]:
        year, month, day = int(match["y1"]), _MONTHS[match["m1"].lower()], int(match["d1"])
    elif match["m2"]:
        year, month, day = int(match["y2"]), _MONTHS[match["m2"].lower()], int(match["d2"])
    else:
        first, second = int(match["a"]), int(match["b"])
        day, month = (first, second) if day_first or first > 12 else (second, first)
        year = int(match["y3"])
    try:
        return Date(year, month, day).isoformat()
    except ValueError:
        return ""  # the 31st of February: a typing error in the document, not a date
