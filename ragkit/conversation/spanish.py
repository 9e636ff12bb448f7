"""Spanish follow-ups that are a sentence but point back: "¿cuándo se firmó?", "¿qué dosis toma?"."""

from __future__ import annotations

import re

from ragkit.conversation import lexicon
from ragkit.conversation.carried import Earlier, article, contracted
from ragkit.conversation.interrogatives import opening
from ragkit.conversation.phrasing import asked, bare
from ragkit.conversation.pronouns import with_dose
from ragkit.conversation.reading import Reading

_PAST = re.compile(r"(?:ó|aron|ieron|aba|aban|ía|ían|ará|arán|erá|irá|ado|ido|yó)$")
_OPENS = ("cuándo", "quién", "quiénes", "dónde", "cómo", "qué", "no", "se", "cuánto")
_CLITICS = ("lo", "la", "los", "las")
_MOST_WORDS = 6
_DEMONSTRATIVE = lexicon.DEMONSTRATIVES["es"]
_TO_PERSONS = lexicon.words(
    "operaron ingresaron trasladaron derivaron visitó atendió trató exploró llamaron vio operó ingresó"
)
_COPULA_AND_ADJECTIVE = 2
"""Words of "¿son graves?"."""
_OF_THINGS = lexicon.words("es son era eran fue fueron será serán")
_DONE_TO_THINGS = lexicon.words("paga pagan abona abonan cláusula página apartado")
"""By which "¿a quién se paga?", "¿en qué cláusula está?" mean what was asked about."""
_COPULAS = lexicon.words("es son era eran")


def resolve(typed: str, reading: Reading, earlier: Earlier, *, has_lead: bool) -> str | None:
    """The question with what it points back to; None if it stands alone, "" if nothing fits."""
    has_own = any(reading.is_name(at) for at in range(len(reading.words)))
    if has_own:
        return None
    points = _pointing(reading, earlier)
    if points is not None:
        return points and asked(contracted(with_dose(points, earlier, "es")), "es")
    if _lacks_subject(reading) or (has_lead and not reading.named):
        return _appended(reading, earlier)
    return None


def _pointing(reading: Reading, earlier: Earlier) -> str | None:
    """The text with its pronoun made clear; None where there is none, "" where it means nothing known."""
    for at, low in enumerate(reading.lows):
        following = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
        before = reading.lows[at - 1] if at else ""
        if low in {"su", "sus"} and following:
            return _owned(reading, at, earlier)
        if low in {"él", "ella"}:
            return _replaced(reading, at, at + 1, earlier.person)
        if low in {"le", "les"} and before != "se":
            return _to_person(reading, earlier)
        if low in _CLITICS and _is_clitic(before, following, low, at + 2 == len(reading.lows)):
            return _object(reading, at, earlier)
        if low in {"eso", "ello", "esto"}:
            return _replaced(reading, at, at + 1, _what(earlier))
        points = bool(following) and low in _DEMONSTRATIVE | {"el", "la"}
        if points and (what := _meant(low, following, reading, at, earlier)):
            return _replaced(reading, at, at + 2, what)
    return None


def _what(earlier: Earlier) -> str:
    """The thing asked about, with whom or which document it is about."""
    thing = earlier.thing
    return f"{thing} {earlier.carried}".strip() if thing else earlier.paper or earlier.owner


def _owned(reading: Reading, at: int, earlier: Earlier) -> str:
    """ "su diagnóstico" -> "el diagnóstico de Ana Ruiz"."""
    owner = earlier.person or earlier.owner
    if not owner:
        return ""
    words = reading.words
    end = at + 2
    while end < len(words) and words[end].low not in lexicon.FUNCTION_WORDS and end < at + 3:
        end += 1
    phrase = reading.text[words[at + 1].start : words[end - 1].end]
    new = f"{article(phrase)} {phrase} de {owner}"
    return bare(reading.text[: words[at].start] + new + reading.text[words[end - 1].end :])


def _replaced(reading: Reading, start: int, end: int, new: str) -> str:
    if not new:
        return ""
    words = reading.words
    left = reading.text[: words[start].start]
    return bare(left + new + reading.text[words[end - 1].end :])


def _to_person(reading: Reading, earlier: Earlier) -> str:
    person = earlier.person or earlier.owner
    return f"{bare(reading.text)} a {person}" if person else ""


def _is_clitic(before: str, following: str, low: str, is_last: bool) -> bool:
    """Whether "la" stands for something, rather than before its noun. is_last: `following` ends it."""
    if low == "lo":
        return bool(following) and following not in {"que", "mismo"}
    if before in {"quién", "quiénes", "no", "se"}:
        return bool(following)
    return before in ("", *_OPENS) and (is_last or _PAST.search(following) is not None)


def _object(reading: Reading, at: int, earlier: Earlier) -> str:
    """ "quién lo firmó" -> "quién firmó el contrato con Aguamarga"; of a person with "a"."""
    words, verb = reading.words, reading.lows[at + 1]
    last = earlier.named[-1] if earlier.named else None
    is_person = last is not None and last.kind == "person"
    if verb in _TO_PERSONS and earlier.person:
        return f"{bare(reading.text)} a {earlier.person}"
    left, right = reading.text[: words[at].start], reading.text[words[at + 1].start :]
    agrees = not earlier.paper or reading.lows[at][:2] in {article(_noun(earlier.paper))[:2], "lo"}
    if earlier.paper and agrees and not (is_person and earlier.bare_thing):
        return f"{bare(left + right)} {earlier.paper}"
    if at and reading.lows[at - 1] == "se":  # "se lo quitaron": to whom is said by "se"
        left = re.sub(r"(?i)\bse\s+$", "le ", left)
        to_whom = f" a {earlier.person}" if earlier.person else ""
        return f"{bare(left + right)} {earlier.thing}{to_whom}" if earlier.thing else ""
    if earlier.thing:
        return f"{bare(left + right)} {earlier.thing} {earlier.carried}".strip()
    return f"{bare(reading.text)} a {earlier.owner}" if earlier.owner else ""


def _noun(phrase: str) -> str:
    """Without its article."""
    first, _, rest = phrase.partition(" ")
    return rest if rest and first.casefold() in lexicon.DETERMINERS["es"] else phrase


def _meant(low: str, noun: str, reading: Reading, at: int, earlier: Earlier) -> str:
    """What "el paciente", "ese contrato" means, where the question before has said which."""
    after = reading.lows[at + 2] if at + 2 < len(reading.lows) else ""
    if after in {"de", "del", "con", "entre", "que", "para"}:
        return ""
    if noun == "paciente":
        return earlier.person
    if noun not in lexicon.DOCUMENTS:
        return ""
    said = set(re.findall(r"\w+", earlier.paper.casefold()))
    alike = {"contrato", "acuerdo"} if noun in {"contrato", "acuerdo"} else {noun}
    return earlier.paper if low in _DEMONSTRATIVE or said & alike else ""


def _lacks_subject(reading: Reading) -> bool:
    """ "¿Cuándo se firmó?", "¿Qué dosis toma?", "¿Tiene alergias?"."""
    lows = reading.lows
    if not lows or set(lows) & lexicon.IMPERSONAL:
        return False
    start = opening(reading)
    if start and lows[:2] == ["por", "qué"]:
        start = 2
    if set(lows[: start + 1]) & lexicon.INDEFINITE and start:
        return False
    rest = lows[start:]
    if not rest or len(rest) > _MOST_WORDS or _has_noun(rest):
        return False
    if rest[0] in _COPULAS and len(rest) > 1 and not _PAST.search(rest[1]):
        return len(rest) == _COPULA_AND_ADJECTIVE and (not start or bool(reading.first_wh))
    if not start:
        return rest[0] not in lexicon.FUNCTION_WORDS - {
            "se",
            "está",
            "tiene",
            "ha",
            "han",
            "fue",
            "no",
        }
    return True


def _has_noun(rest: list[str]) -> bool:
    """With its article, and not behind a preposition."""
    return any(
        low in lexicon.DETERMINERS["es"]
        and (not at or rest[at - 1] not in lexicon.PREPOSITIONS["es"])
        for at, low in enumerate(rest)
    )


def _appended(reading: Reading, earlier: Earlier) -> str:
    """With its subject behind it: the document where one was named, else whoever was."""
    text = bare(reading.text)
    is_passive = "se" in reading.lows or any(low in _OF_PAPERS for low in reading.lows)
    what = (earlier.paper if is_passive else "") or _subject(earlier)
    start = opening(reading)
    if set(reading.lows) & _DONE_TO_THINGS:
        what = _what(earlier) or what
    if reading.first_wh and reading.lows[start : start + 1] and reading.lows[start] in _COPULAS:
        is_file = "_" in what  # "a qué es alérgica", in a person's letter
        what = earlier.carried if is_file else earlier.person or what
    elif reading.lows[start : start + 1] and reading.lows[start] in _OF_THINGS:
        what = _what(earlier) or what
    if not what:
        return ""
    if set(reading.lows) & lexicon.DETERMINERS["es"]:
        what = earlier.carried or what
    return asked(contracted(with_dose(f"{text} {what}", earlier, "es")), "es")


_OF_PAPERS = lexicon.words("vence termina empieza caduca dura firmó expira prorroga renueva")


def _subject(earlier: Earlier) -> str:
    """Whoever did or had something, before whoever was named with it."""
    first = next((one for one in earlier.named if not one.preposition), None)
    return first.phrase if first else earlier.person or earlier.owner
