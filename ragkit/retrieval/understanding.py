"""Understanding a question: which words name a document, which ask for something, and in which others
documents may say that."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ragkit.catalog.searching import SearchReader
from ragkit.dates import DATES, iso_date
from ragkit.invisible import visible
from ragkit.language import language_of
from ragkit.retrieval.analysis import QuestionWord, question_words, terms
from ragkit.retrieval.asking import kind_asked
from ragkit.retrieval.routing import (
    Group,
    NamedBy,
    fit,
    naming_runs,
    side_by_side,
    within_reach,
    without,
)
from ragkit.retrieval.spelling import MOST_WORDS, may_be_misspelt, slips
from ragkit.retrieval.wording import Wording

ROUTED = 3
"""Documents all of whose chunks are candidates when a question names one. 2, 3 or 5: no difference
beyond a thousandth; the second and third are amendments and near-duplicates."""
AS_WELL = 0.8
"""Share of the likeliest document's fit: of two people of one surname the one whose first name stands in
the question too fits half as well again."""
ROUTE_DEPTH = 200
FITTED = 12
"""Documents, the best by BM25, of which it is told how well the naming words fit."""
ROUTE_COLUMNS = (1.0, 1.0, 2.0, 1.0)
"""File name, title, names, opening."""
_TELLING_NUMBER = 5
_TELLING_CODE = 3
_TELLING_DOCUMENTS = 3
"""A number of so many digits, or a code of letters with so many, that at most so many documents are
named by or open with names one of them by itself: "2023-0117", "FT18150", "lease_0117.txt"."""
_KNOWN_BY = 0.25
"""Share of the documents that open with a word, or are named by it, which have to be named by it if it
is to name any: one abstract is filed under "diabetes mellitus", and ten begin with it. Document MRR of
310 abstracts 0.977 without this, 0.996 with it; of contracts and clinical notes the same."""
_SUFFIXES = ("txt", "pdf", "docx", "doc", "md", "html", "htm", "eml", "rtf", "xlsx", "pptx")
"""A whole file name names its document, however short it is."""
_STEM = 3
"""Letters that a word and its stem have in common."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is understood.

    content: the question without the words that name a document. words and content_words: the
    terms of either. other_words: those of the other wording of its content. fact: the kind of fact
    asked for, "" for none. route: how well each document fits the naming words, 0 to 1; of a question
    that names none, BM25 of documents by their naming words and openings. named: the documents it
    names, likeliest first; none if it names none. spelled: every word with its place in `question`.
    """

    question: str
    content: str
    words: tuple[Group, ...]
    content_words: tuple[Group, ...]
    other_words: tuple[Group, ...]
    fact: str
    frequency: Mapping[Group, int]
    chunks: int
    route: Mapping[int, float]
    named: tuple[int, ...]
    spelled: tuple[QuestionWord, ...] = ()
    own_words: tuple[Group, ...] = ()
    """Those of `words` that the user's own list says something for, with what it says."""

    @property
    def meant(self) -> tuple[int, ...]:
        """Of the documents named those that fit the naming words nearly as well as the likeliest."""
        best = max((self.route.get(number, 0.0) for number in self.named), default=0.0)
        return tuple(
            number for number in self.named if self.route.get(number, 0.0) >= AS_WELL * best
        )

    def weight(self, group: Group) -> float:
        """How much a word tells: ln(1 + chunks / chunks that hold it), as in BM25's idf."""
        return float(np.log1p(self.chunks / (1 + self.frequency[group])))


@dataclass(frozen=True, slots=True)
class _Routed:
    """Documents by BM25 and by how well they are named, and the runs of words that name the first."""

    found: Mapping[int, float]
    scores: Mapping[int, float]
    named: tuple[int, ...]
    runs: Sequence[range]


class Understanding:
    """Reads questions against one published state."""

    def __init__(self, reader: SearchReader, wording: Wording | None = None) -> None:
        self._reader = reader
        self._wording = Wording() if wording is None else wording

    def asked(self, question: str) -> Asked:
        question = unicodedata.normalize(
            "NFKC", visible(question)
        )  # the form that words' places refer to
        language = language_of(question)
        words = question_words(question, language, self._reader.languages())
        words = self._mended(question, with_dates(question, words, language))
        groups = groups_of(words)
        routed = self._routed(question, words, groups)
        naming = {index for run in routed.runs for index in run}
        asking = [word for i, word in enumerate(words) if i not in naming]
        if not groups_of(asking):  # words that are all of the question ask; they do not only name
            routed, asking = _Routed(routed.found, routed.found, (), ()), words
        own = self._in_own_words(question, asking)
        groups = groups_of([own.get(word, word) for word in words])
        asking = [own.get(word, word) for word in asking]
        content = groups_of(asking)
        others = self._others(question, asking, routed.named)
        return Asked(
            question=question,
            content=without(question, words, routed.runs),
            words=groups,
            content_words=content,
            other_words=others,
            fact=kind_asked(question),
            frequency=self._frequencies((*groups, *others)),
            chunks=self._reader.chunk_count(),
            route=routed.scores,
            named=routed.named,
            spelled=tuple(words),
            own_words=groups_of(word for word in own.values() if word.terms),
        )

    def _in_own_words(
        self, question: str, asking: Sequence[QuestionWord]
    ) -> dict[QuestionWord, QuestionWord]:
        """The words that the user's own list speaks of, as any of what it says for them.

        Where documents do not hold a word of such a phrase at all, it is not asked for any more.
        """
        changed: dict[QuestionWord, QuestionWord] = {}
        written_in = self._reader.languages()
        for place, said in self._wording.own_said(question, asking):
            phrase = [asking[at] for at in place if asking[at].terms]
            also = {
                term
                for one in said
                for group in _groups_of_phrase(one, written_in)
                for term in group
            }
            for word in phrase[1:]:
                terms = {term for group in word.terms for term in group}
                if not any(self._reader.chunk_frequencies(terms).values()):
                    changed[word] = replace(word, terms=())
            for word in phrase[:1]:
                terms = {term for group in word.terms for term in group}
                changed[word] = replace(word, terms=(tuple(sorted(terms | also)),))
        return changed

    def _others(
        self, question: str, asking: Sequence[QuestionWord], named: Sequence[int]
    ) -> tuple[Group, ...]:
        """The words of the other wording that are not in the question already."""
        said = {term for group in groups_of(asking) for term in group}
        written_in = self._reader.languages()
        kinds = {entry.kind for entry in self._reader.documents_by_id(named).values()}
        found = (
            group
            for phrase in self._wording.said(question, asking, kinds)
            for group in _groups_of_phrase(phrase, written_in)
        )
        return tuple(dict.fromkeys(group for group in found if said.isdisjoint(group)))

    def _mended(self, question: str, words: list[QuestionWord]) -> list[QuestionWord]:
        """With the names that unknown words are one slip away from as further terms of these."""
        places = may_be_misspelt(question, words)
        variants = {at: {term for group in words[at].terms for term in group} for at in places}
        named = self._reader.naming_frequencies({t for found in variants.values() for t in found})
        unknown = [
            at
            for at in places
            if variants[at]
            and variants[at].isdisjoint(named)
            and not any(self._reader.chunk_frequencies(variants[at]).values())
        ]
        mended = list(words)
        for at in unknown[:MOST_WORDS]:
            near = {slip for term in variants[at] for slip in slips(term)}
            if meant := self._reader.naming_frequencies(near):
                group = tuple(sorted({*variants[at], *meant}))
                mended[at] = replace(words[at], terms=(group,))
        return mended

    def _routed(
        self, question: str, words: Sequence[QuestionWord], groups: Sequence[Group]
    ) -> _Routed:
        """By BM25 first; where the likeliest document is named, by how well the naming words fit."""
        if not groups:
            return _Routed({}, {}, (), ())
        terms_asked = {term for group in groups for term in group}
        common = self._reader.document_frequencies(terms_asked)
        telling_apart = any_of(within_reach(groups, common, self._reader.document_count()))
        if not telling_apart:
            return _Routed({}, {}, (), ())
        found = self._reader.route(telling_apart, ROUTE_COLUMNS, ROUTE_DEPTH)
        likeliest = [document for document, _ in found[:FITTED]]
        if not likeliest:
            return _Routed({}, {}, (), ())
        columns = self._reader.naming_words(likeliest)
        named_by = {document: NamedBy.of(columns[document]) for document in likeliest}
        own = {term for names in named_by.values() for term in names.naming}
        frequencies = {**common, **self._reader.document_frequencies(own - terms_asked)}
        documents = self._reader.document_count()
        known_by = self._known_by(terms_asked, frequencies)
        runs = [
            naming_runs(question, words, names.naming, _telling(names, frequencies), known_by)
            for names in (named_by[document] for document in likeliest[:ROUTED])
        ]
        best = max(runs, key=lambda found: sum(map(len, found)))
        if not best:
            return _Routed(dict(found), dict(found), (), ())
        naming = groups_of(words[index] for run in best for index in run)
        kept = side_by_side(words, best, named_by)
        scores = {
            document: kept[document]
            * fit(naming, names, frequencies, documents, _telling(names, frequencies))
            for document, names in named_by.items()
        }
        ranked = sorted(likeliest, key=lambda document: -scores[document])
        return _Routed(dict(found), scores, tuple(ranked[:ROUTED]), best)

    def _known_by(self, asked: Collection[str], frequencies: Mapping[str, int]) -> set[str]:
        """Of the terms of a question those by which documents go, rather than speak of what they mean."""
        named = self._reader.naming_frequencies(asked)
        return {term for term, count in named.items() if count >= _KNOWN_BY * frequencies[term]}

    def _frequencies(self, groups: Iterable[Group]) -> dict[Group, int]:
        """In how many chunks the most frequent term of each stands."""
        wanted = dict.fromkeys(groups)
        known = self._reader.chunk_frequencies({term for group in wanted for term in group})
        return {group: max(known[term] for term in group) for group in wanted}


def _telling(document: NamedBy, frequencies: Mapping[str, int]) -> set[str]:
    """The terms that name a document by themselves."""
    rare = {term for term, count in frequencies.items() if 0 < count <= _TELLING_DOCUMENTS}
    return {
        term
        for term in rare & (document.opening | document.naming)
        if _is_telling(term) or _is_whole_name(term, document.filename)
    }


def _is_whole_name(term: str, filename: Collection[str]) -> bool:
    """Whether a term of a file name is all of it with its suffix: "lease0117txt" of "lease_0117.txt",
    but not the "amd" of "amd supply.pdf", which only ends like one."""
    if term not in filename:
        return False
    suffix = next((each for each in _SUFFIXES if term.endswith(each) and each != term), "")
    rest = term.removesuffix(suffix)
    others = (other for other in filename if other not in (term, suffix))
    return suffix in filename and any(rest[:_STEM] == other[:_STEM] for other in others)


def _is_telling(term: str) -> bool:
    """The "x" stands for a sign between two digits."""
    digits = sum(sign.isdigit() for sign in term)
    is_number = term.replace("x", "").isdigit()
    return digits >= (_TELLING_NUMBER if is_number else _TELLING_CODE)


def with_dates(question: str, words: Sequence[QuestionWord], language: str) -> list[QuestionWord]:
    """The last word of each date has its ISO form, as the names of documents hold it, as a term too."""
    dated = list(words)
    for match in DATES.finditer(question):
        iso = iso_date(match, day_first=language == "es")
        last = max((at for at, word in enumerate(words) if word.end <= match.end()), default=None)
        if iso and last is not None:
            whole = (tuple(terms(iso, "")[:1]),)
            dated[last] = replace(dated[last], terms=(*dated[last].terms, *whole))
    return dated


# The lists are short and their phrases come back with every other question.
@lru_cache(maxsize=2_000)
def _groups_of_phrase(phrase: str, written_in: frozenset[str]) -> tuple[Group, ...]:
    return groups_of(question_words(phrase, "", written_in))


def groups_of(words: Iterable[QuestionWord]) -> tuple[Group, ...]:
    """The terms of words, each group once."""
    return tuple(dict.fromkeys(group for word in words for group in word.terms))


def any_of(groups: Iterable[Group]) -> str:
    """An FTS5 expression; terms hold only letters and digits, so quoting is enough."""
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(t for g in groups for t in g))
