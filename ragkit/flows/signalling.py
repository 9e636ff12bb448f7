"""The signals by which it is decided whether what was found answers a question."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ragkit.flows.searching import View
from ragkit.folding import folded
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.answerability import FACTS, Signals
from ragkit.retrieval.asking import holds
from ragkit.retrieval.identities import OF_PARTIES
from ragkit.retrieval.routing import Group
from ragkit.retrieval.search import Found
from ragkit.retrieval.sentences import coverage
from ragkit.retrieval.unknown_names import unknown_names
from ragkit.types import Passage

FEWEST_COMPARED = 10
"""Documents of an index from which on it is asked whether a contract has the clause. That is told by
comparison with the others: of words that stand in each of three contracts BM25 makes nothing."""
SAID_OF_OTHERS = 0.5
"""How much more of what is asked a passage on somebody else must hold, by the weight of the words, than
any on the one that is named, for it to be asked of the wrong person: the names alone would seem to be an
answer. Of 343 questions on Spanish clinical notes passages on others were found for 198; none of these has
0.3, 6 have 0.2 and 12 have 0.1."""
HOW_MANY = frozenset({"much", "many"})
TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "dr", "dra", "sr", "sra", "don", "dona", "senor", "senora")
)


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines of the sentences of some passages, as their vectors are kept. All of shape (sentences,).

    documents: of each; question and content: to the question, and to it without what names a document.
    worth: of each what it says, whatever passage it stands in, 0 to 1.
    """

    documents: NDArray[np.int64]
    question: NDArray[np.float32]
    content: NDArray[np.float32]
    worth: NDArray[np.float64]

    @classmethod
    def none(cls) -> Nearness:
        nothing = np.empty(0, np.float32)
        return cls(np.empty(0, np.int64), nothing, nothing, nothing.astype(np.float64))

    def without(self, others: Collection[int]) -> Nearness:
        """Of the sentences that are not of some documents."""
        kept = ~np.isin(self.documents, list(others))
        return Nearness(
            self.documents[kept], self.question[kept], self.content[kept], self.worth[kept]
        )

    def best(self) -> dict[int, float]:
        """document -> the worth of its best sentence."""
        found: dict[int, float] = {}
        for document, worth in zip(self.documents.tolist(), self.worth.tolist(), strict=True):
            found[document] = max(found.get(document, worth), worth)
        return found


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage, the terms it holds and those that its document goes by."""

    passage: Passage
    said: frozenset[str]
    named: frozenset[str]


def signals_of(
    view: View,
    found: Found,
    passages: Sequence[Passage],
    nearness: Nearness,
    others: frozenset[int] = frozenset(),
) -> Signals:
    """What tells whether some passages answer the question they were found for.

    others: documents of somebody else than the question names. What they say is no sign of an answer:
    of the allergy of one patient a question on another's is not answered.
    """
    nobody = bool(unknown_names(found.asked, view.reader.naming_frequencies))
    if not others:
        return replace(_signals(view, found, passages, nearness), names_nobody=nobody)
    own = [passage for passage in passages if passage.document_id not in others]
    of_own = _signals(view, _found_without(found, others), own, nearness.without(others))
    of_others = _is_said_of_others(view, found, passages, others)
    return replace(of_own, said_of_others=of_others, names_nobody=nobody)


def _is_said_of_others(
    view: View, found: Found, passages: Sequence[Passage], others: frozenset[int]
) -> bool:
    """Whether passages on somebody else hold what is asked, and those on the one named do not.

    A fact that is told by its form, an age, needs none of the question's words: _lacks_fact tells it.
    """
    if found.asked.fact:
        return False
    read = _read(view, passages)
    # Among few documents a name may seem to ask.
    naming = {folded(term) for one in read for term in one.named}
    asking = {
        group: found.asked.weight(group)
        for group in _telling(found.asked.content_words)
        if naming.isdisjoint(group)
    }
    held = {True: 0.0, False: 0.0}
    for one in read:
        is_other = one.passage.document_id in others
        held[is_other] = max(held[is_other], coverage(asking, {*one.said}))
    return held[True] - held[False] >= SAID_OF_OTHERS


def _found_without(found: Found, others: frozenset[int]) -> Found:
    """The same candidates but for those of some documents."""
    kept = ~np.isin(found.documents, list(others))
    scores = {name: values[kept] for name, values in found.scores.items()}
    return replace(
        found,
        ranked=tuple(item for item in found.ranked if item.document not in others),
        nearest=float(scores["question"].max(initial=0.0)),
        ids=found.ids[kept],
        documents=found.documents[kept],
        parts={name: values[kept] for name, values in found.parts.items()},
        scores=scores,
    )


def _signals(view: View, found: Found, passages: Sequence[Passage], nearness: Nearness) -> Signals:
    asked = found.asked
    read = _read(view, passages)
    words = {group: asked.weight(group) for group in _telling(asked.words)}
    asking = {group: asked.weight(group) for group in _telling(asked.content_words)}
    others = {group: asked.weight(group) for group in asked.other_words}
    held = [sum(not one.said.isdisjoint(group) for group in words) for one in read]
    together = {term for one in read for term in one.said}
    unknown = [not asked.frequency[group] for group in asking]
    names_contract = _names_contract(view, found)
    return Signals(
        cosine=found.nearest,
        sentence=float(nearness.question.max(initial=0.0)),
        coverage=max((coverage(words, {*one.said, *one.named}) for one in read), default=0.0),
        together=coverage(words, together),
        unknown=sum(unknown) / len(unknown) if unknown else 0.0,
        matched=math.log1p(max(held, default=0)),
        clause=max(
            (coverage(asking, {*one.said}) + coverage(others, {*one.said}) for one in read),
            default=0.0,
        ),
        other_words=_best(found, "other_words", asked.meant),
        words=_best(found, "words", ()) / max(1.0, sum(words.values())),
        has_other=float(bool(others)),
        background=_background(view, found, nearness) if names_contract else 0.0,
        names_contract=names_contract,
        lacks_fact=_lacks_fact(found, passages),
        in_own_words=any(
            not one.said.isdisjoint(group) for one in read for group in asked.own_words
        ),
    )


def _telling(groups: Sequence[Group]) -> list[Group]:
    """Without "how much" and "how many", which no document says, and "Mr": in a small index they would
    weigh as much as what is asked for."""
    return [group for group in groups if (HOW_MANY | TITLES).isdisjoint(group)]


def _read(view: View, passages: Sequence[Passage]) -> list[_Read]:
    numbers = {passage.document_id for passage in passages}
    languages = view.reader.document_languages(numbers)
    naming = view.reader.naming_words(numbers)
    return [
        _Read(
            passage,
            frozenset(terms(f"{passage.heading} {passage.text}", languages[passage.document_id])),
            frozenset(
                term for column in naming[passage.document_id][:3] for term in column.split()
            ),
        )
        for passage in passages
    ]


def _best(found: Found, score: str, documents: Sequence[int]) -> float:
    """The greatest score of a candidate, of those documents if any are given."""
    if score not in found.scores:
        return 0.0
    scores = found.scores[score]
    inside = scores[np.isin(found.documents, documents)] if documents else scores
    return float(inside.max(initial=0.0))


def _names_contract(view: View, found: Found) -> bool:
    """Whether a contract is named, of which something is asked that no form shows."""
    if found.asked.fact or view.reader.document_count() < FEWEST_COMPARED:
        return False
    entries = view.reader.documents_by_id(found.asked.meant)
    return any(entry.kind in OF_PARTIES for entry in entries.values())


def _background(view: View, found: Found, nearness: Nearness) -> float:
    """The cosine of what is asked and the nearest sentence of the documents meant, less the mean of
    the nearest of the others, of those with a chunk among its neighbours. 0 if there are none.

    Asked of all contracts, where does this one stand?
    """
    meant = found.asked.meant
    own = nearness.content[np.isin(nearness.documents, meant)]
    near = {e: d for e, d in view.retriever.near(found.vectors[1]).items() if d not in meant}
    best: dict[int, float] = {}
    for entry, (_, vectors) in view.reader.sentence_vectors(list(near)).items():
        cosine = float((vectors @ found.vectors[1]).max(initial=-1.0))
        best[near[entry]] = max(best.get(near[entry], -1.0), cosine)
    return float(own.max()) - sum(best.values()) / len(best) if best and len(own) else 0.0


def _lacks_fact(found: Found, passages: Sequence[Passage]) -> bool:
    """Whether a fact of a kind is asked for of a document that is named, and no passage of it has one."""
    kind, meant = found.asked.fact, found.asked.meant
    inside = [passage.text for passage in passages if passage.document_id in meant]
    return kind in FACTS and bool(inside) and not any(holds(kind, text) for text in inside)
