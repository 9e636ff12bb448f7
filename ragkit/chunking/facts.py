"""What a document says about itself, by rule: title, kind, language, names and date.

Only from the text, never from the file name: a renamed file keeps its facts and its vectors.
"""

from __future__ import annotations

import re

from ragkit.chunking.dates import date_of
from ragkit.chunking.lines import MARKER, is_row
from ragkit.chunking.names import companies_of, correspondents_of, parties_of, patients_of
from ragkit.language import language_of
from ragkit.types import DocumentFacts

OPENING = 4_000
"""Characters looked at for title, names and date: where documents introduce themselves."""

_BEGINNING = 300
"""Characters in which a title stands that has no word of one."""

_KINDS: tuple[tuple[str, str], ...] = (
    (
        "amendment",
        r"\bamendment\b|\baddendum\b|\benmienda\b|\badenda\b|modificaci[óo]n del contrato",
    ),
    ("lease", r"\blease\b|contrato de arrendamiento|\barrendamiento\b"),
    ("power of attorney", r"power of attorney|poder notarial|\bpoder (?:especial|general)\b"),
    ("will", r"last will and testament|\btestamento\b"),
    ("discharge letter", r"discharge (?:summary|letter|report)|informe de alta|alta hospitalaria"),
    ("referral letter", r"^referral\b|referral (?:letter|to)\b|carta de derivaci[óo]n"),
    ("consent form", r"\bconsent (?:form|for|to)\b|informed consent|consentimiento informado"),
    (
        "lab report",
        r"lab(?:oratory)? (?:report|results)|microbiology report|pathology report"
        r"|an[áa]lisis cl[íi]nicos?|informe (?:anal[íi]tico|de anal[íi]tica)",
    ),
    ("radiology report", r"radiology report|imaging report|informe (?:radiol[óo]gico|de imagen)"),
    ("operation report", r"operati(?:on|ve) (?:report|note)|informe quir[úu]rgico"),
    ("protocol", r"\bprotocol\b|\bprotocolo\b|clinical guideline|gu[íi]a cl[íi]nica"),
    ("invoice", r"\binvoice\b|\bfactura\b"),
    ("minutes", r"\bminutes of\b|\bacta de (?:la )?(?:reuni[óo]n|junta)"),
    ("policy", r"\bpolicy\b|pol[íi]tica de\b"),
    ("judgment", r"\bjudgment\b|\bsentencia\b"),
    ("memorandum", r"\bmemo(?:randum|r[áa]ndum)?\b"),
    ("letter", r"\bletter\b|\bcarta\b|\bburofax\b"),
    ("notes", r"\bnotes\b|\bnotas de\b|\bhandover\b"),
    (
        "contract",
        r"\bagreements?\b|\bcontracts?\b|\bcontrato\b|\bconvenio\b|\bacuerdo\b|statement of work",
    ),
    ("report", r"\breport\b|\binforme\b"),
)
_KIND_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _KINDS)
_EMAIL = re.compile(r"(?im)^(?:from|de): .+\n(?:.*\n){0,6}?(?:subject|asunto):")
_LETTER = re.compile(r"(?im)^[ \t]*+(?:dear |estimad[oa]s? |muy señor|re: )")
_WITH_PARTIES = frozenset({"amendment", "lease", "power of attorney", "will", "contract"})
_CLINICAL = re.compile(
    r"(?i)\b(?:patient|paciente|motivo de (?:ingreso|consulta)|chief complaint|antecedentes|nhc)\b"
)
_AGREED = re.compile(
    r"(?i)\b(?:agreement|contrato|convenio|acuerdo)\b[^.]{0,200}\b(?:by and between|between|among|entre)\b"
)
_ARTICLE = re.compile(r"(?im)^[ \t]*+(?:abstract|resumen|background|introduction)\b\s*[:.]?")

_SUBJECT = re.compile(r"(?im)^(?:subject|asunto):[ \t]*(\S.*)$")
_TITLE_WORDS = re.compile(
    r"(?i)\b(?:agreement|contract|amendment|lease|protocol|report|letter|policy|statement|plan|terms"
    r"|summary|consent|referral|notes|record|handover|memorandum|deed|contrato|convenio|acuerdo"
    r"|informe|protocolo|arrendamiento|sentencia|comentario|acta|escritura|consentimiento|poder|notas"
    r"|burofax)\b"
)
_RUNNING = re.compile(
    r"^[^A-ZÁÉÍÓÚÑ¿\"“(]*[a-záéíóúñü]|(?:[a-záéíóúñ]{4}|\d\d|\))\. [A-ZÁÉÍÓÚÑ]|^(?:Dear|Thank|Estimad)\b"
    r"|\b(?:is|are|was|were|has|have|had|shall|will|must|may|who|which|that|you|your|we|our|he|she"
    r"|they|be|been|es|son|fue|ha|han|hemos|que|se|usted|nos|está|sin embargo)\b"
)
"""Marks of a sentence: a small first letter, another sentence after it, the small words of one."""
_SMALL = re.compile(
    r"\s(?:OF|TO|FOR|IN|THE|AND|WITH|ON|DE|DEL|LA|EL|PARA|EN|Y|CON|POR)\n"
    r"|\n(?:OF|FOR|IN|DE|DEL|PARA|CON)\s"
)
_FIELD = re.compile(
    r"(?i)^(?:nombre|apellidos|name|patient|paciente|date|fecha|from|to|de|para|re|ref)\b[^:|\n]{0,20}[:|]"
)
_NO_TITLE = re.compile(
    r"(?i)^(?:exhibit|ex-|page|confidential|table of contents|execution (?:copy|version)|\d|\[|\*"
    r"|source:|schedule |whereas|now,? therefore|.*(?:omitted|confidential treatment|redacted"
    r"|commission|certain (?:portions|information)))"
)
_AFTER_TITLE = re.compile(r"(?<!\s)\s++(?:(?:THIS|This|Page)\s.*|[-=_]{3,}.*)$")
_INLINE_TITLE = re.compile(
    r"(?:[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ&,'’/-]*\s+){1,9}(?:AGREEMENT|CONTRACT|AMENDMENT|LEASE|CONTRATO|CONVENIO|ACUERDO)\b"
)
_THIS_TITLE = re.compile(
    r"(?:[Tt]his|THIS)\s+((?:[A-Z][\w&'’/-]*\s+){0,7}(?:Agreement|AGREEMENT|Contract|Amendment|Lease))\b"
)


def facts_of(text: str, title: str = "") -> DocumentFacts:
    """Facts of a document; `title` is what its format carries, used where the text shows none."""
    opening = text[:OPENING]
    language = language_of(text)
    lines = _title_lines(opening)
    mail = bool(_EMAIL.search(opening[:1_500]))
    found = _subject(opening) if mail else _title(opening, lines, " ".join(title.split())[:120])
    kind = "email" if mail else _kind(found, lines, opening)
    return DocumentFacts(
        title=found,
        kind=kind,
        language=language,
        names=_names(kind, opening, f"{title}\n{found}"),
        date=date_of(opening, day_first=language == "es"),
    )


def _title_lines(opening: str) -> list[str]:
    """The first lines that may be a title: short, no field, no row, no item, no running sentence."""
    found = (line.strip(" \t#*") for line in _unwrapped(opening[:2_500]))
    lines = (" ".join(_AFTER_TITLE.sub("", line).split()) for line in found if not is_row(line))
    return [line for line in lines if _may_be_title(line)][:12]


def _unwrapped(opening: str) -> list[str]:
    """Lines, those in capitals together that are one title in two lines."""
    lines: list[str] = []
    for line in opening.splitlines():
        if lines and _is_wrapped(lines[-1].strip(), line.strip()):
            lines[-1] = f"{lines[-1].strip()} {line.strip()}"
        else:
            lines.append(line)
    return lines


def _is_wrapped(line: str, following: str) -> bool:
    """Whether a line in capitals goes on: at a small word, or at the noun that it lacks."""
    if not line.replace("No.", "").isupper() or not following.isupper():
        return False
    small = _SMALL.search(f"{line}\n{following}")
    return bool(small) or bool(
        _TITLE_WORDS.fullmatch(following) and not _TITLE_WORDS.search(line.rsplit(" ", 1)[-1])
    )


def _may_be_title(line: str) -> bool:
    return (
        4 <= len(line) <= 120
        and not line.endswith((",", ";", ":"))
        and not any(mark.search(line) for mark in (_NO_TITLE, _FIELD, _RUNNING))
        and not MARKER.match(line)
    )


def _subject(opening: str) -> str:
    subject = _SUBJECT.search(opening)
    return " ".join(subject[1].split())[:120] if subject else ""


def _title(opening: str, lines: list[str], stated: str) -> str:
    """A line that names a kind of document, the name the text calls itself by, `stated`, a line."""
    for line in lines:
        if _TITLE_WORDS.search(line):
            return line.strip(" .:#*")
    for pattern in (_INLINE_TITLE, _THIS_TITLE):
        if match := pattern.search(opening[:2_500]):
            return " ".join(match.group(match.lastindex or 0).split())
    if stated and not _FIELD.search(stated):
        return stated
    first = lines[0] if lines else ""
    begins = first in " ".join(opening[:_BEGINNING].split())
    return first if begins and ":" not in first and not first.endswith(".") else ""


def _kind(title: str, lines: list[str], opening: str) -> str:
    """By the words of the title, else of the lines like it: what prose mentions is no kind."""
    for place in (title, "\n".join(lines)):
        for kind, pattern in _KIND_PATTERNS:
            if pattern.search(place):
                return kind
    if _LETTER.search(opening[:1_500]):
        return "letter"
    if len(_CLINICAL.findall(opening)) >= 2:
        return "clinical note"
    if _AGREED.search(opening[:1_500]):
        return "contract"
    return "article" if _ARTICLE.search(opening) else ""


def _names(kind: str, opening: str, title: str) -> tuple[str, ...]:
    """The parties of a contract; of anything else the patients, else those who write or trade."""
    if kind in _WITH_PARTIES:
        return parties_of(opening)
    if patients := patients_of(opening, title):
        return patients
    if kind == "email":
        return correspondents_of(opening)
    return () if _CLINICAL.search(opening) else companies_of(opening)
