"""Who makes a contract: the names that its first clause joins, each with what the contract calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.folding import folded_in_place
from ragkit.templates.values import Value

MOST_PARTIES = 8
_LONGEST_NAME = 110
_REACH = 400
"""Characters after a name in which its definition stands."""

_SUFFIX = (
    r"(?:Inc|INC|Incorporated|INCORPORATED|L\.?\s?L\.?\s?C|Ltd|LTD|Ltda|Limited|LIMITED|Corp|CORP|Corporation"
    r"|CORPORATION|Company|COMPANY|Co|CO|L\.?P|L\.?L\.?P|P\.?L\.?C|plc|GmbH|GMBH|S\.?A\.?U?"
    r"|S\.?L\.?[UP]?|N\.?V|B\.?V|AG|S\.p\.A|SpA|A/S|AB|N\.A|Trust|TRUST|Bank|BANK|Partners|PARTNERS"
    r"|Partnership|PARTNERSHIP|Foundation|Association"
    r"|Fund|FUND|Funds|University|Portfolios)(?!\w)\.?"
)
_WORD = r"(?:[A-ZÁÉÍÓÚÑÄÖÜ0-9][\w&.'’/-]{0,30}|&)"
_LINK = r"(?:(?:of|the|de|del|for|van|von|la|las|los|der|e)\s+){0,2}"
_NO_START = (
    r"(?!(?:And|AND|Between|BETWEEN|Among|AMONG|Entre|ENTRE|By|BY|The|THE|This|THIS|Dated|DATED"
    r"|Whose|Its)\b)"
)


def _name(space: str) -> re.Pattern[str]:
    """Words with capitals, with `space` between them, to the end of a company's form where it has one."""
    return re.compile(
        rf"{_NO_START}"
        rf"{_WORD}(?:(?:{space}{_LINK}|,\s+(?={_SUFFIX})|[ \t]*\n(?={_SUFFIX})){_WORD}){{0,9}}"
        rf"(?:\s+and\s+(?:{_WORD}\s+){{1,4}}(?=Company|COMPANY|Corporation|CORPORATION){_WORD})?"
    )


_ONE_AND_MORE = re.compile(
    rf"{_NO_START}{_WORD}\s+y\s+(?:{_WORD}\s+){{1,4}}{_SUFFIX}(?=\s*[(,])(?=[^.;]{{0,300}}\by\b)"
)
"""A single word before "y" is part of a company's name where another party follows: "Pan y Más S.A."."""
_NAMES = (_ONE_AND_MORE, _name(r"(?:[ \t]{1,3}|[ \t]*\n[ \t]*(?=\S))"), _name(r"[ \t]{1,3}"))
"""In lines that are broken anywhere, else in one line."""
_JOINT = re.compile(
    r"\b(?:between|among|amongst|entre|and|y|e|de una parte|de otra(?: parte)?|por otra(?: parte)?"
    r"|of the (?:first|second) part|by)\b[:,]?|(?<=\s)(?:\((?:[\da-d]|i{1,3})\)|\d[.)])(?=\s)|[;,\n]",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(
    r"[\s,:\"“«-]*(?:(?:the|The|THE|la|el|La|El|LA|la sociedad|la mercantil|la entidad|la empresa)\s+)?"
    r"(?:(?:Mr|Mrs|Ms|Dr|Messrs|D|Dña|Don|Doña|DON|DOÑA|D\.ª)\b\.?\s+)?"
)
_DEFINED = re.compile(
    r"[^()\"“\n;]{0,60}?(?:\([^()\"“”«»]{0,60}[\"“”«]|[\"“«][A-Z]|\(the [A-Z]"
    r"|\((?:(?:hereinafter|en adelante|en lo sucesivo)|(?:el|la|los|las) [^\W\d_]))"
)
_DESCRIBED = re.compile(
    r"\s*,?\s*(?:\([\w. ]{2,12}\)\s*,?\s*)?"
    r"(?:(?:an?\s+)?(?:\w+[\s,-]+){0,7}?(?:corporation|company|partnership|trust|individual"
    r"|bank|association|person|firm|organi[sz]ation|entity|resident|university|llc|citizen|institution|business|body)"
    r"|(?:organi[sz]ed|existing|incorporated|registered|having|whose|located|domiciled|residing|acting"
    r"|duly|doing business|with\s+(?:\w+\s+){0,5}(?:office|place|address|offices)|on behalf|represented)\b"
    r"|(?:con|provist[oa]|mayor|representad[oa]|domiciliad[oa]|sociedad|inscrita|titular|de nacionalidad)\b)",
    re.IGNORECASE,
)
_ONLY_COMPANIES = frozenset({"", "\n", ";", ",", "by"})
"""Joints after which a name must have the form of a company's."""
_ENDED = re.compile(
    r"\b(?:Inc|INC|LLC|L\.L\.C|Ltd|LTD|Limited|LIMITED|Corp|CORP|GmbH)(?!\w)\.?"
    rf"(?P<rest>\s+(?!of\b|{_SUFFIX}).)"
)
"""After the end of a company's name its address may follow without a mark."""
_SENTENCE = re.compile(r"[a-z]{3,}\. |\d\.(?: |\d)")
_AT_ONCE = re.compile(r"[\s,.]{0,4}\([^()\"“”]{0,40}[\"“]|\s*,?\s*an?\s")
_GOES_ON = re.compile(
    r"\.?(?:\s{2,}|\n|$)|\s*,?\s*(?:and\b|y\b|AND\b|;|\.(?:\s|$)|,?\s*(?:dated|effective|as of|is made|on|el))"
)
_ROLE = re.compile(
    r"(?:\([^()\"“”«]{0,80}"
    r"|\b(?:hereinafter|called|referred to as|en adelante|denominad[oa])\b[^\"“”«()]{0,40})"
    r"[\"“”«]\s*(?:the\s+|la\s+|el\s+)?([A-ZÁÉÍÓÚÑ][^\"“”«»()]{0,40}?)[\s,]*[\"“”»]"
    r"|\((?:the\s+|hereinafter\s+)([A-Z][\w ]{2,30})\)|\((?:la|el|los|las)\s+([^\W\d_][\w ]{2,30})\)"
)
_IS_NO_NAME = re.compile(
    r"(?i)(?:(?:this|the|that|such|party|parties|agreement|contract|company|effective|date|dated|section|exhibit"
    r"|article|whereas|witnesseth|page|source|now|recitals|background|each|collectively|january|february|march|april"
    r"|may|june|july|august|september|october|november|december|state|its|a|an|inc|llc|corporation|limited|ltd"
    r"|in|on|by|as|of|for|to|schedule|license[er]|us|united states|delaware)\b[\W\d]*)+"
)
_PAPER = re.compile(
    r"(?i)\b(?:agreements?|contracts?|amendment|exhibit|contrato|convenio|acuerdo)\b"
)
_ROLES = re.compile(
    r"(?i)(?:the )?(?:trust|distributor|company|customer|supplier|seller|buyer|licens\w+|contractor|consultant"
    r"|sponsor|fund|racing|client|agent|manufacturer|employee|employer|owner|tenant|landlord|lessor|lessee|energy"
    r"|franchisee|franchisor|provider|shipper|carrier|issuer|bank|vendor|purchaser|sender|producer|state|limited)s?"
)
_HAS_SUFFIX = re.compile(rf"(?<![\w.]){_SUFFIX}$")
_ADDRESS = re.compile(
    r"(?i)\b(?:street|avenue|suite|road|floor|drive|blvd|boulevard|box|building|[A-Z]{2} \d{5})\b|^\d+\s"
)


def parties_in(text: str, start: int, end: int) -> Iterator[Value]:
    """The names that are joined there, in order, each once."""
    seen: list[str] = []
    reached = start
    for joint in _JOINT.finditer(text, start, end):
        if joint.start() < reached:
            continue
        before = _BEFORE_NAME.match(text, joint.end(), end)
        joins = joint.group().rstrip(":,").casefold() not in _ONLY_COMPANIES
        place = before.end() if before else joint.end()
        names = (match for pattern in _NAMES if (match := pattern.match(text, place, end)))
        found = next((one for name in names if (one := _party(text, name, joins))), None)
        if found is None:
            continue
        if not any(found.key in one or one in found.key for one in seen):
            seen.append(found.key)
            yield found
        reached = found.end
        if len(seen) == MOST_PARTIES:
            return


def _party(text: str, name: re.Match[str], joins: bool) -> Value | None:
    """What stands there, if it is a company by its form, or a name that is defined or described.

    joins: whether it stands after a word that joins parties, and not only after a comma or a line."""
    start, end = name.start(), name.end()
    if first := _ENDED.search(text, start, end):
        end = first.start("rest")
    while end > start and text[end - 1] in " ,;:&":
        end -= 1
    if text[end - 1] == "." and not _HAS_SUFFIX.search(text, start, end) and text[end - 3] != ".":
        end -= 1
    words = text[start:end]
    plain = " ".join(words.split())
    if not 3 <= len(plain) <= _LONGEST_NAME or _IS_NO_NAME.fullmatch(plain):
        return None
    if _ADDRESS.search(plain) or _PAPER.search(plain):
        return None
    form = bool(_HAS_SUFFIX.search(words))
    if (not form and (not joins or plain[0].isdigit())) or _SENTENCE.search(plain):
        return None
    after = text[end : end + _REACH]
    told = bool(_DEFINED.match(after) or _DESCRIBED.match(after))
    if not told and not (form and (_GOES_ON.match(after) or _ROLE.search(after[:250]))):
        return None
    if _ROLES.fullmatch(plain) or (" " not in plain and not form and not _AT_ONCE.match(after)):
        return None
    key = re.sub(r"\W", "", folded_in_place(plain))
    return Value(start, end, plain, key, _role(after))


def _role(after: str) -> str:
    """What the party is called from there on: "the Licensee"."""
    stop = re.search(r"(?<=[)”\"»])[\s,;]*(?:and|AND|y)\b", after)
    found = _ROLE.search(after[: stop.start() if stop else len(after)])
    return " ".join((found[1] or found[2] or found[3]).split()) if found else ""


_TITLE = r"(?:(?:Dr|Dra|Mr|Mrs|Ms|Prof|D|Dña|Don|Doña|DR|DRA|Sr|Sra)\b\.?ª?\s+)"
_PLACE_WORD = (
    r"(?!(?:Servicio|Service|Hospital|Centro|Cl[íi]nica|Clinic|Department|Departamento|Unidad|Unit|Calle|Avda|Avenida|Av"
    r"|Plaza|Paseo|Consultant|Ward|C)\b)"
)
_PERSON_WORD = rf"{_PLACE_WORD}(?:[A-ZÁÉÍÓÚÑÄÖÜ][^\W\d_]*(?:['’-][^\W\d_]+)*(?![/º]))"
_PERSON = re.compile(
    rf"{_TITLE}*{_PERSON_WORD}(?:\.(?=\s[A-Z]))?"
    rf"(?:[ ]+(?:(?:de|del|la|las|los|y|van|von|der|da|dos|i)[ ]+){{0,2}}{_PERSON_WORD}){{1,5}}"
)


def person_at(text: str, start: int, end: int) -> Value | None:
    """The name of a person that begins there, with what is put before it: "Dr. Ana Ruiz Gil"."""
    match = _PERSON.match(text, start, end)
    if match is None:
        return None
    return Value(*match.span(), "", folded_in_place(" ".join(match.group().split())))
