"""Settling: whether one sentence affirms or denies what a question asks; silent wherever there is doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.folding import folded_in_place
from ragkit.shortfacts.words import relatives_in, word_set
from ragkit.verification.polarity import NEGATIONS, denied_by, denied_words, is_negation
from ragkit.verification.words import Word, normalise, read_words, stem

FEWEST = 2
"""Words that ask: of one alone no sentence settles what is said of it."""
LONGEST = 350
"""Characters of a sentence that settles a question: a longer one has its words in different clauses."""
_HEDGED = re.compile(
    r"\b(?:may|might|could|possibl\w+|perhaps|unless|except|if|whether|suggest\w*|appear\w*"
    r"|seem\w*|likely|unclear|unknown|suspect\w*|pending|only|solely|former\w*|previously|lapsed"
    r"|hardly|barely|famil\w+|rule[ds]? out|refus\w+|reject\w*|waive[ds]?|revoke[ds]?"
    r"|puede|podria|quiza|tal vez|salvo|excepto|si|parece|posible\w*|probable\w*"
    r"|desconoc\w+|sospech\w+|pendiente|solo|solamente|unicamente|antes|apenas|rechaz\w+)\b"
    r"|\b(?:aims?|aimed|objectives?|purpose|hypothe\w+|assum\w+|examin\w+|investigat\w+|explor\w+|assess\w*"
    r"|evaluat\w+|determin\w+|studied|compar\w+|background|objetivos?|evaluar|determinar|investigar|estudiar"
    r"|hipotesis)\b"
)
_CONJUNCTIONS = word_set("and or but while whereas y e o u pero mientras")
"""Between the words that were met another statement may begin: "takes penicillin and is allergic to
aspirin". So it may after a comma."""
_COMPARED = word_set("without sin")
"""Negations that a question may have and still be answered: of "is it not refundable?" neither "yes" nor
"no" tells which of the two is meant."""
_FIELD = re.compile(r"\s*:\s*(?P<value>[^:]*)$")
_VALUES = {
    True: word_set("yes si positive positivo positiva"),
    False: word_set("no none negative negativo negativa ninguna ninguno nil"),
}


def polarity(question: str, asked: Sequence[str], quote: str) -> bool | None:
    """Whether a quote affirms what is asked, or denies it; None if it does neither for sure.

    asked: the words of the question that the quote must have. They are compared one by one, as denied
    or not denied in the question and in the quote; where they differ from each other, nothing is said.
    """
    put, said = read_words(normalise(question)), read_words(normalise(quote))
    if len(asked) < FEWEST or len(quote) > LONGEST or not _is_statement(question, quote):
        return None
    met = [_places(each, said) for each in asked]
    if not all(met) or _turns(put, {said[at].stem for places in met for at in places}):
        return None
    places = sorted({at for places in met for at in places})
    if _is_broken(said, places, put):
        return None
    if field := _FIELD.match(normalise(quote), said[places[-1]].end):
        return _of_field(said[: places[-1] + 1], field["value"])
    return _compared(asked, put, said, met)


def _is_statement(question: str, quote: str) -> bool:
    """Whether a quote states something of the one who is asked about, and does not suppose, aim or list."""
    plain = folded_in_place(quote)
    lists = quote.count(";") > 2 or quote.rstrip().endswith("?")
    return not (
        lists
        or _HEDGED.search(plain)
        or relatives_in(plain) != relatives_in(folded_in_place(question))
    )


def _places(asked: str, said: Sequence[Word]) -> list[int]:
    """Where a word that asks stands in a quote. By its stem: with the first letters alone "licensee"
    would be "licensor"."""
    root = stem(asked)
    return [at for at, word in enumerate(said) if asked == word.text or root == word.stem]


def _turns(put: Sequence[Word], met: set[str]) -> bool:
    """Whether a question has a negation of its own, but for what the quote repeats, such as "prohibited"."""
    return any(
        word.text in NEGATIONS and word.text not in _COMPARED and word.stem not in met
        for word in put
    )


def _is_broken(said: Sequence[Word], places: Sequence[int], put: Sequence[Word]) -> bool:
    """Whether another statement may begin between the words that were met, or a negation before them."""
    first, last = places[0], places[-1]
    cues = [at for at in range(first) if is_negation(said, at)]
    between = said[max(cues, default=first) : last + 1]
    allowed = {word.text for word in put}
    return any(
        word.text in _CONJUNCTIONS - allowed or word.comma or word.clause != said[last].clause
        for word in between[1:]
    )


def _of_field(label: Sequence[Word], value: str) -> bool | None:
    """What a form says: "Allergic to penicillin: no"."""
    if any(word.text in NEGATIONS for word in label):
        return None
    told = re.split("[,.;(]", folded_in_place(value))[0].strip(" *|_-\t\n")
    return next((answer for answer, words in _VALUES.items() if told in words), None)


def _compared(
    asked: Sequence[str], put: Sequence[Word], said: Sequence[Word], met: Sequence[list[int]]
) -> bool | None:
    """True where every word is denied in both or in neither, False where each is in one of them."""
    if not _reaches_all(said, {at for places in met for at in places}):
        return None
    there, here = denied_words(said), denied_words(put)
    differ = set[bool]()
    for each, places in zip(asked, met, strict=True):
        found = {there[at] for at in places}
        if len(found) > 1:
            return None
        differ.add(found != {any(here[at] for at in _places(each, put))})
    return not differ.pop() if len(differ) == 1 else None


def _reaches_all(said: Sequence[Word], met: set[int]) -> bool:
    """Whether every negation of a quote is a word that was met, or denies one: any other denies
    something of which the question says nothing, or what follows it in a way that is not seen."""
    cues = (at for at in range(len(said)) if is_negation(said, at) and at not in met)
    return all(met.intersection(denied_by(said, at)) for at in cues)
