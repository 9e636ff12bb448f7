"""What a sentence denies, obliges, permits or holds possible, word by word.

A claim flips its evidence when a word stands under a negation in one of them only. Reach is judged
by rule: a verb's `not` ends at the comma, the `denies`, `sin` or `without` of a list crosses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from ragkit.verification.words import Word, word_set

Modality = Literal["obligation", "advice", "permission"]

_VERBAL_NEGATIONS = word_set("not never nunca jamas unable fail fails failed tampoco")
_LIST_NEGATIONS = word_set("""
    no without none neither nor nobody nothing non deny denies denied denying lack lacks lacking
    lacked absence sin ni ningun ninguna ninguno ningunos nada nadie niega niegan nego negaba negando
    ausencia carece carecen carecer descarta descartan descartar descarto descartado descartada
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
_RESTARTS = word_set("the el la los las each this that such if si esta este he she")
_CONJUNCTIONS = word_set("and or y o e")
REPORTING_WORDS = word_set("""
    refiere refieren presenta presentan presentaba tiene tienen muestra muestran existe existen report
    reports reported shows show showed found known conocidas conocidos evidence evidencia signos signs
""")
"""Words that carry no statement of their own: `niega fiebre` and `no refiere fiebre` say the same."""
_VERBAL_REACH = 5
_LIST_REACH = 8
_BACKWARD_REACH = 4

MODALS: dict[str, Modality] = {
    **dict.fromkeys(
        word_set("""
    shall must will required obligated obliged debe deben debera deberan
    obligado obligada obligados obligacion
"""),
        "obligation",
    ),
    **dict.fromkeys(
        word_set("should recommended advised deberia deberian recomienda aconseja"), "advice"
    ),
    **dict.fromkeys(
        word_set("""
    may can could might entitled permitted allowed option puede pueden podra podran podria
    podrian possible possibly probable probably likely suspected posible posiblemente probablemente
    sospecha facultad permite
"""),
        "permission",
    ),
}
_GOVERNED_WITHIN = 5

_OPPOSITE_WRITINGS = """before/after prior/following within/after increase/decrease increased/decreased
    increases/decreases higher/lower high/low greater/less more/less more/fewer over/under maximum/minimum
    left/right positive/negative included/excluded including/excluding exclusive/nonexclusive best/worst
    early/late first/last with/without buyer/seller licensor/licensee lessor/lessee landlord/tenant
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
    for place, word in enumerate(words):
        for reached in _reach(words, place) if word.text in NEGATIONS else ():
            denied[reached] = True
    return tuple(denied)


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
        if word.text not in MODALS:
            continue
        modality = MODALS[word.text]
        following = words[place + 1 : place + 1 + _GOVERNED_WITHIN]
        if modality == "permission" and _is_forbidden(words, place):
            modality = "obligation"
        yield modality, next((w.stem for w in following if _can_be_governed(w, word)), "")


def _is_forbidden(words: Sequence[Word], place: int) -> bool:
    before = words[place - 1].text if place else ""
    after = words[place + 1].text if place + 1 < len(words) else ""
    return before == "no" or after in {"not", "only"}


def _can_be_governed(word: Word, modal: Word) -> bool:
    skipped = word.text in NEGATIONS or word.text in MODALS
    return word.clause == modal.clause and word.is_content and not skipped
