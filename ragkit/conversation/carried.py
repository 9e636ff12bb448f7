"""What a follow-up may carry over from the question before it: who, which document, what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ragkit.conversation import lexicon
from ragkit.conversation.reading import Named, Reading

_FOR = {"en": "for", "es": "de"}
_IN = {"en": "in", "es": "en"}
_INDEFINITE = re.compile(r"^(?:a|an) ")
FEMININE = re.compile(r"(?:a|ión|dad|tad|itis|sis)$")
"""Endings of Spanish nouns that "la" stands before; some are wrong, which harms no search."""
_ADJECTIVE = re.compile(r"(?:al|ales|ar|ares|ivo|iva|ico|ica|orio|oria)$")
_VERBS_OF_GIVING = lexicon.words(
    "of take takes taking prescribed given on stop stopped start started toma tomar"
)


@dataclass(frozen=True)
class Earlier:
    """The question before, as it was asked. document: the path of the only one its answer cites, or ""."""

    reading: Reading
    document: str = ""

    @property
    def language(self) -> str:
        return self.reading.language

    @cached_property
    def named(self) -> list[Named]:
        return self.reading.named

    def has_name(self, named: Named) -> bool:
        """Whether it holds a name, and not only a kind of document."""
        return any(self.reading.is_name(at) for at in named.name)

    @cached_property
    def person(self) -> str:
        """Whom "she" means; "" for nobody."""
        sure = [named for named in self.named if named.kind == "person"]
        maybe = [named for named in self.named if named.kind in ("name", "document")]
        found = sure or [named for named in maybe if self.has_name(named)]
        return self._name_of(found[-1]) if found else ""

    @cached_property
    def paper(self) -> str:
        """Which document "it" means; the one that the answer quotes where none was named, "" for none."""
        return self.named_paper or self.document

    @cached_property
    def named_paper(self) -> str:
        """The same, only if the question named it."""
        papers = [named for named in self.named if named.kind == "document"]
        if papers:
            return papers[-1].phrase
        owned = [text for text in self._owned_texts if text.split()[-1] in lexicon.DOCUMENTS]
        return owned[-1] if owned else ""

    @property
    def _owned_texts(self) -> list[str]:
        """ "Ana Ruiz's will"."""
        text, words = self.reading.text, self.reading.words
        ends = {named.end: words[named.start].start for named in self.named}
        return [
            text[ends[at] : end]
            for start, end in self._owned()
            for at in ends
            if at < len(words) and words[at].start == start
        ]

    @cached_property
    def owner(self) -> str:
        """Whose "its" and "their" are: a company, else a document, else anybody."""
        companies = [named for named in self.named if named.kind in ("company", "name")]
        papers = [named for named in self.named if named.kind == "document"]
        if papers:
            return papers[-1].phrase
        subjects = [named for named in companies if not named.preposition]
        found = subjects[:1] or companies[-1:] or self.named[-1:]
        return found[0].phrase if found else self.document

    @cached_property
    def doer(self) -> str:
        """Who did what was asked about: the name that stands without a preposition; "" for nobody."""
        found = next(
            (one for one in self.named if not one.preposition and one.kind != "document"), None
        )
        return found.phrase if found else self.owner

    @cached_property
    def carried(self) -> str:
        """All that was named, as it ends another question: "in the lease of Ana Ruiz", "for X and Y"."""
        language = self.language
        if not self.named:
            return f"{_IN[language]} {self.document}" if self.document else ""
        if len(self.named) == 1:
            return self._as_ending(self.named[0])
        joined = (" y " if language == "es" else " and ").join(one.phrase for one in self.named)
        return f"{_FOR[language]} {joined}"

    def _as_ending(self, named: Named) -> str:
        language = self.language
        if named.preposition in lexicon.CARRIED_AS_IS[language]:
            return (
                contracted(f"{named.preposition.removesuffix('l')} {named.phrase}")
                if (named.preposition == "del")
                else f"{named.preposition} {named.phrase}"
            )
        word = _IN[language] if named.kind == "document" else _FOR[language]
        return contracted(f"{word} {named.phrase}")

    def _name_of(self, named: Named) -> str:
        words = self.reading.words
        return (
            self.reading.text[words[named.name.start].start : words[named.name[-1]].end]
            .removesuffix("'s")
            .removesuffix("’s")
        )

    @cached_property
    def thing(self) -> str:
        """What was asked for or about: "the liability cap", "tramadol"; "" where it cannot be told."""
        return next(iter(self._thing_texts), "")

    @cached_property
    def single_thing(self) -> str:
        """The first that is not many: what "it" may mean."""
        texts = self._thing_texts
        return next((text for text in texts if not _is_many(text)), next(iter(texts), ""))

    @cached_property
    def _thing_texts(self) -> list[str]:
        """Those that somebody does last."""
        found = [self.reading.text[start:end] for start, end in self.things()]
        found = [self.asked_noun, *found] if self.asked_noun else found
        found.sort(key=_is_role)  # keeps their order but for these
        return [_INDEFINITE.sub("the ", text) for text in found]

    @cached_property
    def asked_noun(self) -> str:
        """ "the antibiotic" of "what antibiotic was given", "la cláusula penal" of "qué cláusula penal"."""
        lows, words = self.reading.lows, self.reading.words
        at = self.reading.first_wh
        at += lows[at : at + 2] in (["how", "much"], ["how", "many"])
        if len(lows) < at + 3 or lows[at] not in {"what", "which", "qué", "much", "many"}:
            return ""
        if lows[at + 1] in lexicon.FUNCTION_WORDS or self.reading.is_name(at + 1):
            return ""
        if self.language == "es" and lows[at + 1] in lexicon.SPANISH_VERBS:  # "qué toma Ana"
            return ""
        end = at + 2
        if self.language == "en":
            while end < len(lows) - 1 and lows[end] not in lexicon.AUXILIARIES and end < at + 4:
                end += 1
            if lows[end] not in lexicon.AUXILIARIES:
                end = at + 2
        elif _ADJECTIVE.search(lows[end]):
            end += 1
        phrase = self.reading.text[words[at + 1].start : words[end - 1].end]
        return f"{article(phrase)} {phrase}" if self.language == "es" else f"the {phrase}"

    @cached_property
    def bare_thing(self) -> tuple[int, int] | None:
        """Characters of a noun of the kind of "tramadol", which is no attribute of anything."""
        reading = self.reading
        for start, end in self.things():
            words = [w for w in reading.words if start <= w.start < end]
            if _is_role(reading.text[start:end]):
                continue
            nouns = [w for w in words if w.low not in lexicon.FUNCTION_WORDS]
            if nouns and not any(w.low in lexicon.ATTRIBUTES | lexicon.DOCUMENTS for w in nouns):
                return start, end
        return None

    @property
    def of_thing(self) -> str:
        """ " of tramadol", " del tramadol"; "" where nothing of its kind was asked about."""
        span = self.bare_thing
        if span is None:
            return ""
        word = "de" if self.language == "es" else "of"
        return contracted(f" {word} {self.reading.text[span[0] : span[1]]}")

    def things(self) -> Iterator[tuple[int, int]]:
        """Phrases outside the names, as characters: those with an article first, then single nouns."""
        taken = {at for named in self.named for at in range(named.start, named.end)}
        yield from sorted((*self._owned(), *self._with_article(taken)))
        yield from self._single(taken)

    def _owned(self) -> Iterator[tuple[int, int]]:
        """What stands behind "Ana Ruiz's"."""
        words = self.reading.words
        for named in self.named:
            end = named.end
            while end < len(words) and (self._is_owned(end) or words[end].low == "will"):
                end += 1
            if words[named.end - 1].is_possessive and end > named.end:
                yield words[named.end].start, words[end - 1].end

    def _with_article(self, taken: set[int]) -> Iterator[tuple[int, int]]:
        reading = self.reading
        for at, low in enumerate(reading.lows):
            if low not in lexicon.DETERMINERS[self.language] or at in taken:
                continue
            end = at + 1
            while end < len(reading.words) and end not in taken and self._goes_on(end):
                end += 1
            if at and reading.lows[at - 1] in {"do", "does", "did"}:
                end = min(end, at + 2)  # what follows "did the surgeon" is a verb
            if end > at + 1:
                yield reading.words[at].start, reading.words[end - 1].end

    def _is_owned(self, at: int) -> bool:
        is_participle = self.reading.lows[at].endswith("ing")  # "missing hearing aids"
        return (is_participle or self._goes_on(at)) and not self.reading.is_name(at)

    def _goes_on(self, at: int) -> bool:
        reading = self.reading
        low = reading.lows[at]
        if low not in lexicon.FUNCTION_WORDS:
            return not low.endswith(("ed", "ing")) or low in lexicon.ATTRIBUTES
        following = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
        return (
            self.language == "es"
            and low == "de"
            and following not in lexicon.FUNCTION_WORDS
            and not reading.is_name(at + 1)
        )

    def _single(self, taken: set[int]) -> Iterator[tuple[int, int]]:
        """The noun behind "was", "does", "of", "take", and the last word."""
        reading = self.reading
        last = len(reading.words) - 1
        for at, word in enumerate(reading.words):
            before = reading.lows[at - 1] if at else ""
            is_place = before in lexicon.AUXILIARIES | _VERBS_OF_GIVING or (
                at == last and not word.low.endswith("ed")
            )
            if is_place and at and at not in taken and word.low not in lexicon.FUNCTION_WORDS:
                number = reading.words[at + 1 : at + 2]
                is_numbered = bool(number) and number[0].text[0].isdigit()  # "clause 9"
                yield word.start, (number[0] if is_numbered else word).end


def _is_many(text: str) -> bool:
    last = text.casefold().split()[-1]
    return last.endswith("s") and not last.endswith(("ss", "us", "is"))


def _is_role(text: str) -> bool:
    return text.split()[-1].casefold() in lexicon.ROLES


def article(phrase: str) -> str:
    """ "la" or "el", "las" or "los", by the ending of a Spanish noun."""
    noun = phrase.split()[0].casefold()
    is_many = noun.endswith("s") and not noun.endswith("sis")
    singular = "la" if FEMININE.search(noun.removesuffix("s") if is_many else noun) else "el"
    return {"la": "las", "el": "los"}[singular] if is_many else singular


def contracted(text: str) -> str:
    """Spanish: "de el" -> "del", "a el" -> "al"."""
    for apart, together in (("de el ", "del "), ("a el ", "al ")):
        text = f" {text}".replace(f" {apart}", f" {together}")[1:]
    return text
