"""Whom or which contract a question means: documents that it fits equally well, of which there can be
only one. Pure: names and words in, documents out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ragkit.folding import folded

OF_PARTIES = frozenset({"amendment", "lease", "power of attorney", "will", "contract"})
"""Kinds of documents that are told apart by all their parties; others by the one person they name."""

_WORD = re.compile(r"[^\W_]+")
_INITIAL = re.compile(
    r"(?:(?<=[^\W\d_] )|(?<=\. ))(?P<letter>[A-ZÁÉÍÓÚÑ])(?:\.|(?= [A-ZÁÉÍÓÚÑ]|['’]s|\W*$))"
)
"""A lone capital in a question that is written as an initial: "John A. Smith", "John A's", "John A?"."""
_SMALL_WORDS = """
and of the de del la las los el y e o dr dra mr mrs ms don dona sr sra
limited ltd llp plc inc corp corporation company co llc lp gmbh ag bv nv sl slp sa slu
"""
_SMALL = frozenset(_SMALL_WORDS.split())
"""Words and legal forms that are part of a name and tell nobody apart."""
_OPENER_WORDS = """
what which who whom whose when where why how is are was were do does did has have had can could may
might must shall should will would
que cual cuales quien quienes cuando donde cuanto cuanta cuantos cuantas como es son fue era esta estan
tiene tienen toma ha han puede pueden debe deben hay
"""
_OPENERS = frozenset(_OPENER_WORDS.split())
"""Words that open a question with a capital and name nobody there: "Will the fee rise?" asks of no Will."""
_SEVERAL = re.compile(
    r"(?i)\b(?:which|what|all|each|every|any|both|these|those|how many|compare|list)\s(?:\w+\s){0,2}?"
    r"(?:patients|agreements|contracts|documents|letters|files|leases|reports|deeds|amendments|parties"
    r"|clients|customers|tenants|companies)\b"
    r"|\b(?:each|every|both|compare|difference between|in common)\b"
    r"|\b(?:qu[ée]|cu[áa]les|cu[áa]ntos|todos|todas|cada|ambos|ambas|los|las)\s(?:\w+\s){0,2}?"
    r"(?:pacientes|contratos|documentos|informes|cartas|acuerdos|clientes|empresas)\b"
    r"|\b(?:cada|ambos|ambas|compar\w+|diferencias? entre|en com[úu]n)\b"
)
"""Asks about several documents or persons on purpose: nothing is to be told apart."""
_ONE_THING = re.compile(
    r"(?i)\b(?:the|this|that|our|said)\s(?:patient|agreement|contract|lease|deed|amendment|tenant|client"
    r"|licen[cs]e agreement|letter)\b(?!s)"
    r"|\b(?:el|la|al|del|este|esta|nuestro|nuestra)\s"
    r"(?:paciente|contrato|acuerdo|convenio|arrendamiento|arrendatario|cliente|informe)\b"
)
"""Asks about one thing that it does not name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Of whom or what a document is.

    names: its parties or persons as written. said: indexes of the question's words by which the
    document goes: in its path, title, names and date. strength: of its best evidence, higher is
    better.
    """

    document: int
    kind: str
    names: tuple[str, ...]
    said: frozenset[int]
    strength: float

    @property
    def whole(self) -> frozenset[frozenset[str]]:
        """The words of every name."""
        return frozenset(filter(None, map(name_words, self.names)))


def name_words(name: str) -> frozenset[str]:
    """What tells a name: its words without case, accents, legal forms and titles; initials with a stop.

    "John A. Smith" is nobody else than "John Smith", and somebody else than "John B. Smith".
    """
    words = (word for word in _WORD.findall(folded(name).replace(".", "")) if word not in _SMALL)
    return frozenset(_initial(word) if _is_letter(word) else word for word in words)


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def _initial(letter: str) -> str:
    return f"{letter}."


def _is_initial(word: str) -> bool:
    return word.endswith(".")


def is_of_several(question: str) -> bool:
    """Whether a question asks about several documents or persons on purpose."""
    return bool(_SEVERAL.search(question))


def asks_about_one(question: str) -> bool:
    """Whether a question speaks of "the agreement" or "el paciente" as if there were one only."""
    return bool(_ONE_THING.search(question))


def names_in(question: str) -> frozenset[str]:
    """Words of a question that may name somebody: with a capital, or any if it has no capitals."""
    words = [word for word in _WORD.findall(question) if len(word) > 1]
    opened = bool(words) and folded(words[0]) in _OPENERS
    words = words[opened:]
    has_capitals = any(word[0].isupper() for word in words[0 if opened else 1 :])
    found = (folded(word) for word in words if word[0].isupper() or not has_capitals)
    initials = (_initial(folded(match["letter"])) for match in _INITIAL.finditer(question))
    return (frozenset(found) | frozenset(initials)) - _SMALL


def fitting(question: str, identities: Sequence[Identity]) -> dict[int, frozenset[frozenset[str]]]:
    """The documents whose names hold the most of a question's names -> whom or what they are there.

    None where the question names nobody, or several whose names differ: "Ana Ruiz and Luis Vega".
    A document that holds fewer of the words than another does not fit: "Ana García" is not of
    "Mario García", if there is an Ana.
    """
    asked = names_in(question)
    held = {each.document: _held(each, asked) for each in identities}
    most = {words for words, _ in held.values() if words}
    best = {words for words in most if not any(words < other for other in most)}
    if len(best) != 1:
        return {}
    return {number: who for number, (words, who) in held.items() if words in best}


def _held(
    identity: Identity, asked: frozenset[str]
) -> tuple[frozenset[str], frozenset[frozenset[str]]]:
    """The names of a question that a document's hold, and who that is: of a contract all its parties,
    of a list of patients only the one named."""
    if identity.kind in OF_PARTIES:
        return _shared(frozenset[str]().union(*identity.whole), asked), identity.whole
    names = ((_shared(name, asked), name) for name in identity.whole)
    said, best = max(names, key=lambda one: (len(one[0]), sorted(one[1])), default=(None, None))
    return (said, frozenset((best,))) if said is not None and best else (frozenset(), frozenset())


def _shared(name: frozenset[str], asked: frozenset[str]) -> frozenset[str]:
    """Words of a question that a name holds; an initial also where it stands for one of the name's other
    words, and never alone: "hepatitis B" is not of John B. Smith."""
    same = name & asked
    initials = (
        word for word in asked - same if _is_initial(word) and _stands_for(word, name - same)
    )
    return (
        same | frozenset(initials) if any(not _is_initial(word) for word in same) else frozenset()
    )


def _stands_for(initial: str, words: frozenset[str]) -> bool:
    return any(word[0] == initial[0] for word in words)


def _is_within(name: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one name may be the other, written shorter: without some words, or with initials."""
    rest = other - name
    return all(_is_initial(word) and _stands_for(word, rest) for word in name - other)


def is_same(one: frozenset[frozenset[str]], other: frozenset[frozenset[str]]) -> bool:
    """Whether two may be the same: everybody of the one with fewer names is, perhaps with a shorter
    name, among the other's."""
    few, many = sorted((one, other), key=len)
    return all(
        any(_is_within(name, each) or _is_within(each, name) for each in many) for name in few
    )


@dataclass(frozen=True, slots=True)
class Meant:
    """Between what a question does not decide: documents in groups of one person or contract each, that
    of the best evidence first; none where there is no doubt. others: documents of somebody whom the
    question might mean and does not, or who is named like the one that it names."""

    groups: tuple[tuple[int, ...], ...] = ()
    others: frozenset[int] = frozenset()


def meant_by(question: str, identities: Sequence[Identity], least: float) -> Meant:
    """Whom or what a question means, of the documents that were found for it.

    least: share of the best strength that the evidence of somebody must have to be in question.
    """
    if is_of_several(question) or not identities:
        return Meant()
    who = fitting(question, identities)
    likened = _namesakes(question, identities, who)
    if not who and asks_about_one(question) and not _names_any(question, identities):
        who = {each.document: each.whole for each in identities if _is_of_one(each)}
    groups = _groups([each for each in identities if each.document in who], who)
    left = _likeliest(groups, least * max(each.strength for each in identities))
    numbers = [tuple(each.document for each in group) for group in left]
    others = {each.document for group in groups if group not in left for each in group}
    if len(left) > 1:
        return Meant(tuple(numbers), likened)
    return Meant((), likened | others if left else likened)


def _likeliest(groups: Sequence[list[Identity]], enough: float) -> list[list[Identity]]:
    """Those with evidence enough, but for those that go by fewer of the question's words than another."""
    strong = [group for group in groups if group[0].strength >= enough]
    told = [frozenset[int]().union(*(each.said for each in group)) for group in strong]
    return [
        group
        for group, said in zip(strong, told, strict=True)
        if not any(said < other for other in told)
    ]


def _namesakes(
    question: str, identities: Sequence[Identity], who: Mapping[int, frozenset[frozenset[str]]]
) -> frozenset[int]:
    """Documents that hold a name of the question and are of somebody else than it names."""
    asked = names_in(question)
    held = {each.document: _held(each, asked) for each in identities if each.document not in who}
    return frozenset(
        number
        for number, (words, other) in held.items()
        if who and words and not any(is_same(other, each) for each in who.values())
    )


def _names_any(question: str, identities: Sequence[Identity]) -> bool:
    asked = names_in(question)
    return any(_held(each, asked)[0] for each in identities)


def _is_of_one(identity: Identity) -> bool:
    """A list of patients is of none of them."""
    return bool(identity.names) and (identity.kind in OF_PARTIES or len(identity.whole) == 1)


def _groups(
    identities: Sequence[Identity], who: Mapping[int, frozenset[frozenset[str]]]
) -> list[list[Identity]]:
    """Documents of the same person or contract together, the strongest first. One that may be of two
    groups, such as a memorandum that names only the party they share, is of neither."""
    groups: list[list[Identity]] = []

    def fullness(each: Identity) -> tuple[int, int, float]:
        """A short name, which may be of several, must not come first and unite them."""
        names = who[each.document]
        return -len(names), -sum(map(len, names)), -each.strength

    order = sorted(identities, key=fullness)
    for each in order:
        same = [group for group in groups if is_same(who[each.document], who[group[0].document])]
        if not same:
            groups.append([each])
        elif len(same) == 1:
            same[0].append(each)
    for group in groups:
        group.sort(key=lambda each: -each.strength)
    return sorted(groups, key=lambda group: -group[0].strength)
