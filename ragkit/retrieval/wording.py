"""What people ask for, in the words in which documents say it.

A lawyer asks whether there is a "cap on liability"; the clause says that "in no event shall the
aggregate liability exceed". A student writes "lupus eritematoso sistémico"; the doctor notes "LES".
No stemmer and no small embedder brings these together. The lists (trades.py, and one of the user's own)
only add words to a question, at a weight of their own, and never take any away. Those of a trade apply
where the documents are of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ragkit.folding import folded
from ragkit.language import language_of
from ragkit.retrieval.analysis import QuestionWord, question_words
from ragkit.retrieval.trades import LAW, MEDICINE, PERSONS

_LEGAL = frozenset({"contract", "amendment", "lease", "power of attorney", "will", "judgment"})
_MEDICAL = frozenset(
    {
        "clinical note",
        "discharge letter",
        "referral letter",
        "consent form",
        "lab report",
        "radiology report",
        "operation report",
        "protocol",
    }
)
"""Kinds of document by their trade. What is of no known kind may be of either."""
_BETWEEN = 2
"""Small words that may stand between two of a phrase: "terminate (the) agreement"."""
_ABBREVIATION = re.compile(r"[A-Z]{2,5}")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a phrase, or of a question.

    spelled: as it is written; folded: in small letters. terms: what documents may hold it as; of a
    compound the whole and each part. None for a function word.
    """

    spelled: str
    folded: str
    terms: frozenset[str]
    whole: frozenset[str]

    @classmethod
    def of(cls, text: str, word: QuestionWord) -> Word:
        spelled = text[word.start : word.end]
        whole = frozenset(word.terms[0]) if word.terms else frozenset[str]()
        every = frozenset(term for group in word.terms for term in group)
        return cls(spelled, folded(spelled), every, whole)

    def says(self, asked: Word) -> bool:
        """Whether a phrase with the word `asked` goes on with this one of a question."""
        if _ABBREVIATION.fullmatch(asked.spelled):
            return self.spelled == asked.spelled
        return self.folded == asked.folded or not self.terms.isdisjoint(asked.whole)


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a question says the phrase `asked`, documents may say one of the phrases `said`."""

    asked: tuple[Word, ...]
    said: tuple[str, ...]

    @classmethod
    def of(cls, asked: str, said: Iterable[str]) -> Rule | None:
        """None for a phrase that nothing could be found by."""
        words = tuple(Word.of(asked, word) for word in question_words(asked, ""))
        return cls(words, tuple(said)) if any(word.terms for word in words) else None

    def place(self, words: Sequence[Word]) -> range | None:
        """Where the phrase first stands among the words of a question, if it does."""
        starts = (at for at, word in enumerate(words) if word.says(self.asked[0]))
        ends = ((at, self._end(words, at)) for at in starts)
        return next((range(at, end) for at, end in ends if end), None)

    def _end(self, words: Sequence[Word], start: int) -> int:
        """Behind the phrase that begins at `start`; 0 where it does not go on."""
        at = start + 1
        for wanted in self.asked[1:]:
            skipped = 0
            while at < len(words) and not words[at].says(wanted):
                if words[at].terms or skipped == _BETWEEN:
                    return 0
                at, skipped = at + 1, skipped + 1
            if at == len(words):
                return 0
            at += 1
        return at


class Rules:
    """Many rules, of which a question is compared with those whose phrase begins with one of its words."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._by_first: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            for key in _keys(rule.asked[0]):
                self._by_first.setdefault(key, []).append(number)

    def places(self, words: Sequence[Word]) -> Iterator[tuple[range, Rule]]:
        """Where the phrases first stand among the words of a question, of the rules whose phrase does."""
        keys = {f"={word.spelled}" for word in words} | {word.folded for word in words}
        keys.update(*(word.terms for word in words))
        numbers = {number for key in keys for number in self._by_first.get(key, ())}
        for number in sorted(numbers):
            if place := self._rules[number].place(words):
                yield place, self._rules[number]


def _keys(first: Word) -> Iterable[str]:
    """One of them is a word of every question that a phrase with this first word may stand in."""
    if _ABBREVIATION.fullmatch(first.spelled):
        return (f"={first.spelled}",)
    return {first.folded, *first.whole}


class Wording:
    """What documents may say instead, by the rules of the trades and of the user.

    own: apply to documents of every kind. is_built_in: whether those of the trades do too.
    """

    def __init__(self, own: Iterable[Rule] = (), *, is_built_in: bool = True) -> None:
        self._own = Rules(own)
        self._is_built_in = is_built_in

    def said(
        self, question: str, words: Iterable[QuestionWord], kinds: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Phrases in which documents of these kinds may say what a question asks for, if any is known.

        words: of the question, in order, without those that name a document. Of two phrases that
        share words the longer is meant: an "IP address" is neither intellectual property nor a street.
        """
        asked = _as_written(question, words)
        lists = self._lists(language_of(question), kinds)
        places = [found for rules in lists for found in rules.places(asked)]
        longest = (
            rule.said
            for place, rule in places
            if not any(_is_inside(place, other) for other, _ in places)
        )
        return tuple(dict.fromkeys(phrase for said in longest for phrase in said))

    def own_said(
        self, question: str, words: Iterable[QuestionWord]
    ) -> list[tuple[range, tuple[str, ...]]]:
        """The same by the user's own rules alone, each with the place of its phrase among the words."""
        places = self._own.places(_as_written(question, words))
        return [(place, rule.said) for place, rule in places]

    def _lists(self, language: str, kinds: Collection[str]) -> Iterator[Rules]:
        """language: of the question; where it cannot be told, or has no list, all of them apply."""
        yield self._own
        if self._is_built_in:
            for trade in (PERSONS, *_trades(kinds)):
                yield from _rules_of(trade, language)


def _as_written(question: str, words: Iterable[QuestionWord]) -> list[Word]:
    asked = [Word.of(question, word) for word in words]
    if question.isupper():  # no abbreviation can be told there
        asked = [Word(word.folded, word.folded, word.terms, word.whole) for word in asked]
    return asked


def _trades(kinds: Collection[str]) -> list[Mapping[str, str]]:
    """The lists for documents of these kinds: of both trades where none of them tells the trade."""
    told: list[Mapping[str, str]] = [
        trade
        for trade, known in ((LAW, _LEGAL), (MEDICINE, _MEDICAL))
        if not known.isdisjoint(kinds)
    ]
    return told or [LAW, MEDICINE]


def _is_inside(place: range, other: range) -> bool:
    return len(place) < len(other) and other.start <= place.start and place.stop <= other.stop


def _rules_of(trade: Mapping[str, str], language: str) -> Iterator[Rules]:
    for text in [trade[language]] if language in trade else trade.values():
        yield _read(text)


@cache
def _read(text: str) -> Rules:
    lines = text.replace("\n  ", " ").strip().splitlines()
    return Rules(rule for line in lines for rule in read_line(line))


def read_line(line: str) -> Iterator[Rule]:
    """The rules of one line of a list."""
    if " -> " in line:
        asked, said = line.split(" -> ")
        pairs = [(phrase, said.split(", ")) for phrase in asked.split(" | ")]
    else:
        same = line.replace(" = ", " | ").split(" | ")
        pairs = [(phrase, [other for other in same if other != phrase]) for phrase in same]
    for phrase, others in pairs:
        if rule := Rule.of(phrase.strip(), others):
            yield rule
