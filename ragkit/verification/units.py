"""Units, currencies and spans of time under one name each, so that `30 days` is `30 días`."""

from __future__ import annotations

import re

from ragkit.verification.numbers import SMALL

_SPELLINGS = {
    "percent": "% percent per_cent por_ciento",
    "second": "seconds segundos secs seg",
    "minute": "minute minutes minuto minutos min mins",
    "hour": "hour hours hora horas hr hrs h",
    "day": "day days dia dias",
    "week": "week weeks semana semanas",
    "month": "month months mes meses",
    "quarter": "quarters trimestre trimestres",
    "year": "year years ano anos yr yrs",
    "time": "times veces vez",
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramo kilogramos",
    "g": "g gr gram grams gramo gramos",
    "mg": "mg mgs milligram milligrams miligramo miligramos",
    "ug": "ug µg μg mcg microgram micrograms microgramo microgramos",
    "ng": "ng nanograms nanogramos",
    "pg": "pg",
    "l": "l lt liter liters litre litres litro litros",
    "dl": "dl",
    "ml": "ml milliliter milliliters mililitro mililitros",
    "ul": "ul µl μl",
    "fl": "fl",
    "cc": "cc",
    "mol": "mol",
    "mmol": "mmol",
    "umol": "umol µmol μmol",
    "nmol": "nmol",
    "meq": "meq",
    "iu": "iu ui u units unidades",
    "mmhg": "mmhg",
    "bpm": "bpm lpm",
    "rpm": "rpm",
    "celsius": "°c ºc",
    "fahrenheit": "°f ºf",
    "degree": "° º degrees grados",
    "km": "km kilometers kilometros",
    "m": "m meter meters metre metres metro metros",
    "cm": "cm cms centimeters centimetros",
    "mm": "mm millimeters milimetros",
    "mile": "mile miles milla millas",
    "foot": "feet foot ft pies",
    "inch": "inch inches pulgadas",
    "acre": "acre acres",
    "hectare": "hectares hectareas ha",
    "kw": "kw",
    "mw": "mw",
    "kwh": "kwh",
    "mwh": "mwh",
    "lb": "lb lbs pounds_weight",
    "ton": "ton tons tonne tonnes tonelada toneladas mt",
    "barrel": "barrels bbl",
    "share": "share shares accion acciones",
    "tablet": "tablet tablets comprimido comprimidos",
    "USD": "usd us$ u.s.$ $ dollar dollars u.s._dollars us_dollars dolares united_states_dollars",
    "EUR": "eur € euro euros",
    "GBP": "gbp £ sterling pounds_sterling",
    "CAD": "cad c$ ca$ canadian_dollars",
    "AUD": "aud a$ au$",
    "HKD": "hkd hk$",
    "JPY": "jpy ¥ yen",
    "CNY": "rmb cny yuan",
    "MXN": "mxn pesos",
}
UNIT_OF = {
    spelling.replace("_", " "): unit
    for unit, spellings in _SPELLINGS.items()
    for spelling in spellings.split(" ")
}
CURRENCIES = frozenset({"USD", "EUR", "GBP", "CAD", "AUD", "HKD", "JPY", "CNY", "MXN"})
"""ISO 4217 codes."""

_TIME_WORDS = {
    "day": "daily diario diaria diariamente",
    "week": "weekly semanal semanalmente",
    "month": "monthly mensual mensualmente",
    "quarter": "quarterly trimestral quarter",
    "year": "yearly annual annually anual anualmente annum",
    "hour": "hourly",
}
TIME_OF = {
    **{word: unit for unit, words in _TIME_WORDS.items() for word in words.split()},
    **{
        spelling: unit
        for spelling, unit in UNIT_OF.items()
        if unit in {"hour", "day", "week", "month", "quarter", "year"} and len(spelling) > 2
    },
    **{"business": "business day", "calendar": "calendar day"},
}
"""Words that name a span of time, with or without a number: the claim may not bring in a new one."""


def _alternatives(spellings: set[str]) -> str:
    return "|".join(re.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True))


_ONE_UNIT = rf"(?:{_alternatives(set(UNIT_OF))})(?![^\W\d_])"
_A_TIME = rf"(?:{_alternatives(set(TIME_OF))})(?![^\W\d_])"
_PER = (
    r"(?:\s?/\s?(?:\d+(?:\.\d+)?\s?)?[a-zµμ%²³]+\d*"
    rf"|\s(?:per|an?|al|a\sla|por|cada|each|every)\s(?:(?:\d+|{_alternatives(set(SMALL))})\s)?{_A_TIME})"
)
_OF_WHAT = r"(?:\s(?:de|of)\s[a-z]+(?=\s(?:per|an?|al|a\sla|por|cada|each|every)\s))?"
"""The drug between a dose and how often it is given: 30 mg of deflazacort every 24 hours."""
_JOINT = re.compile(r"\s?/\s?|\s(?:per|an?|al|a la|por|cada|each|every)\s")
_NUMBER_WORD = re.compile(rf"\b(?<=(?:cada|very|each) )(?:{_alternatives(set(SMALL))})\b")
_DRUG = re.compile(r"\s(?:de|of)\s[a-z]+")
_A_WHOLE_DAY = re.compile(r"24\s?(?:horas|hours|hrs|hr|h)\b")
UNIT = rf"(?P<unit>{_ONE_UNIT}{_OF_WHAT}{_PER}*|x\s?10\^?\d+{_PER}*)"
"""A unit after its number, with what it is per: mg, mg/dl, mg/kg/day, mg every 24 hours, x10^9/l."""
CURRENCY_BEFORE = (
    rf"(?P<currency>{_alternatives({s for s, u in UNIT_OF.items() if u in CURRENCIES})})"
)


def unit_name(written: str) -> str:
    """The one name of a unit as written (folded): `mg / día`, `mg every 24 hours` are `mg/day`."""
    figures = _NUMBER_WORD.sub(lambda match: str(SMALL[match.group()]), written)
    plain = _DRUG.sub("", figures)
    parts = [_A_WHOLE_DAY.sub("day", part.strip()) for part in _JOINT.split(plain)]
    return "/".join(TIME_OF.get(part) or UNIT_OF.get(part, part) for part in parts)
