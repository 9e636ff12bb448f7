"""What the readers of contracts and of medical files look for, told by a few signs in each language."""

from __future__ import annotations

import re

_FIGURE = re.compile(
    r"""(?ix)
    [£€$]\s?\d | \d\s?(?:%|€|euros?\b)
    | \b(?:\d+|an?|one|two|three|four|five|six|ten|twelve|un|dos|tres|cuatro|cinco|seis|doce)
      (?:\s\(\w+\))?\s(?:\w+\s)?(?:hours?|days?|weeks?|months?|years?|horas?|d[íi]as?|semanas?|mes(?:es)?|años?)\b
    | \b\d{1,2}\s(?:de\s)?[^\W\d_]{3,10}\s(?:de\s)?\d{4}\b
    """
)
_AMOUNT = re.compile(r"[£€$]\s?\d|\d\s?(?:%|€|euros?\b)")
_DUTY = re.compile(
    r"""(?ix)\b(?:
    shall|must|may|limited|payable|replaced|takes\ effect|reduced|entitled|pays?|is|are
    |deber[áa]n?|podr[áa]n?|abonar[áa]|pagar[áa]|obliga\w*|asciende|queda|ser[áa]|es|tendr[áa]|limit\w*
    )\b"""
)
_EXCLUSION = re.compile(
    r"(?i)\b(?:(?:shall|must|may)\s+not|neither\s+party|not\s+liable|excludes?|excluded|does\s+not\s+apply"
    r"|no\s+(?:podrá|responderá|deberá|será)|ninguna\s+de\s+las\s+partes|excluid[oa]s?|prohib\w+)\b"
)
_LIABILITY = re.compile(r"(?i)\b(?:liability|responsabilidad)\b")
_TERMS = re.compile(
    r"""(?ix)\b(?:
    liab\w+|terminat\w+|written\ notice|fees?|subscription|renew\w*|exclusiv\w+|compet\w+|penalt\w+|indemnit\w+
    |governed|change\ of\ control
    |responsab\w+|resol\w+|preaviso|renta|precio|honorarios|pr[óo]rrog\w+|penaliza\w+|indemniza\w+
    |rige|fianza|duración
    )\b"""
)
_CARE = re.compile(
    r"""(?ix)\b(?:
    diagnos[ie]\w+|stopp?ed|started|increased|reduced|allerg\w+|review|follow-?up|fracture|infarction
    |diagn[óo]stic\w+|suspend\w+|inici[óa]\w*|al[ée]rgi\w+|revisi[óo]n|seguimiento|infarto
    )\b"""
)
_DOSE = re.compile(r"(?i)\d\s?(?:mg|mcg|µg|ml|units?|UI|mmol|g/d?l)\b")
_OUT_OF_RANGE = re.compile(r"(?i)\*|\b(?:high|low|alto|bajo|elevad[oa]|positiv[eo])\b")
_FORMAL = re.compile(
    r"""(?ix)
    \b(?:is|are)\s(?:dated|made\sbetween) | \bcompany\snumber\b | \bregistered\soffice\b | \(number\s
    | \bhas?\sthe\ssame\smeaning | \bhave\sthe\s(?:same|following)\smeaning | ["”]\s(?:means|includes)\s
    | \bcon\s(?:CIF|NIF|DNI|domicilio)\b | \brepresentad[oa]\spor\b | \bse\sentiende\spor\b | [»”]\ssignifica
    | \bdo\snot\saffect\sthe\sinterpretation | ^\W*en\s[^,.]{3,30},\sa\s\d{1,2}\sde\s | \bentered\sinto\b
    | ^\W*(?:fecha|date|interview|in\sforce|last\sreviewed|night\sof|noche\sdel|time\sof
        |examin(?:ation|er)|referred\sby|solicitante)\b
    """
)
_SOUGHT_SECTION = re.compile(
    r"(?i)diagn[oó]s|conclusion|impression|assessment|treatment|\bplan\b|juicio cl|tratamiento"
)
_FORMAL_SECTION = re.compile(r"(?i)definiti|interpretation|definicion|interpretaci")


def is_formal(text: str, section: str = "") -> bool:
    """Whether it names the parties or the date, or says what words mean: key facts tell the first,
    and nobody asks for the second."""
    in_definitions = bool(_FORMAL_SECTION.search(section.rpartition(" > ")[2]))
    return bool(_FORMAL.search(text)) or (in_definitions and not _FIGURE.search(text))


def worth_of(text: str, section: str = "") -> float:
    """0 to 2.5. Of a contract: duties and rights with a figure, exclusions, more for an amount and for
    what is asked for first, a limit of liability above all. Of a medical file: doses, treatment, results out of
    range, and what stands under a diagnosis or a plan."""
    figure = _FIGURE.search(text)
    duty = bool(_EXCLUSION.search(text) or (figure and _DUTY.search(text)))
    signs = (
        duty,
        duty,
        duty and _AMOUNT.search(text),
        duty and _AMOUNT.search(text) and _LIABILITY.search(text),
        _TERMS.search(text),
        _DOSE.search(text),
        _CARE.search(text),
        _OUT_OF_RANGE.search(text) and re.search(r"\d", text),
        _SOUGHT_SECTION.search(section),
    )
    return 0.5 * min(sum(map(bool, signs)), 5)
