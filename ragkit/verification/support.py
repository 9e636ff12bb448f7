"""Whether the words of a claim are those of its evidence: the same, of the same family, or synonyms.

Only for words that carry no checkable fact: numbers, dates, units, names, negations and modals are
compared strictly elsewhere. The lists are of everyday words of contracts and clinical texts, English
and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from ragkit.verification.polarity import MODALS, NEGATIONS
from ragkit.verification.synonyms import GROUPS_OF
from ragkit.verification.words import Word, word_set

SUPPORT_THRESHOLD = 0.6
"""Least share of a claim's content words that its evidence must contain, in whatever form (measured with
`ragkit bench verification`: of the rewordings that pass every other check, one in fifty has less)."""
_SHORTEST_FAMILY = 5
"""Letters that two words must share at their beginning to be of one family: maintain, maintenance."""
_SHORTEST_BASE = 3
_INFLECTION = re.compile(r"(?<=...)(?:ing|ed|es|os|as|s|e|o|a)$")
_FEW, _VERY_FEW = 6, 3
"""Content words up to which one of them at most, or none, may be unknown: in a short sentence each tells."""
_UNKNOWN_RUN = 3
"""Unknown content words in a row that are no rewording any more."""
_LONGEST_UNKNOWN = 1
"""Content words that a stretch between connectives may have without any being in the evidence."""

_CONNECTIVES: dict[str, str] = {
    **dict.fromkeys(word_set("unless except excepting excluding salvo excepto"), "an exception"),
    **dict.fromkeys(word_set("if provided providing si"), "a condition"),
    **dict.fromkeys(word_set("because due owing porque debido"), "a reason"),
}
_STANDS_FOR = {
    "an exception": word_set(
        "unless except excepting excluding other than without save salvo excepto sin not only until"
    ),
    "a condition": word_set("""
        if provided providing unless when where upon once condition subject should event case request
        permission whether si cuando siempre caso ante condicion que sin may until
    """),
    "a reason": word_set("""
        because since due as owing reason result consequence causing caused causes cause so for from by
        porque debido por ya pues causa motivo dado que consecuencia secundaria secundario tras al
    """),
}
"""What evidence may say in place of a connective. A claim that brings in another is more than it."""
_BREAKS = frozenset(_CONNECTIVES) | word_set(
    "and or but which who that when while where after before y o pero que cuando donde mientras tras"
)


_WEIGHTLESS = word_set("""
    according document report states says evidence segun documento informe indica consta evidencia
    make makes made making come comes came go goes went put puts take takes took keep keeps get gets
    give gives given far rather like together well one ones time times way ways case cases kind order
    also too just even still yet much quite however thus therefore since whenever
    whatever whichever whoever
    hace hacen hizo hacer hubo hubiera haya vez veces bien forma manera modo ademas demas todo
    toda tenia tiene tienen lleva llevaba vio veia ve ver tener puso queda quedo esas esos mismo misma
    form part used shown seen verse caso casos aunque asi solo tan cual
""")
"""Words of what a sentence says of its source, and light verbs and adverbs: nothing of the matter."""
COPULAS = word_set("is are was were es son era fue fueron")
ARTICLES = word_set("a an the un una el la los las")
_COMPLEMENT = 3
_ENDS_COMPLEMENT = _BREAKS | word_set("in on at for with by from en por para con desde")
_LABELS = word_set("""
    diagnosis result objective aim outcome conclusion diagnostico resultado objetivo conclusion
""")
"""What a sentence may call a finding that the evidence only states."""
_NOT_NOUNS = ("ly", "mente", "ed", "ing", "ado", "ada", "ido", "ida")
JOINTS = word_set("and or but y o pero")


def content_words(words: Iterable[Word]) -> Iterator[Word]:
    """Those that support is counted by: not negations and modals, which are compared themselves."""
    return (
        word
        for word in words
        if word.is_content
        and word.text not in NEGATIONS
        and word.text not in MODALS
        and word.text not in _WEIGHTLESS
        and word.text not in _CONNECTIVES
    )


class Vocabulary:
    """The words of evidence, asked whether it says a word in some form."""

    def __init__(self, words: Iterable[Word]) -> None:
        words = list(words)
        self._stems = {word.stem for word in words}
        self._texts = {word.text for word in words}
        self._groups = {group for one in self._stems for group in GROUPS_OF.get(one, ())}

    def says(self, word: Word) -> bool:
        """The word itself, one of its family, or a synonym."""
        return word.stem in self._stems or self.is_akin(word)

    def has(self, word: Word) -> bool:
        """The word itself, inflected at most."""
        return word.stem in self._stems

    def is_akin(self, word: Word) -> bool:
        """One of its family, or a synonym."""
        if not self._groups.isdisjoint(GROUPS_OF.get(word.stem, ())):
            return True
        if f"un{word.text}" in self._texts or f"non{word.text}" in self._texts:
            return True  # whether it is denied is another question
        return any(are_family(word.text, text) for text in self._texts)

    def has_any(self, texts: frozenset[str]) -> bool:
        return not self._texts.isdisjoint(texts)


def are_family(one: str, other: str) -> bool:
    """Whether two words begin alike, for five letters and three fifths of the shorter at least.

    Shorter ones differ in an ending of a verb or a plural only: moves, moved.
    """
    if one[:_SHORTEST_BASE] != other[:_SHORTEST_BASE]:
        return False
    if _INFLECTION.sub("", one) == _INFLECTION.sub("", other):
        return True
    if one[:_SHORTEST_FAMILY] != other[:_SHORTEST_FAMILY]:
        return False
    pairs = zip(one, other, strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    shorter = min(len(one), len(other))
    return 5 * alike >= 3 * shorter


def unsupported(words: Sequence[Word], known: Vocabulary, *, has_facts: bool) -> Iterator[str]:
    """What the claim says beyond its evidence: too many other words, a stretch or a condition of its own."""
    content = list(content_words(words))
    if not content and not has_facts:
        yield "the sentence states nothing that can be checked"
        return
    said = [known.says(word) for word in content]
    if len(content) - sum(said) > _most_unknown(len(content), has_facts=has_facts):
        yield "too few of its words are in the evidence"
    if longest := _longest_unknown(content, said):
        yield f"nothing in the evidence says {longest!r}"
    for stretch in _stretches(words):
        if len(stretch) > _LONGEST_UNKNOWN and not any(map(known.says, stretch)):
            yield f"nothing in the evidence says {' '.join(word.text for word in stretch)!r}"
    for phrase in _predicates(words):
        if not all(map(known.says, phrase)):
            yield f"nothing in the evidence is called {' '.join(word.text for word in phrase)!r}"
    for phrase in _new_subjects(words):
        if phrase and phrase[0].text not in _LABELS and not any(map(known.says, phrase)):
            yield f"nothing in the evidence is called {' '.join(word.text for word in phrase)!r}"
    for word in words:
        brought = _CONNECTIVES.get(word.text)
        if brought and not known.has_any(_STANDS_FOR[brought]):
            yield f"the evidence gives no such thing as {brought}: {word.text!r}"


def _most_unknown(content: int, *, has_facts: bool) -> float:
    """How many of so many content words may be unknown: a date or a number says something too."""
    if content <= _FEW:
        return 0 if content <= _VERY_FEW and not has_facts else 1
    return (1 - SUPPORT_THRESHOLD) * content


def _longest_unknown(content: Sequence[Word], said: Sequence[bool]) -> str:
    """The first run of unknown words that is too long to be a rewording; "" for none."""
    run: list[str] = []
    for word, is_said in zip(content, said, strict=True):
        run = [] if is_said else [*run, word.text]
        if len(run) >= _UNKNOWN_RUN:
            return " ".join(run)
    return ""


def _stretches(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The content words between commas, strong breaks and connectives."""
    stretch: list[Word] = []
    clause = 0
    for word in words:
        if word.comma or word.clause != clause or word.text in _BREAKS:
            yield stretch
            stretch, clause = [], word.clause
        stretch.extend(content_words((word,)))
    yield stretch


def _predicates(words: Sequence[Word]) -> Iterator[list[Word]]:
    """What something is said to be: `genetic disorder` of `is a genetic disorder`, `form of epilepsy`."""
    for place in range(len(words) - 2):
        if words[place].text in COPULAS and words[place + 1].text in ARTICLES:
            named = list(content_words(_complement(words, place + 2)))[:_COMPLEMENT]
            yield [word for word in named if not word.text.endswith(_NOT_NOUNS)]


def _complement(words: Sequence[Word], place: int) -> Iterator[Word]:
    """The words from `place` on, to the end of their clause."""
    for word in words[place:]:
        if word.comma or word.clause != words[place].clause or word.text in _ENDS_COMPLEMENT:
            return
        yield word


def _new_subjects(words: Sequence[Word]) -> Iterator[list[Word]]:
    """What each statement is about: the noun after an article that opens it."""
    for place in range(len(words) - 1):
        opens = place == 0 or words[place - 1].text in JOINTS
        if opens and words[place].text in ARTICLES:
            yield noun_phrase(words, place + 1)


def noun_phrase(words: Sequence[Word], place: int) -> list[Word]:
    """The first two content words from `place` on that stand together."""
    together: list[Word] = []
    for word in words[place : place + 2]:
        if not list(content_words((word,))):
            break
        together.append(word)
    return together
