"""What a sentence denies, obliges, permits or holds possible, word by word.

A claim flips its evidence when a word stands under a negation in one of them only. Reach is judged
by rule: a verb's `not` ends at the comma, the `denies`, `sin` or `without` of a list crosses it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import islice
from typing import Literal

from ragkit.verification.words import Word, word_set

Modality = Literal["obligation", "advice", "permission"]

_VERBAL_NEGATIONS = word_set("""
    not never nunca jamas unable ninguno ninguna nada nadie none nobody nothing fail fails failed tampoco
    stop stops stopped cease ceases deja dejan
""")
_LIST_NEGATIONS = word_set("""
    no without neither nor non deny denies denied denying lack lacks lacking
    lacked absence sin ni ningun ningunos niega niegan nego negaba negando
    ausencia loss perdida carece carecen carecer falta faltan faltaba faltaria faltarian irrespective
    regardless
    descarta descartan descartar descarto descartado descartada
    excludes excluded excluding prohibited forbidden prohibido prohibida
""")
_BACKWARD_NEGATIONS = word_set(
    "negative negatives negativo negativa negativos negativas absent ausente ausentes"
)
NEGATIONS = _VERBAL_NEGATIONS | _LIST_NEGATIONS | _BACKWARD_NEGATIONS
OPENING_NEGATIONS = NEGATIONS - {"ni", "nor"}
"""Those that do not only carry an earlier negation on."""
_CONTRASTS = word_set(
    "but however although though except unless with has pero sino aunque salvo excepto con presenta"
    " refiere que which who"
)
_VERBS_OF_THE_CLAUSE = word_set(
    "shall must will may can is are was were sera seran es son fue fueron debe"
)
_RESTARTS = word_set("the el la los las each this that such if si esta este he she")
_CONJUNCTIONS = word_set("and or y o e")
REPORTING_WORDS = word_set("""
    refiere refieren presenta presentan presentaba tiene tienen muestra muestran existe existen report
    reports reported shows show showed found known conocidas conocidos evidence evidencia signos signs
""")
"""Words that carry no statement of their own: `niega fiebre` and `no refiere fiebre` say the same."""
_EMPTY_AFTER = {
    "no": word_set("longer later more less fewer mas menos superior mayor inferior"),
    "not": word_set("later more less fewer"),
}
_DENIED_AGAIN = word_set("excluded excludes excluding descarta descartan descartar descarto")
"""`Cannot be excluded` affirms."""
_NEEDED_AFTER = {"loss": word_set("of"), "perdida": word_set("de del")}
NAMED_LOSSES = frozenset(_NEEDED_AFTER)
"""Losses: what evidence calls lost a claim may not affirm; a claim that says `loss` has named it."""
_EMPTY_BEFORE = {"falta": word_set("hace hacen haga hiciera hacer")}
_WEIGHTLESS = NEGATIONS | REPORTING_WORDS
_HEADS = 3
_VERBAL_REACH = 8
_LIST_REACH = 8
_BACKWARD_REACH = 4

MODALS: dict[str, Modality] = {
    **dict.fromkeys(
        word_set("""
    shall must will required obligated obliged agrees agree undertakes undertake responsible
    responsibility liable obligation duty bound necessary payable debe deben debera deberan obligado
    obligada obligados obligacion necesario necesaria preciso requiere
"""),
        "obligation",
    ),
    **dict.fromkeys(
        word_set(
            "should recommended advised important advisable deberia deberian recomienda aconseja"
        ),
        "advice",
    ),
    **dict.fromkeys(
        word_set("""
    may can could might entitled permitted allowed permit option reserve right able ability opportunity
    capable puede pueden podra podran podria
    podrian possible possibly probable probably likely suspected posible posiblemente probablemente
    sospecha facultad permite
"""),
        "permission",
    ),
}
_GOVERNED_WITHIN = 5
_NARROWING = word_set("only neither nor ni ningun ninguna ninguno nobody nadie")
_NOUNS = word_set("option right ability opportunity obligation responsibility liability duty")

_OPPOSITE_WRITINGS = """before/after prior/following within/after increase/decrease increased/decreased
    increases/decreases higher/lower high/low greater/less more/less more/fewer over/under maximum/minimum
    left/right positive/negative included/excluded including/excluding exclusive/nonexclusive best/worst
    better/poor better/worse improved/impaired favorable/unfavorable good/poor
    once/twice slight/significant slightly/significantly slightly/markedly mild/severe rare/common
    rarely/often rarely/usually leve/grave leve/severo leve/severa early/late first/last with/without
    buyer/seller licensor/licensee lessor/lessee landlord/tenant
    employer/employee best/least most/least present/absent hyper/hypo benign/malignant acute/chronic
    antes/despues mayor/menor mas/menos aumento/descenso aumenta/disminuye aumentado/disminuido
    superior/inferior alto/bajo maximo/minimo derecha/izquierda derecho/izquierdo positivo/negativo
    positiva/negativa benigno/maligno benigna/maligna agudo/cronico aguda/cronica comprador/vendedor
    arrendador/arrendatario con/sin anterior/posterior anterior/siguiente"""
OPPOSITES = frozenset(
    pair for one, other in (pair.split("/") for pair in word_set(_OPPOSITE_WRITINGS))
    for pair in ((one, other), (other, one))
)  # fmt: skip
"""Words of which one turns the other round, both ways."""


def denied_words(words: Sequence[Word]) -> tuple[bool, ...]:
    """For each word whether it stands within reach of a negation."""
    denied = [False] * len(words)
    for place in range(len(words)):
        for reached in denied_by(words, place):
            denied[reached] = True
    return tuple(denied)


def denied_by(words: Sequence[Word], place: int) -> tuple[int, ...]:
    """Places of the words that the word at `place` denies; none if it is no negation."""
    return tuple(_reach(words, place)) if is_negation(words, place) else ()


def is_negation(words: Sequence[Word], place: int) -> bool:
    """Whether the word at `place` denies something: not in `not later`, `si hace falta`."""
    text = words[place].text
    if text not in NEGATIONS:
        return False
    before = words[place - 1].text if place else ""
    after = words[place + 1].text if place + 1 < len(words) else ""
    if (text == "no" and before == "o") or after not in _NEEDED_AFTER.get(text, (after,)):
        return False
    near = {word.text for word in words[max(0, place - 3) : place]}
    if text in _DENIED_AGAIN and not near.isdisjoint(NEGATIONS):
        return False
    return after not in _EMPTY_AFTER.get(text, ()) and before not in _EMPTY_BEFORE.get(text, ())


def heads_of_negations(words: Sequence[Word], *, but: Container[str] = ()) -> Iterator[list[Word]]:
    """For each negation the words of weight that it governs: of a verb's the first few, of a list's all.

    but: negations that are passed over.
    """
    for place in range(len(words)):
        if is_negation(words, place) and words[place].text not in but:
            reached = [words[at] for at in _reach(words, place)]
            weighty = (w for w in reached if w.is_content and w.text not in _WEIGHTLESS)
            most = _HEADS if words[place].text in _VERBAL_NEGATIONS else _LIST_REACH
            yield list(islice(weighty, most))


def _reach(words: Sequence[Word], place: int) -> Iterator[int]:
    """Places of the words that the negation at `place` governs."""
    cue = words[place]
    if cue.text in _BACKWARD_NEGATIONS:
        yield from _backward(words, place)
    limit = (
        1 if cue.text == "non" else _VERBAL_REACH if cue.text in _VERBAL_NEGATIONS else _LIST_REACH
    )
    content = 0
    for index in range(place + 1, len(words)):
        word = words[index]
        if word.clause != cue.clause or content == limit:
            return
        if word.text in _CONTRASTS and index > place + 1:
            return
        # `Without such permission the sale will be void` does not deny the sale.
        if content > 1 and word.text in _VERBS_OF_THE_CLAUSE and cue.text not in _VERBAL_NEGATIONS:
            return
        if word.comma and (cue.text in _VERBAL_NEGATIONS or _restarts(words, index)):
            return
        content += word.is_content
        yield index


def _backward(words: Sequence[Word], place: int) -> Iterator[int]:
    content = 0
    for index in range(place - 1, -1, -1):
        word = words[index]
        if (
            word.clause != words[place].clause
            or words[index + 1].comma
            or content == _BACKWARD_REACH
        ):
            return
        content += word.is_content
        yield index


def _restarts(words: Sequence[Word], index: int) -> bool:
    """Whether a new statement begins at `index`: `, and the ...` or `, the ...`."""
    opening = [word.text for word in words[index : index + 2]]
    if opening[0] in _CONJUNCTIONS:
        return len(opening) > 1 and opening[1] in _RESTARTS
    return opening[0] in _RESTARTS


def governed(words: Sequence[Word]) -> Iterator[tuple[Modality, str]]:
    """Each modal's class with the stem of the content word it governs, or "" for none.

    `may not` and `no podrá` forbid, so they count as obligations.
    """
    for place, word in enumerate(words):
        if word.text not in MODALS or _asks_or_names(words, place):
            continue
        modality = MODALS[word.text]
        following = words[place + 1 : place + 1 + _GOVERNED_WITHIN]
        if modality == "permission" and _is_forbidden(words, place):
            modality = "obligation"
        yield modality, next((w.stem for w in following if _can_be_governed(w, word)), "")


def _asks_or_names(words: Sequence[Word], place: int) -> bool:
    """Whether the modal obliges nobody: `whether they should`, `should it come later`, `no option`."""
    before = {word.text for word in words[max(0, place - 3) : place]}
    if words[place].text == "should":
        return place == 0 or "whether" in before
    after = words[place + 1].text if place + 1 < len(words) else ""
    is_noun = words[place].text in _NOUNS
    return is_noun and (after not in {"to", "not", "de"} or not before.isdisjoint({"no", "any"}))


def _is_forbidden(words: Sequence[Word], place: int) -> bool:
    before = words[place - 1].text if place else ""
    after = words[place + 1].text if place + 1 < len(words) else ""
    near = words[max(0, place - _GOVERNED_WITHIN) : place + 1 + _GOVERNED_WITHIN]
    said = {word.text for word in near}
    return before == "no" or after in {"not", "neither"} or not said.isdisjoint(_NARROWING)


def _can_be_governed(word: Word, modal: Word) -> bool:
    skipped = word.text in NEGATIONS or word.text in MODALS
    return word.clause == modal.clause and word.is_content and not skipped
