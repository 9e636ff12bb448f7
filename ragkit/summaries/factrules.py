"""The labels and shapes by which documents tell their facts, in English and Spanish.

In every pattern the group that matched last is the value.
"""

from __future__ import annotations

import re

CLINICAL_KINDS = frozenset(
    {
        "discharge letter",
        "referral letter",
        "consent form",
        "lab report",
        "radiology report",
        "operation report",
        "clinical note",
    }
)
LEGAL_KINDS = frozenset({"contract", "lease", "amendment", "will", "power of attorney", "judgment"})
CLINICAL = re.compile(
    r"(?i)\b(?:patient|paciente|nhc|mrn|nurse|enfermer[íi]a|clinic|ward|diagn[óo]stico|diagnosis)\b"
)
COMPANY = re.compile(
    r"(?i)\b(?:inc|llc|llp|ltd|limited|corp(?:oration)?|company|l\.?p|plc|gmbh|s\.?a\.?u?|s\.?l\.?[up]?"
    r"|n\.v|b\.v|ag|trust|bank|partners|foundation|association)\b\.?$"
)

DATE_LABELS = tuple(
    (name, re.compile(rf"(?i)\b(?:{words})"))
    for name, words in (
        ("birth date", r"born|birth|d\.?o\.?b\b|nacimiento|nacid[oa]|f\.?\s?nac"),
        ("admission", r"admitted|admission|ingres(?:o|a|ó|ad[oa])\b"),
        ("discharge", r"discharged?\b|alta\b"),
        (
            "review",
            r"review(?:ed)? (?:on|in)\b|follow-?up\b|next appointment|pr[óo]xima (?:cita|consulta|revisi[óo]n)"
            r"|revisi[óo]n (?:en|el|prevista)\b|control (?:en|el)\b",
        ),
        (
            "deadline",
            r"no(?:t)? later than|on or before|deadline|reply by|respond by|antes del|a m[áa]s tardar el"
            r"|como m[áa]ximo el|fecha l[íi]mite",
        ),
        (
            "effective date",
            r"effective|commenc\w+|start date|starts? on|begins? on|in force (?:from|on)"
            r"|with effect from|entra(?:da|rá)? en vigor|fecha de inicio|efectos|desde el",
        ),
        (
            "expiry",
            r"expir\w+|until|ends? on|end date|maturity|repa(?:id|yable)|venc\w+|caduc\w+|hasta el"
            r"|finaliza\w*|terminates? on|fecha de fin",
        ),
    )
)
"""What the words before a date say it is the date of; those nearest to it decide."""
CLINICAL_DATES = frozenset({"admission", "discharge", "review"})
EVERYBODYS_DATES = frozenset({"birth date", "deadline"})
"""In files of either kind."""

RECORD_NUMBER = re.compile(
    r"(?i:\b(?:NHC|MRN|NHS number|(?:medical |hospital )?record (?:number|no\.?)"
    r"|hospital (?:number|no\.?)|(?:n[úu]mero|n\.?º) de historia(?: cl[íi]nica)?"
    r"|historia cl[íi]nica n\.?º))"
    r"[ \t*]*[:|#.]?[ \t*|]*((?:[A-Z]{1,5}[ -]?)?\d[\w.\-/]*(?: \d{2,}){0,3}\w?)"
)
DIAGNOSIS = re.compile(
    r"(?im)(?:^[\W\d]{0,8}|[.|;]\s{0,3})"
    r"(?:(?:principal |primary |main |final |discharge |working )?diagnos[ie]s(?: (?:at|on) discharge)?"
    r"|diagn[óo]sticos?(?: (?:principal|definitivo|al alta|secundarios?|de alta))?|impression"
    r"|juicio (?:cl[íi]nico|diagn[óo]stico))"
    r"\**[ \t]*(?:[:|]|\*\*|\.[ \t]|\n)[\s*|:]*(\S)"
)
"""The value is where a diagnosis begins."""
ALLERGY = re.compile(
    r"(?im)\b(no known (?:drug )?allerg\w+|nkda|(?:sin|no) alergias[^.;,|\n]{0,40})"
    r"|(?:^|[|;.•])[\W\d]{0,4}(?:known |drug )?(?:allerg(?:y|ies)|alergias?)\b[^:|.;\n]{0,25}[:|]"
    r"[ \t*|]*([^\n|;.]{3,120})"
    r"|\b((?:allergic to|al[ée]rgic[oa] a|alergia a)(?: la| el| los| las)?\s+\w[\w-]*"
    r"(?:(?:,| and| y)? [a-z][\w-]{4,})?)"
    r"|(?<![\w-])((?!(?:known|drug|food|with|have|has|any|this|no)\b)[a-z]{4,} allergy)\b"
)
MEDICATION_LABEL = re.compile(
    r"(?im)^[\W\d]{0,8}(?:(?:current |discharge )?medications?|treatment|tratamiento|medicaci[óo]n)"
    r"(?: (?:al alta|actual|habitual|(?:on|at) discharge|plan))?\b"
)
_NO_DRUG = (
    r"(?i:about|above|least|total|daily|doses?|dosis|hasta|until|entre|sobre|weight|levels?|glucose|glucosa"
    r"|sodium|creatinin\w+|ha?emoglobin\w*|protein\w*|takes?|took|taking|tomar?|with|from|raised|lowered"
    r"|reduced|increased|continues?|given|started|received?|administr\w+|capsules?|tablets?|another|every"
    r"|then|than|only|taken|after|inici\w+|dio|dieron)\b"
)
NOT_TAKEN = re.compile(
    r"(?i)\b(?:stop|discontinu|withh[eo]ld|avoid|instead of|contraindic|allerg|contrast|advis|consider"
    r"|until now|previously|was taking|if |suspend|suspens|retir|evitar|en lugar de|alergi|contraste"
    r"|aconsej|valorar|previamente|tomaba|si )"
)
"""What makes of a drug one that the patient does not, or may not, take: then it is no fact."""
MEDICATION = re.compile(
    rf"(?<![\w/-])((?!{_NO_DRUG}|(?:m?g|mcg|mmol|m?l|UI|mEq)/)"
    rf"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ/-]{{4,}}(?: (?!{_NO_DRUG})[a-z]{{4,}})?[ \t|:,]+"
    r"\d+(?:[.,]\d+)?(?:[/-]\d+)?\s?(?i:mg|mcg|µg|μg|g|UI|IU|units|unidades|milligrams?|micrograms?)\b"
    r"(?!\s?/\s?(?:d?l|ml|kg|m[2²])(?!\w)|/100)"
    r"(?:[ ,]{1,2}(?i:once|twice|three times|four times|(?:a|per|una vez al|dos veces al|tres veces al|al"
    r"|cada) (?:day|week|d[íi]a|semana)|daily|weekly|nightly|diari[oa]s?"
    r"|every (?:day|morning|evening|night|\w+ hours)|in the (?:morning|evening)|at (?:night|bedtime)"
    r"|cada \d+ (?:h|horas)|por la (?:noche|mañana)|orally|by mouth|v[íi]a oral)\b)*)"
)

_COUNT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty|sixty"
    r"|ninety|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|treinta|sesenta"
    r"|noventa)"
)
_DURATION = (
    rf"((?:(?:\w+-)?{_COUNT}(?: \w+)?\s\(\d+\)|\d+|{_COUNT}(?:-\w+)?)[\s-]"
    r"(?:business |calendar |working )?"
    r"(?:(?:days?|weeks?|months?|years?)\b['’]?|(?:d[íi]as?|semanas?|mes(?:es)?|años?)\b"
    r"(?: (?:h[áa]biles|naturales|laborables))?))"
)
NOTICE_WORD = re.compile(r"(?i)\b(?:notice|preaviso|antelaci[óo]n)\b")
NOTICE_REACH = 60
"""Characters on both sides of such a word in which its period stands."""
NOTICE = re.compile(
    rf"(?i)\b{_DURATION}\s(?:(?:prior|advance|previous|written)\s(?:and\s)?)*notice\b"
    rf"|notice\s(?:period\s)?of\s(?:(?:at least|not less than)\s)?{_DURATION}"
    rf"|(?:preaviso|antelaci[óo]n)(?: m[íi]nim[oa])?(?: de(?: al menos)?)?\s{_DURATION}"
    rf"|\b{_DURATION}\sde\s(?:preaviso|antelaci[óo]n)"
)
ENDING = re.compile(
    r"(?i)terminat|renew|cancel|resol[uv]|desist|rescis|pr[óo]rroga|extin|end (?:the|this)|leave"
)
"""Of a notice that ends a contract."""
INITIAL_TERM = re.compile(
    rf"(?i)\b(?:initial|fixed) term[\"”'):|\s]{{1,4}}(?:(?:is|of|means|shall be)\s)?(?:a period of\s)?"
    rf"{_DURATION}"
)
TERM = re.compile(
    rf"(?i)\b(?:term|duration|continues?|remains? in (?:force|effect)|period)\b"
    rf"[^.;\n\d]{{0,40}}?\b(?:of|for|is|be)\s(?:a (?:period|term) of\s)?{_DURATION}"
    rf"|\b(?:duraci[óo]n|vigencia|plazo (?:obligatorio|inicial|m[íi]nimo)"
    rf"|se (?:pacta|celebra|concierta) por)\b[^.;\n\d]{{0,50}}?\b(?:de|será|es|por)\s{_DURATION}"
)
NOT_ITS_TERM = re.compile(
    r"(?i)confidential|surviv|retain|warrant|after (?:the )?(?:end|expiry|termination)|default|breach"
    r"|delay|suspension|notice|interest|tras la (?:extinci[óo]n|terminaci[óo]n)"
)
"""In the sentence of a duration that is not the contract's own."""
LAW = re.compile(
    r"(?i:governed by|construed (?:in accordance with|under)|subject to)[^.;]{0,60}?\b"
    r"((?i:laws? of)(?: the)?(?: (?:State|Commonwealth|Republic|Province|Kingdom) of)?"
    r" [A-Z][a-z]+(?:(?: and| of| the)? [A-Z][a-z]+){0,3}|[A-Z][a-z]+ law)\b"
    r"|(?i:se (?:rige|regir[áa])n? por|sujet[oa]s? a|sometid[oa]s? a|conforme a)[^.;]{0,60}?\b"
    r"((?i:ley(?:es)?|legislaci[óo]n|derecho|normativa)(?: com[úu]n)?(?: [a-záéíóúñ]+){0,2}? "
    r"(?:español[a]?|mexican[oa]|argentin[oa]"
    r"|(?:\d+/\d+,? )?de [A-ZÁÉÍÓÚ][a-záéíóúñ]+(?:(?: (?:de|del|la|y)){0,2} [A-ZÁÉÍÓÚ][a-záéíóúñ]+){0,5}))"
)

_FIGURE = r"(?:\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
MONEY = re.compile(
    rf"(?:\b(?:USD|EUR|GBP|US\$)|[$€£])\s?{_FIGURE}(?:\s?(?:million|billion|thousand|bn|m|k)\b)?"
    rf"|(?<![\d.,]){_FIGURE}(?: (?:mil|millones))?(?: de)?\s?"
    r"(?:€|(?:euros?|EUR|USD|GBP|dollars|pounds sterling|d[óo]lares|libras)\b)"
)
PURPOSES = tuple(
    (name, re.compile(rf"(?i)\b(?:{words})"))
    for name, words in (
        (
            "liability cap",
            r"(?:liab(?:ility|le)|responsabilidad|responder[áa]?)\b[^.;]{0,100}?"
            r"(?:exceed|limited|maximum|more than|super|exced|l[íi]mit|m[áa]xim)\w*"
            r"|(?:liability cap|cap on (?:its |their )?liability)\b",
        ),
        ("purchase price", r"purchase price|initial price|precio de (?:compra|la compraventa)"),
        (
            "loan",
            r"loans?\b|principal (?:amount|sum|of)|(?:credit|loan) facility|pr[ée]stamo|capital pendiente",
        ),
        ("rent", r"rents?\b|renta\b|alquiler"),
        ("salary", r"salary|salario|sueldo"),
        ("price", r"prices?\b|precio"),
        ("milestone payment", r"milestone payments?"),
        (
            "royalty",
            r"royalt(?:y|ies)\b|regal[íi]as?|c[áa]non\b(?!,?\s+(?:inc|corp|ltd|usa|europ|españa|s\.))",
        ),
        (
            "minimum",
            r"minimum (?:\w+ ){0,2}?(?:commitment|purchases?|guarantee)|m[íi]nimo garantizado",
        ),
        ("fee", r"fees?\b|subscription|honorarios|cuota"),
        ("rate", r"(?:at (?:the|a) )?rate of|rate is|tarifas?\b"),
        ("payment", r"payments?\b(?! dates?\b)|pagos?\b"),
        ("charge", r"charges?\b|recargo"),
        ("compensation", r"compensation|remuneration|compensaci[óo]n|retribuci[óo]n"),
        ("bonus", r"bonus(?:es)?\b|(?<!materia )prima\b"),
        ("deposit", r"deposit|fianza|se[ñn]al\b|arras"),
        ("settlement", r"settlement|transacci[óo]n"),
        ("penalty", r"penalt\w+|penalizaci[óo]n|multa\b"),
        ("damages", r"damages|indemnizaci[óo]n|indemnity(?! insurance)"),
        (
            "deductible",
            r"deductible|(?:self-insured )?retention"
            r"|(?<!canon de )(?<!contrato de )franquicia(?! (?:otorgad|concedid|comprend))",
        ),
        ("insurance", r"insur\w+|seguro|p[óo]liza|cobertura|responsabilidad civil"),
        ("reimbursement", r"reimburs\w+|reembols\w+|refund\w*"),
        ("expenses", r"expenses?\b|gastos\b"),
        ("cost", r"costs?\b|costes?\b"),
        ("dividend", r"dividend\w*"),
        ("cap", r"cap(?:ped)?\b|tope\b"),
        ("total", r"total"),
    )
)
"""What an amount is for, by the nearest of these words; in the order in which a reader asks."""
INSURED = re.compile(r"(?i)\b(?:insur\w+|coverages?|polic(?:y|ies)|seguro|p[óo]liza|cobertura)\b")
"""Beside a limit of liability: then it is one that is insured, not one that is agreed."""
SOMETHING_ELSE = re.compile(
    r"(?i)%|\b(?:per ?cent|por ciento|net (?:sales|assets|revenues?|income)|reach\w*|plus"
    r"|(?<!not )(?<!no )less|minus|exceeds|exceeding|excess of|assets|value of"
    r"|reduced|par value|in addition to|shares? of|acciones|valor nominal|m[áa]s(?! de)|menos(?! de))\b"
)
"""Between the words for a purpose and an amount: then the amount is that of something else."""
AT_MOST = re.compile(
    r"(?i)\b(?:not exceed|not be more|limited to|no exceder[áa]n?|no superar[áa]n?)\b"
)
"""Between damages and an amount: then it is the limit of what is owed for them."""
NO_SUM = re.compile(r"(?i)\bpar value\b|\bvalor nominal\b")
"""Beside an amount that nobody pays."""
RHYTHMS = tuple(
    (name, re.compile(rf"(?i)\b(?:{words})"))
    for name, words in (
        ("monthly", r"per month|a month|monthly|each month|mensual(?:es)?\b|al mes|por mes"),
        (
            "annual",
            r"per (?:year|annum)|a year|annual(?:ly)?|yearly|anual(?:es)?\b|al año|por año",
        ),
        ("hourly", r"per hour|an hour|hourly|por hora|la hora"),
    )
)
