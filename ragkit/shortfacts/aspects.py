"""What short fact a question asks for: its kind, and the words that say which one of that kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ragkit.dates import DATES
from ragkit.folding import folded_in_place
from ragkit.shortfacts.asking import which
from ragkit.shortfacts.words import content_words


@dataclass(frozen=True, slots=True)
class Wanted:
    """kind: a form of `values`. said: how documents say which value it is, folded; None where only the
    question's own words can tell. words: those of the question. which: those of them that tell it from
    other values. strict: nothing else of the kind will
    do. lists: several such values are one answer. rivals: how documents say that a value of the kind
    is another one. opening: it stands where the document begins. context: what the sentence must say
    as well; never: what it must not."""

    kind: str
    said: re.Pattern[str] | None
    words: tuple[str, ...]
    strict: bool = False
    lists: bool = False
    rivals: re.Pattern[str] | None = None
    opening: bool = False
    context: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None
    which: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Aspect:
    """asked, said, unless: patterns of folded text; a question that `unless` fits asks for another."""

    kind: str
    asked: str
    said: str = ""
    strict: bool = False
    lists: bool = False
    unless: str = ""
    opening: bool = False
    context: str = ""
    never: str = ""


_ASKS_DATE = (
    r"\bwhen\b|\b(?:what|which|on what|on which) (?:date|day)\b|\bcuando\b|\bque (?:dia|fecha)\b"
)
_ASPECTS = (
    _Aspect("e-mail", r"\be-?mail|\bcorreo(?: electronico)?\b", r"e-?mail|correo", strict=False),
    _Aspect(
        "phone",
        r"\b(?:tele)?phone\b|\btelefono|\bfax\b|\bmovil\b",
        r"\b(?:tel|tfno|tlf|telf|telefono|phone|telephone|fax|movil|mobile)\w*",
        strict=True,
    ),
    _Aspect(
        "identifier",
        r"\bnass\b|\bnuss\b|social security|seguridad social|afiliacion",
        r"\bnass\b|\bnuss\b|\bn\.?s\.?s\b|\bssn\b|social security|seguridad social|afiliacion",
        strict=True,
    ),
    _Aspect(
        "identifier",
        r"\bnhc\b|\bmrn\b|historia clinica|(?:hospital|record|patient) (?:number|no\b)|nhs number",
        r"\bnhc\b|\bmrn\b|historia clinica|\bn[.oº°]* ?(?:de )?historia|hospital (?:number|no\b)"
        r"|record (?:number|no\b)"
        r"|nhs (?:number|no\b)|\bpatient (?:id|number|no\b)",
        strict=True,
    ),
    _Aspect(
        "identifier",
        r"\b(?:dni|nif|nie|cif|passport|pasaporte|iban|episodio|colegiado|licen[cs]e (?:number"
        r"|no)|codigo postal|post ?code|zip)\b",
        r"\b(?:dni|nif|nie|cif|passport|pasaporte|iban|episodio|col|ncol|colegiado|licen[cs]e|cp"
        r"|codigo postal|post ?code|zip)\b",
        strict=True,
    ),
    _Aspect(
        "address",
        r"\baddress\b|\bdomicilio\b|\bdireccion\b|\bque calle\b|\bwhere (?:does|do"
        r"|did)\b.*\b(?:live|reside)|\bdonde (?:vive|reside)",
        r"\baddress\b|\bdomicilio\b|\bdireccion\b|\bresid\w+|\bliv(?:es|ing) at\b",
        strict=True,
    ),
    _Aspect(
        "age",
        r"\bhow old\b|\bwhat age\b|\bage (?:of|was|is)\b|\bque edad\b|\bcuantos anos (?:tenia"
        r"|tiene)\b|\bedad (?:de|del|tenia)\b",
        r"\bedad\b|\bage\b|\baged\b|\byears?[- ]old\b|\banos\b",
    ),
    _Aspect(
        "sex",
        r"\b(?:sex|gender)\b|\bsexo\b|\bman or (?:a )?woman\b|\bhombre o mujer\b",
        r"\bsexo?\b|\bgender\b",
    ),
    _Aspect(
        "date",
        r"\bborn\b|\bbirth|\bdob\b|\bnaci\w*",
        r"\bborn\b|\bbirth|\bd\.?o\.?b\b|\bnacimiento\b|\bnacid[oa]\b|\bnacio\b|\bf\.? ?nac",
        unless=r"\bpais\b|\bcountry\b|\bplace\b|\blugar\b|\bwhere\b|\bdonde\b",
        strict=True,
    ),
    _Aspect(
        "date",
        r"\badmi(?:tted|ssion)\b|\bingres\w*",
        r"\badmitted\b|\badmission\b|\bingres\w+",
        strict=True,
    ),
    _Aspect("date", r"\bdischarged?\b|\balta\b", r"\bdischarged?\b|\balta\b", strict=True),
    _Aspect(
        "governing law",
        r"\blaw\b.*\bgovern|\bgovern(?:s|ed|ing)\b.*\blaw\b|\bwhat law\b|\bwhich law\b"
        r"|\bgoverning law\b|\b(?:ley|legislacion|derecho)\b.*\b(?:rige|aplic\w+)"
        r"|\brige\b.*\b(?:ley|contrato)",
        r"\bgovern|\bin accordance with\b|\bconstrued\b|\binterpret|\bgoverning law\b|\brige"
        r"|\bregir|\bsujet|\bsometid|\bjurisdic",
        strict=True,
    ),
    _Aspect(
        "duration",
        r"\bnotice\b.*\b(?:non-?renew|renew|terminat|end|period)|\b(?:how (?:far|long)"
        r"|what period)\b.*\bnotice\b|\bpreaviso\b|\bantelacion\b",
        r"\bnotice\b|\bnotif\w+|\bprior\b|\bpreaviso\b|\bantelacion\b|\bbefore\b",
        never=r"force majeure|\bbreach|\bdefault|\bcure\b|\bremed|\bmilestone|\bfees?\b|\bprices?\b"
        r"|\brates?\b|\bincumpl",
        context=r"\brenew|\bterminat|\bextend|\bexpir|\bcancel|\bresol|\bresc|\bprorrog|\bdesist",
        strict=True,
        unless=_ASKS_DATE,
    ),
    _Aspect(
        "duration",
        r"\brenew\w*|\bprorrog\w*",
        r"\brenew\w*|\bextend\w*|\bextension|\bsuccessive|\bprorrog\w*",
        strict=True,
        unless=_ASKS_DATE,
    ),
    _Aspect(
        "duration",
        r"\bwarrant\w*|\bgarant\w*",
        r"\bwarrant\w*|\bgarant\w*",
        strict=True,
        unless=_ASKS_DATE,
    ),
    _Aspect(
        "date",
        r"\bexpir\w*|\bend date\b|\bwhen\b.*\bends?\b|\bwhich date\b.*\bend\b"
        r"|\bwhat date\b.*\bends?\b|\bcomes? to an end\b|\bvenc\w+"
        r"|\bcaduc\w+|\bfinaliza\w*",
        r"\bexpir\w*|\buntil\b|\bend(?:s|ed|ing)?\b|\bterminat\w*|\bthrough\b|\bvenc\w+|\bhasta\b"
        r"|\bfinaliza\w*|\bcaduc\w+",
        strict=True,
    ),
    _Aspect(
        "date",
        r"\beffective\b|\bcommenc\w*|\bcome into (?:force|effect)|\bstart(?:s|ed)?\b"
        r"|\bentrada? en vigor|\befectos\b",
        r"\beffective\b|\bcommenc\w*|\bin force\b|\bas of\b|\bstart\w*|\bbegin\w*|\ben vigor\b|\befectos\b",
        strict=True,
    ),
    _Aspect(
        "date",
        r"\bdate of the\b|\bsigned\b|\benter(?:ed)? into\b|\bexecuted\b|\bdated?\b|\bfirm\w+|\bcelebr\w+",
        r"\bdated?\b|\bas of\b|\bentered into\b|\bmade\b|\bexecuted\b|\bsigned\b|\bthis\b"
        r"|\bday of\b|\bfecha\b|\bfirm\w+",
        opening=True,
    ),
    _Aspect(
        "duration",
        r"\bhow long\b|\bcuanto (?:tiempo|dura)\b|\b(?:initial )?term of\b|\bduration\b"
        r"|\bduracion\b|\bplazo\b|\bperiod\b",
        unless=_ASKS_DATE,
    ),
    _Aspect(
        "percentage",
        r"\bpercent(?:age)?\b|\bporcentaje\b|\bwhat (?:interest )?rate\b|\bque tipo de interes\b",
    ),
    _Aspect(
        "dose",
        r"\bdos(?:e|es|age|is|ing)\b|\bposologia\b|\bhow many (?:mg|milligrams)\b|\bcuantos (?:mg"
        r"|miligramos)\b"
        r"|\bhow much\b.*\b(?:take|takes|taking|took|prescribed)\b|\bcuant[oa]\b.*\btoma(?:ba|r|n)?\b",
        unless=r"\bcuanto (?:tiempo|dura)|\bhow (?:long|much (?:time|money))\b|\b(?:rent|fee|price|commission"
        r"|salary|cost|share|percent\w*|interest)\b",
    ),
    _Aspect(
        "amount",
        r"\bhow much\b|\b(?:price|fee|rent|amount|salary|deposit|cost|purchase price)\b"
        r"|\bcuanto (?:cuesta|cobra|se paga|paga|vale)\b"
        r"|\b(?:importe|precio|renta|salario|fianza|coste|honorarios|cuantia)\b",
    ),
    _Aspect(
        "hospital",
        r"\b(?:which|what|que) (?:hospital|clinic|clinica|centro)\b",
        r"\bhospital|\bclinic|\bcentro\b|\bcomplejo\b",
    ),
    _Aspect(
        "name",
        r"\b(?:which|what|quien|who|que|cual)\b.*\b(?:doctor|physician|surgeon|consultant"
        r"|clinician|medic[oa]|facultativ[oa]|cirujan[oa])\b",
        r"\bmedic[oa]\b|\bdoctor\b|\bphysician\b|\bsurgeon\b|\bconsultant\b|\bdra?\b"
        r"|\bresponsable\b|\bfacultativ[oa]\b|\bcirujan[oa]\b|\bremitido por\b",
        strict=True,
    ),
    _Aspect(
        "party",
        r"\bwho are the (?:contracting )?parties\b|\bbetween whom\b|\bquienes son las partes\b"
        r"|\bwhich (?:companies|parties)\b",
        r"\bbetween\b|\bamong\b|\bentre\b|\bparties\b",
        lists=True,
    ),
    _Aspect(
        "date",
        r"^\W*when\b|\b(?:what|which|on what|on which) (?:date|day)\b|\bcuando\b|\bque (?:dia"
        r"|fecha)\b|\bfecha de\b",
    ),
    _Aspect("name", r"^\W*who\b|\bquien\b"),
    _Aspect("identifier", r"\b(?:number|numero|reference|referencia|code|codigo)\b"),
)
_COMPILED = tuple((aspect, re.compile(aspect.asked)) for aspect in _ASPECTS)
_SAID = {aspect: re.compile(aspect.said) for aspect in _ASPECTS if aspect.said}
_RIVALS = {
    aspect: re.compile(
        "|".join(
            one.said
            for one in _ASPECTS
            if one.kind == aspect.kind and one.said != aspect.said and one.said
        )
        or "(?!)"
    )
    for aspect in _ASPECTS
}
_CONDITION = re.compile(
    r"\bwhen (?:is|are|do|does|will|may|can|must)\b.*\b(?:appl\w+|liable|entitled|allowed"
    r"|permitted|required|obliged"
    r"|responsible|possible|may|must|can)\b"
    r"|\b(?:by|via|por) (?:fax|e-?mail|(?:tele)?phone|correo|telefono)\b"
)
"""Asks under which condition, not on which day; of a way of giving notice, not of a number."""
_FACTUAL = re.compile(
    r"^\W*(?:please )?(?:give|name|state|tell)\b|\b(?:what|which|who|whose|when|where"
    r"|how (?:much|many|long|old|far|often))\b"
    r"|\b(?:que|cual|cuales|quien|quienes|cuando|donde|cuanto|cuanta|cuantos|cuantas|dame"
    r"|indica|dime)\b|, and for how long"
)
_ASKS_KIND = {
    "date": re.compile(
        r"(?:^|,|\bme|\bus|\bknow)\W*when\b|\bdates?\b|\bday\b|\bborn\b|\bbirth|\bdob\b"
        r"|\bcuando\b|\bfechas?\b|\bdia\b|\bnaci"
    ),
    "duration": re.compile(
        r"\bhow (?:long|far|much|many)\b|\bperiods?\b|\bterm\b|\bduration\b|\bnotice\b|\bcuant|\bplazo\b"
        r"|\bduracion\b|\bpreaviso\b|\bantelacion\b"
    ),
}
"""Without such words a question about what expires, or is renewed, asks for no day and no time."""


def wanted_by(question: str) -> Wanted:
    """What is asked for; of the kind "" where only a label of a form could say it.

    Of a question that asks for no single fact it has no words, and nothing is ever it.
    """
    asked = folded_in_place(question)
    told = DATES.sub(" ", question)  # a date that is given does not say which value is asked for
    words = content_words(told)
    if not _FACTUAL.search(asked) or _CONDITION.search(asked):
        return Wanted("", None, ())
    for aspect, pattern in _COMPILED:
        if pattern.search(asked) and _asks_for(aspect, asked):
            return _wanted(aspect, words, which(told))
    return Wanted("", None, words)


def _asks_for(aspect: _Aspect, asked: str) -> bool:
    """Whether a question that has the words of an aspect asks for a value of its kind at all."""
    kind = _ASKS_KIND.get(aspect.kind)
    if kind is not None and not kind.search(asked):
        return False
    return not (aspect.unless and re.search(aspect.unless, asked))


def _wanted(aspect: _Aspect, words: tuple[str, ...], told: tuple[str, ...]) -> Wanted:
    said = _SAID.get(aspect)
    return Wanted(
        kind=aspect.kind,
        said=said,
        words=words,
        strict=aspect.strict,
        lists=aspect.lists,
        rivals=_RIVALS[aspect] if said and aspect.kind in ("date", "duration") else None,
        opening=aspect.opening,
        context=re.compile(aspect.context) if aspect.context else None,
        never=re.compile(aspect.never) if aspect.never else None,
        which=told,
    )
