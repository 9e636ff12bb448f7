"""Values by their form: dates, amounts, doses, durations, ages, numbers, addresses; English and Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.dates import DATES, MONTHS

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_MORE_DATES = (
    rf"\b[a-z]+(?:-[a-z]+)?\s+day\s+of\s+(?:{_MONTH}),?\s+(?:19|20)\d\d\b|"
    rf"\b(?:the\s+)?\d{{1,2}}\s?(?:st|nd|rd"
    rf"|th)?\s+(?:day\s+)?of\s+(?:{_MONTH})\.?\s*,?\s+(?:of\s+)?(?:19|20)\d\d\b"
    rf"|\b(?:{_MONTH})\.?\s+\d{{1,2}}(?:\s?(?:st|nd|rd|th))?\s*,?\s+(?:19|20)\d\d\b"
    r"|(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})(?![\d/.-]*\d)"
)
_PART_DATES = rf"\b(?:{_MONTH})\.?(?:\s+de|\s+of)?,?\s+(?:19|20)\d\d\b"
_ANY_DATE = re.sub(r"\(\?P<\w+>", "(?:", DATES.pattern)
_COUNT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
    r"|thirty|forty|forty-five|sixty|seventy-five|ninety|un[oa]?|dos|tres|cuatro|cinco|seis"
    r"|siete|ocho|nueve|diez"
    r"|once|doce|quince|veinte|treinta|cuarenta|sesenta|noventa)(?:[-\s](?:one|two|five|hundred|y\s\w+)){0,4}"
)
_SPAN = (
    r"(?:calendar\s+|business\s+|working\s+|consecutive\s+|full\s+|additional\s+)*"
    r"(?:(?:days?|weeks?|months?|years?|hours?|minutes?)\b"
    r"|(?:d[íi]as?|semanas?|mes(?:es)?|a[ñn]os?|horas?|minutos?)\b"
    r"(?:\s+(?:h[áa]biles|naturales|laborables))?)"
)
_FIGURE = r"(?:\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
_SCALE = r"(?:\s?(?:million|billion|thousand|bn|mn|mil|millones|[mk]\b))?"
_CURRENCY = r"(?:\b(?:USD|EUR|GBP|CAD|US\$|HK\$)|[$€£])"
_NO_NAME = (
    r"(?:Servicio|Service|Hospital|Centro|Cl[íi]nica|Clinic|Departamento|Department|Unidad"
    r"|Unit|Instituto|Calle|Avda"
    r"|Avenida|Plaza|Paseo|Correo|Email|Tel|Tfno|N[º°]|Date|Fecha)\b"
)
_NAME_WORD = rf"(?!{_NO_NAME})[A-ZÁÉÍÓÚÑÀÈÒ][\w'’.-]{{0,60}}"
_NAME = (
    rf"(?<![\w'’.-]){_NAME_WORD}(?:[ ]+(?:(?:de la|de los|de las|de|del|la|y|i|van|von|der|da"
    rf"|dos)[ ]+)?{_NAME_WORD}){{1,4}}"
)
_NO_PLACE = (
    r"(?:WITHOUT|EXCLUDING|APPLICABLE|REGARD\w*|WITH|IN|AS|EXCEPT|BUT|THAT|TO|SHALL|AND"
    r"|Without|And)\b"
)
_PLACE = (
    rf"(?!{_NO_PLACE})[A-Z][\w.'’-]*"
    rf"(?:(?:\s+(?:(?:of|and|the|de|del)\s+)*|,\s+)(?!{_NO_PLACE})[A-Z][\w.'’-]*){{0,4}}"
)
_STATE = (
    r"(?i:(?:(?:the|la|el)\s+)?(?:(?:State|Commonwealth|Republic|Province|Kingdom|Federal\s+Republic"
    r"|People['’]s\s+Republic|Estado|Rep[úu]blica|Reino)\s+(?:of|de|del)\s+)?)"
)

_STREET = (
    r"(?:C/|(?:C\.|Calle|Avda|Avd|Avenida|Av|Plaza|Plaça|Paseo|Pº|Carrer|Carretera|Ctra"
    r"|Camino|R[úu]a|Ronda|Raval"
    r"|Traves[íi]a|V[íi]a)(?!\w))"
)

_FORMS: dict[str, tuple[str, ...]] = {
    "date": (_ANY_DATE, _MORE_DATES, _PART_DATES),
    "amount": (
        rf"{_CURRENCY}\s?{_FIGURE}{_SCALE}",
        rf"(?<![\d.,]){_FIGURE}{_SCALE}(?:\s+de)?\s?(?:€|\$|£|(?:euros?|EUR|USD|GBP|dollars?|pounds"
        r"|d[óo]lares|libras|pesos)\b)",
    ),
    "dose": (
        rf"(?<![\w.,]){_FIGURE}(?:[/-]\d+(?:[.,]\d+)?)?\s?(?:mg|mcg|micrograms?|microgramos?|µg|μg|g|ml|UI|IU"
        r"|units|unidades|mEq"
        r"|comprimidos?|tablets?)\b(?:/(?:kg|h|hour|d[íi]a|day|m2))*"
        r"(?:[ ,]{1,2}(?:once|twice|three times|four times|(?:a|per|al) (?:day|week|d[íi]a"
        r"|semana)|daily|weekly"
        r"|nightly|diari[oa]s?|every \w+(?: hours)?|cada \d+ (?:h\b|horas)|at (?:night|bedtime)"
        r"|por la (?:noche|mañana)))*",
    ),
    "percentage": (
        rf"(?<![\d.,]){_FIGURE}\s?(?:%|percent\b|per cent\b|por ciento\b)(?:\s?\(\d[\d.,]*\s?%\))?",
    ),
    "duration": (rf"(?<![\w.,])(?:(?:{_COUNT}\s*)?\(?\d{{1,4}}\)?|{_COUNT})[\s-]+{_SPAN}",),
    "age": (
        r"\b\d{1,3}(?:[ -](?:years?|months?|weeks?|days?)(?:[ -]olds?)?|\s?(?:a[ñn]os|mes(?:es)?"
        r"|semanas|d[íi]as)"
        r"|\s?y/?o)\b",
    ),
    "sex": (
        r"\b(?:male|female|woman|man|girl|boy|hombre|mujer|var[óo]n|ni[ñn][oa]|masculino|femenino)\b",
    ),
    "identifier": (r"(?<![\w@])(?:[A-Za-z]{1,5}[ -]?)?\d[\w./-]*(?: \d[\w.-]*)*",),
    "phone": (r"(?<![\w.])[+(]?\d[\d ()./-]{5,}\d",),
    "e-mail": (r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]+)*\.[A-Za-z]{2,}",),
    "hospital": (
        r"\b(?:Hospital|Cl[íi]nica|Complejo|Centro|Instituto|Fundaci[óo]n|Policl[íi]nica)"
        rf"(?:[ ](?:(?:de la|de los|de las|de|del|la|el|y)[ ])?"
        rf"(?!{_STREET})[A-ZÁÉÍÓÚÑ][\w'’-]{{0,60}}){{1,8}}",
        r"(?<![\w'’-])(?:[A-Z][\w'’-]{1,60}[ ]){1,8}"
        r"(?:Hospital|Clinic|Medical Cent(?:er|re)|Infirmary)\b(?![ ](?:de"
        r"|del|la|[A-ZÁÉÍÓÚ]))",
    ),
    "name": (_NAME,),
    "governing law": (
        rf"(?i:\blaws?\s+of\s+){_STATE}(?P<value>{_PLACE})",
        rf"(?i:govern|constru|interpret"
        rf"|subject to)[^.;]{{0,60}}?\b(?P<value>{_PLACE})\s+(?:State\s+)?[Ll]aws?\b",
        r"\b(?P<value>Ley(?:[ ]Org[áa]nica|[ ]General)?(?:[ ]\d+/\d+,?)?[ ]de[ ](?:la[ ])?[A-ZÁÉÍÓÚ]\w+"
        r"(?:(?:[ ](?:de|del|la|y)){0,2}[ ][A-ZÁÉÍÓÚ]\w+){1,5})",
        r"(?i:\b(?:ley(?:es)?|legislaci[óo]n|derecho|normativa)(?:\s+com[úu]n)?\s+)(?:de\s+)?"
        r"(?P<value>español[a]?|mexican[oa]|argentin[oa]|[A-ZÁÉÍÓÚ]\w+)",
    ),
    "party": (
        r"(?<![\w&.'’-])[A-Z0-9][\w&.'’-]{0,60}"
        r"(?:\s+(?:of\s+|and\s+|&\s+|de\s+)?[A-Z0-9&][\w&.'’-]{0,60}){0,6}?,?\s+"
        r"(?:Inc|Incorporated|L\.?L\.?C|Ltd|Limited|Corp|Corporation|Company|Co|L\.?P|PLC|plc"
        r"|GmbH|S\.?A\.?U?|S\.?L"
        r"|N\.V|B\.V|AG|LLP|INC|LTD|LIMITED|CORP|CORPORATION|COMPANY)\b\.?",
    ),
    "address": (
        rf"\b{_STREET}[^\n;|]{{3,70}}?"
        r"(?=\.?\s*(?:$|\n|[;|]|\bCP\b|\d{5}\b))"
        r"|\b\d{1,5}\s+(?:[A-Z][\w.]+\s+){1,4}(?:Street|Avenue|Road|Lane|Drive|Boulevard|Way|St"
        r"|Ave|Rd|Blvd)\b\.?",
    ),
}
_PATTERNS = {
    kind: tuple(
        re.compile(form, re.IGNORECASE if kind in ("date", "duration", "age") else 0)
        for form in forms
    )
    for kind, forms in _FORMS.items()
}


KINDS = frozenset(_FORMS)
"""What values there are."""


def values_of(kind: str, text: str) -> Iterator[tuple[int, int]]:
    """Where values of a kind stand in a text, in order, none within another; none of an unknown kind."""
    found: list[tuple[int, int]] = []
    for pattern in _PATTERNS.get(kind, ()):
        group = "value" if "value" in pattern.groupindex else 0
        found += (match.span(group) for match in pattern.finditer(text))
    end = 0
    for start, last in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= end:
            yield start, last
            end = last
