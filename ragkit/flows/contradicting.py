"""Weighing quotes against each other: the newer version first, and what contradicts is shown as such."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ragkit.catalog import DocumentEntry
from ragkit.flows.affirming import yes_or_no
from ragkit.flows.citing import cite
from ragkit.flows.differing import Value, differ, value_of
from ragkit.flows.fronting import telling
from ragkit.flows.versions import Pair, of_one_person, pairs_of, same_subject
from ragkit.retrieval.analysis import terms
from ragkit.shortfacts.aspects import wanted_by
from ragkit.shortfacts.finding import least_sure
from ragkit.types import AnswerSentence, Citation, Evidence, Note
from ragkit.verification.facts import extract_facts

LOOKED_AT = 12
"""Evidence sentences, the best, in which a document may say otherwise."""
LEAST_SCORE = 0.6
"""Of the best score: below it a sentence seldom speaks of what was asked for."""
SAME_MATTER = 0.5
"""Share of the shorter sentence's content words that both have, from which on they say something of the
same thing: two clauses that differ in a number have 0.6 and more, clauses on other matters 0.3."""
ASKED_SHARE = 0.5
"""Share of the question's content words, but for those that name the documents, that the newer document's
sentence must hold: with two words of any kind, two of three notes on 61 contract questions were wrong."""
LEAST_WORDS = 3
"""Content words of such a sentence: headings of clauses have one or two."""
OF_THE_PAIR = 0.25
"""The same of an amendment and what it amends, which are known to belong together: it is worded anew."""

_CLAUSE = re.compile(
    r"^\s*\(?\d+(?:\.\d+)*[.)]?\s+|\b[Cc]lauses? \d+(?:\.\d+)*(?: and \d+(?:\.\d+)*)?"
)
_SAID_BY_NAME = frozenset(("dose",))
"""Kinds whose values are told by the name beside them: two doses of one drug are of the same matter,
whatever else the two sentences speak of."""
_OF_ONE_DAY = frozenset(("lab report", "radiology report", "operation report"))
"""Kinds whose values are those of their day: another day's do not contradict them."""
_ANY_DOCUMENT = "agreement contract amendment document clause contrato acuerdo documento"
NOTE_TEXTS = {
    "en": {
        "amendment": "{newer} is an amendment to {older}: what it says comes first.",
        "version": "{newer} is a newer version of {older}: what it says comes first.",
        "conflict": "The documents say different things: {newer} and {older}.",
    },
    "es": {
        "amendment": "{newer} modifica {older}: lo que dice va primero.",
        "version": "{newer} es una versión más reciente de {older}: lo que dice va primero.",
        "conflict": "Los documentos dicen cosas distintas: {newer} y {older}.",
    },
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """An answer's sentences and citations, the newer version's first, and what is to be noted."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What a document says of what was asked: the sentence, and the value. is_named: it
    is told by the name of the drug beside it."""

    item: Evidence
    value: Value
    is_named: bool = False


def weigh(
    question: str,
    evidence: Sequence[Evidence],
    documents: Sequence[DocumentEntry],
    made: Weighed,
    *,
    newer: Sequence[Evidence] = (),
    language: str,
    meant: frozenset[int] = frozenset(),
    orders: bool = True,
) -> Weighed:
    """`made`, weighed. evidence: best first. newer: what amendments and newer versions say. documents:
    of both. meant: those that the question names.

    orders: whether sentences may change places, and a newer quote be put before the others; if not,
    what the newer document says is quoted beside the note.
    """
    if len(documents) < 2 or not made.citations:
        return made
    said = _said(question, evidence, _known(language))
    cited = {citation.document for citation in made.citations}
    pairs = [pair for pair in pairs_of(documents) if pair.older in cited]
    for pair in pairs:
        asked = _Asked(question, _pool(pair, newer, evidence), _naming(pair, documents))
        made = _newer_first(made, pair, asked, language, orders=orders)
    entries = {entry.path: entry for entry in documents}
    for one, other in _conflicts(said, cited, entries, meant):
        made, marks = _cited(made, (one.item, other.item))
        names = {"newer": one.item.document, "older": other.item.document}
        note = Note("conflict", NOTE_TEXTS[_known(language)]["conflict"].format(**names), marks)
        made = replace(made, notes=(*made.notes, note))
    return made


def standing(citations: Sequence[Citation], notes: Sequence[Note]) -> tuple[Citation, ...]:
    """The citations but for those of documents whose place a newer one takes in this answer."""
    documents = {citation.mark: citation.document for citation in citations}
    older = {documents[note.citations[-1]] for note in notes if note.kind == "superseded"}
    return tuple(citation for citation in citations if citation.document not in older)


def _known(language: str) -> str:
    return language if language in NOTE_TEXTS else "en"


def _said(question: str, evidence: Sequence[Evidence], language: str) -> dict[str, _Said]:
    """The surest value that each document gives for what is asked."""
    pool = [item for item in evidence[:LOOKED_AT] if item.score >= LEAST_SCORE * evidence[0].score]
    wanted = wanted_by(question)
    least = least_sure(wanted)
    found: dict[str, _Said] = {}
    for each in telling(question, pool):
        item = pool[each.at]
        if each.sure >= least and item.document not in found:
            value = value_of(item.text[each.start : each.end])
            found[item.document] = _Said(item, value, wanted.kind in _SAID_BY_NAME)
    for number, item in enumerate(pool):
        answer = yes_or_no(question, language, [cite(number, item)], [item])
        if answer is not None and item.document not in found:
            found[item.document] = _Said(item, value_of(answer.text))
    return found


def value_in(question: str, item: Evidence) -> Value | None:
    """What one sentence gives for what is asked; None for nothing that is sure."""
    found = _said(question, [item], "en")
    return found[item.document].value if found else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question, the sentences of a newer document that are looked at, and words that tell nothing,
    since they name the documents."""

    question: str
    pool: Sequence[Evidence]
    naming: frozenset[str]

    def is_told_by(self, text: str) -> bool:
        """Whether a text speaks of what is asked."""
        words = _content(self.question) - self.naming
        return bool(words) and len(words & _content(text)) >= ASKED_SHARE * len(words)


def _pool(
    pair: Pair, newer: Sequence[Evidence], evidence: Sequence[Evidence]
) -> tuple[Evidence, ...]:
    """Sentences of the newer document, best first: looked up, and found for the question. Neither holds
    all: what is looked up is a part of a long document, and what is found may be nothing of it."""
    looked_up = [item for item in newer if item.document == pair.newer][:LOOKED_AT]
    found = (item for item in evidence[:LOOKED_AT] if item.document == pair.newer)
    return (*looked_up, *found)


def _naming(pair: Pair, documents: Sequence[DocumentEntry]) -> frozenset[str]:
    """Words of the names and titles of a pair of documents, and those for any document."""
    both = [each for each in documents if each.path in (pair.newer, pair.older)]
    said = " ".join(" ".join((each.title, *each.names)) for each in both)
    return frozenset(_content(f"{said} {_ANY_DOCUMENT}"))


def _newer_first(
    made: Weighed, pair: Pair, asked: _Asked, language: str, *, orders: bool
) -> Weighed:
    """With what the newer of two documents says before the older's, if it speaks of the same."""
    quotes = [citation.quote for citation in made.citations if citation.document == pair.older]
    newer = _of_same_matter(pair, quotes, asked)
    if newer is None:
        return made
    older = next(each.mark for each in made.citations if each.document == pair.older)
    made, marks = _cited(made, (newer,))
    names = {"newer": pair.newer, "older": pair.older}
    text = NOTE_TEXTS[_known(language)][pair.way].format(**names)
    made = replace(made, notes=(*made.notes, Note("superseded", text, (*marks, older))))
    return _reordered(made, marks[0], newer) if orders else made


def _of_same_matter(pair: Pair, quotes: Sequence[str], asked: _Asked) -> Evidence | None:
    """The newer document's sentence on what is asked and the older's quotes speak of.

    None where it says the very same: an amendment that repeats a clause changes nothing.
    """
    least = SAME_MATTER if pair.way == "version" else OF_THE_PAIR
    for item in asked.pool:
        if not asked.is_told_by(item.text):
            continue
        if max(_alike(item.text, quote, asked.naming) for quote in quotes) < least:
            continue
        values = _facts(item.text)
        if len(_content(item.text) - asked.naming) < LEAST_WORDS:
            continue
        if values and not any(values <= _facts(quote) for quote in quotes):
            return item
    return None


def _facts(text: str) -> frozenset[str]:
    """The numbers, dates and amounts of a text, the same for every writing of them."""
    return frozenset(fact.token for fact in extract_facts(_CLAUSE.sub("", text)).items)


def _conflicts(
    said: Mapping[str, _Said],
    cited: set[str],
    entries: Mapping[str, DocumentEntry],
    meant: frozenset[int],
) -> Iterator[tuple[_Said, _Said]]:
    """Two documents that give different values for the same thing, of which one at least is quoted."""
    for one, other in combinations(said.values(), 2):
        pair = entries[one.item.document], entries[other.item.document]
        if not {entry.path for entry in pair} & cited or pairs_of(pair):
            continue
        if meant and not {entry.id for entry in pair} <= meant and not of_one_person(*pair):
            continue
        if not differ(one.value, other.value) or not same_subject(*pair):
            continue
        if {entry.kind for entry in pair} & _OF_ONE_DAY:
            continue
        if one.is_named and other.is_named:
            yield one, other
            continue
        shared = _content(one.item.text) & _content(other.item.text)
        if len(shared) >= 2 and _alike(one.item.text, other.item.text) >= SAME_MATTER:
            yield one, other


def _content(text: str) -> set[str]:
    return {word for word in terms(text, "en") if not any(sign.isdigit() for sign in word)}


def _alike(one: str, other: str, naming: frozenset[str] = frozenset()) -> float:
    """Share of the content words of the shorter of two sentences that the other has, numbers and
    `naming` aside."""
    first, second = _content(one) - naming, _content(other) - naming
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0


def _cited(made: Weighed, items: Sequence[Evidence]) -> tuple[Weighed, tuple[int, ...]]:
    """With a citation of each of the sentences, and their marks."""
    citations, marks = list(made.citations), []
    for item in items:
        same = (
            each.mark
            for each in citations
            if each.document == item.document and each.start < item.end and item.start < each.end
        )
        mark = next(same, 0)
        if not mark:
            mark = max(each.mark for each in citations) + 1
            citations.append(cite(mark, item))
        marks.append(mark)
    return replace(made, citations=tuple(citations)), tuple(marks)


def _reordered(made: Weighed, first: int, newer: Evidence) -> Weighed:
    """With the sentence that has the mark `first`, made if there is none, before the others; marks are
    counted anew in the order of their use."""
    if not any(first in sentence.citations for sentence in made.sentences):
        new = AnswerSentence(" ".join(newer.text.split()), (first,), "quoted")
        made = replace(made, sentences=(new, *made.sentences))
    order = sorted(made.sentences, key=lambda sentence: first not in sentence.citations)
    used = [mark for sentence in order for mark in sentence.citations]
    every = dict.fromkeys((*used, *(citation.mark for citation in made.citations)))
    marks = {old: new for new, old in enumerate(every, start=1)}
    return Weighed(
        tuple(replace(each, citations=tuple(marks[m] for m in each.citations)) for each in order),
        tuple(
            sorted(
                (replace(each, mark=marks[each.mark]) for each in made.citations),
                key=lambda each: each.mark,
            )
        ),
        tuple(
            replace(note, citations=tuple(marks[m] for m in note.citations)) for note in made.notes
        ),
    )
