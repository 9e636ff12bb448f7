"""Reading a question: its words, the names in it, and the phrases that hold them.

Without a grammar: capitals, the closed lists of lexicon.py, and the order of words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ragkit.conversation import lexicon
from ragkit.language import STOP_WORDS

_WORD = re.compile(r"\w+(?:(?:[-.&/'’]|\.['’])\w+)*|&")
_POSSESSIVE = re.compile(r"['’]s?$")
_SPANISH = re.compile(r"[¿¡ñáíóú]")
_LONGEST_ACRONYM = 4
"""Capitals alone of so many letters are a word of the trade: MRI, NDA, IBI."""
_MOST_HEADS = 3
_COMMON = (
    lexicon.ATTRIBUTES
    | lexicon.COMPANY
    | lexicon.DOCUMENTS
    | lexicon.PEOPLE
    | lexicon.PLACES
    | lexicon.TITLES
)
"""Words that stand in names too, and in lower case name nobody."""

Kind = Literal["person", "company", "document", "name"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place (characters). low: in lower case, without "'s"."""

    text: str
    start: int
    end: int

    @property
    def is_possessive(self) -> bool:
        return _POSSESSIVE.search(self.text) is not None and self.text[:1].isupper()

    @property
    def bare(self) -> str:
        return _POSSESSIVE.sub("", self.text) if self.is_possessive else self.text

    @property
    def low(self) -> str:
        return _POSSESSIVE.sub("", self.text).casefold()

    @property
    def is_letter(self) -> bool:
        """Whether it is one letter, as the "B" of "John B. Smith" and of "John B.'s"."""
        letter = self.bare.removesuffix(".")
        return len(letter) == 1 and letter.isalpha()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Named:
    """A phrase that names something: words [start, end) of a question.

    name: the range of the name itself, without articles and nouns around it. preposition: the word
    before the phrase, "" for none. phrase: the words as they can stand alone, with their article.
    """

    start: int
    end: int
    name: range
    kind: Kind
    preposition: str
    phrase: str

    @property
    def is_bare(self) -> bool:
        """Whether it is the name and nothing else."""
        return range(self.start, self.end) == self.name


class Reading:
    """A question as it is read. known: lower-case words that documents are named by."""

    def __init__(self, text: str, language: str, known: Collection[str] = ()) -> None:
        self.text = text
        self.language = language
        self._known = known
        self.words = [Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]

    @cached_property
    def lows(self) -> list[str]:
        return [word.low for word in self.words]

    @property
    def first_wh(self) -> int:
        """Where the interrogative stands: behind "by", "up to", "desde"."""
        at = 0
        prepositions = lexicon.PREPOSITIONS[self.language] - {"when", "if", "unless", "si"} | {"up"}
        while at + 1 < len(self.lows) and self.lows[at] in prepositions:
            if self.lows[at : at + 2] == ["por", "qué"]:
                break
            at += 1
        return at

    @cached_property
    def named(self) -> list[Named]:
        """The phrases that name a person, a company or a document, in their order."""
        found: list[Named] = []
        for run in self._runs():
            phrase = self._around(run)
            if not found or phrase.start >= found[-1].end:
                found.append(phrase)
        return found or self._plain_documents()

    def is_name(self, index: int) -> bool:
        """Whether a word stands for somebody or something by itself."""
        word = self.words[index]
        low = word.low
        if self._is_initial(index):
            return True
        if low in lexicon.FUNCTION_WORDS or low in lexicon.MONTHS or low in lexicon.NATIONS:
            return False
        if "_" in low or (low in self._known and low not in _COMMON):
            return True
        if not word.is_capital or low in lexicon.DOCUMENTS | lexicon.LEADS[self.language]:
            return False
        if word.bare.isalpha() and word.bare.isupper() and len(word.bare) <= _LONGEST_ACRONYM:
            return False
        return self._is_within(index) or word.is_possessive

    def _is_initial(self, index: int) -> bool:
        """The "J" of "J. Smith"."""
        word, after = self.words[index], self.words[index + 1 : index + 2]
        is_dotted = len(word.text) == 1 and self.text[word.end : word.end + 2] == ". "
        return is_dotted and word.is_capital and bool(after) and after[0].is_capital

    def _is_within(self, index: int) -> bool:
        """A capital that does not merely begin the question."""
        if not index and self._is_spanish:
            two = [word.is_capital for word in self.words[1:3]]  # "¿Fuma Pedro Rius?"
            if is_spanish_verb(self.lows[0]) or two == [True, True]:
                return False
        return (
            bool(index)
            or (len(self.words) > 1 and self._follows_in_name(0))
            or len(self.words) == 1
        )

    def _follows_in_name(self, index: int) -> bool:
        after = self.words[index + 1]
        is_initial = after.is_letter and after.text != "I"
        return after.is_capital and (is_initial or after.low not in lexicon.FUNCTION_WORDS)

    def _runs(self) -> list[range]:
        """Stretches of names, over the small words between two of them."""
        runs: list[range] = []
        index = 0
        while index < len(self.words):
            if not self.is_name(index):
                index += 1
                continue
            end = self._end_of_run(index)
            runs.append(range(index, end))
            index = end
        return runs

    def _end_of_run(self, start: int) -> int:
        end = start + 1
        while end < len(self.words) and not self.words[end - 1].is_possessive:
            ahead = end
            while ahead < len(self.words) and self.lows[ahead] in lexicon.JOINERS:
                ahead += 1
            if ahead >= len(self.words) or ahead - end > 2 or self._is_apart(end - 1, ahead):
                break
            if not (self.is_name(ahead) or self._belongs(ahead)):
                break
            end = ahead + 1
        return end

    def _belongs(self, index: int) -> bool:
        """A capitalised "Agreement", an initial, or the number behind "No."."""
        word = self.words[index]
        if word.is_letter:  # "John B. Smith", "john b. smith"
            is_dotted = self.text[word.end : word.end + 1] == "."
            return (word.is_capital and word.text != "I") or is_dotted
        return (word.is_capital and word.low in lexicon.DOCUMENTS) or (
            word.text[0].isdigit() and self.words[index - 1].low in {"no", "nº", "n", "number"}
        )

    def _is_apart(self, first: int, second: int) -> bool:
        """Whether a comma or another sign stands between two words."""
        between = self.text[self.words[first].end : self.words[second].start]
        return any(sign in between for sign in ",;:?!()")

    def _around(self, run: range) -> Named:
        """The phrase around a name: its article, title, and the noun that it tells from others."""
        start, end = run.start, run.stop
        has_title = any(self.lows[at] in lexicon.TITLES for at in run)
        while start and self.lows[start - 1] in lexicon.TITLES | lexicon.PLACES:
            start -= 1
            has_title = has_title or self.lows[start] in lexicon.TITLES
        name = range(start, end)
        articles = lexicon.DETERMINERS[self.language]
        end = self._over_heads(end) if self._may_have_heads(start, run) else end
        is_document = self.lows[end - 1] in lexicon.DOCUMENTS
        head = self._head_before(start)
        if head is not None:
            start, is_document = head, self._is_document_head(head, start)
        has_article = bool(start) and self.lows[start - 1] in articles
        if has_article and (end > run.stop or head is not None or has_title or self._is_spanish):
            start -= 1
        return self._named(start, end, name, self._kind(run, has_title, is_document))

    @property
    def _is_spanish(self) -> bool:
        return self.language == "es"

    def _may_have_heads(self, start: int, run: range) -> bool:
        if self.words[run[-1]].is_possessive:
            return False
        before = self.lows[start - 1] if start else ""
        return not self._is_spanish and (before in {"the", "this", "that"} or start == 0)

    def _over_heads(self, end: int) -> int:
        """Over the nouns behind a name up to one that a document or person goes by."""
        for at in range(end, min(end + _MOST_HEADS, len(self.words))):
            if self.lows[at] in lexicon.FUNCTION_WORDS or self._is_apart(at - 1, at):
                break
            if self.lows[at] in lexicon.DOCUMENTS | lexicon.PEOPLE:
                following = self.lows[at + 1] if at + 1 < len(self.words) else ""
                return at + 2 if following in lexicon.DOCUMENTS | lexicon.PEOPLE else at + 1
        return end

    def _head_before(self, start: int) -> int | None:
        """Where "agreement" begins in "services agreement with X", with the words that qualify it."""
        at = start - 1
        while at >= 0 and self.lows[at] in lexicon.DETERMINERS[self.language]:
            at -= 1
        joining = {
            "with",
            "of",
            "between",
            "for",
            "by",
            "from",
            "to",
            "de",
            "del",
            "con",
            "entre",
            "para",
        }
        if at < 1 or self.lows[at] not in joining:
            return None
        first = at
        for back in range(at - 1, max(-1, at - 6), -1):
            low = self.lows[back]
            if low in lexicon.DOCUMENTS | lexicon.PLACES:
                first = back
            elif low in {"de", "del", "la", "of"} and back:
                continue
            elif low in lexicon.FUNCTION_WORDS:
                break
            elif self._is_spanish and first == at:
                continue
            elif first < at and not self._is_spanish:
                first = back
        return first if first < at else None

    def _is_document_head(self, first: int, last: int) -> bool:
        return any(self.lows[at] in lexicon.DOCUMENTS for at in range(first, last))

    def _kind(self, run: range, has_title: bool, is_document: bool) -> Kind:
        lows = [self.lows[at] for at in run]
        if is_document or any("_" in low for low in lows):
            return "document"
        if has_title or any(low in lexicon.PERSON_TITLES for low in lows):
            return "person"
        before = self.lows[run[0] - 1] if run[0] else ""
        if before in lexicon.PLACES or any(low in lexicon.COMPANY for low in lows):
            return "company"
        return "person" if len(run) > 1 else "name"

    def _named(self, start: int, end: int, name: range, kind: Kind) -> Named:
        before = self.lows[start - 1] if start else ""
        preposition = before if before in lexicon.PREPOSITIONS[self.language] else ""
        text = self.text[self.words[start].start : self.words[end - 1].end]
        text = _POSSESSIVE.sub("", text) if self.words[end - 1].is_possessive else text
        contracted = self._is_spanish and preposition in {"del", "al"}
        return Named(start, end, name, kind, preposition, f"el {text}" if contracted else text)

    def _plain_documents(self) -> list[Named]:
        """Without a name: "the anticoagulation protocol", "el contrato de arrendamiento"."""
        found = []
        for at, low in enumerate(self.lows):
            if low not in lexicon.DOCUMENTS:
                continue
            start = at
            while start and self.lows[start - 1] not in lexicon.FUNCTION_WORDS:
                start -= 1
            end = self._over_qualifiers(at + 1)
            has_article = start and self.lows[start - 1] in lexicon.DETERMINERS[self.language]
            if has_article and end - start > 1:
                found.append(self._named(start - 1, end, range(start, end), "document"))
        return found[-1:]

    def _over_qualifiers(self, end: int) -> int:
        """Over "de arrendamiento", "de alta", which say what kind of document it is."""
        while (
            self._is_spanish
            and end + 1 < len(self.words)
            and self.lows[end] == "de"
            and self.lows[end + 1] not in lexicon.FUNCTION_WORDS
        ):
            end += 2
        return end


def is_spanish_verb(low: str) -> bool:
    """By its ending, or in the list of those without one."""
    return low in lexicon.SPANISH_VERBS or low.endswith(("ó", "aron", "ieron"))


def spoken(text: str, before: str) -> str:
    """ "es" or "en"; of a text too short to tell, `before`."""
    lows = [match.group().casefold() for match in _WORD.finditer(text)]
    spanish = sum(low in STOP_WORDS["es"] | lexicon.WH["es"] for low in lows)
    english = sum(low in STOP_WORDS["en"] | lexicon.AUXILIARIES for low in lows)
    if _SPANISH.search(text.casefold().split("?")[0]) and english <= spanish:
        return "es"
    if spanish == english:
        return before or "en"
    return "es" if spanish > english else "en"
