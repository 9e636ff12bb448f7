"""Follow-ups that are less than a sentence: "and for Calderbrook?", "¿y la dosis?", "why?"."""

from __future__ import annotations

import re

from ragkit.conversation import lexicon
from ragkit.conversation.phrasing import led
from ragkit.conversation.reading import Reading, is_spanish_verb

_ABOUT = {
    "en": re.compile(
        r"(?i)(?:(?:what|how) about|what of|as for|regarding|concerning|with regard to|and about"
        r"|(?P<for>in the case of))\s+(?P<rest>.+)"
    ),
    "es": re.compile(
        r"(?i)(?:qu[ée] (?:hay|pasa|ocurre|sucede|me dices|tal) (?:de|con)|en cuanto a|(?:con )?respecto a"
        r"|respecto de|(?P<for>en (?:el )?caso de))(?P<l>l)?\s+(?P<rest>.+)"
    ),
}
_MOST_WITHOUT_LEAD = 4
"""Words of "the notice period?", "Calderbrook?", without "and" in front."""
_MOST = 9
_MOST_IN_A_ROW = 3
"""Spanish words in a row that are no function words: more than a noun and its adjectives has a verb."""
_IMPERATIVES = lexicon.words(
    "list show summarize summarise tell explain compare describe give find search name enumera muestra"
    " resume resúmeme explica compara describe dime dame busca lista"
)
_EMPTY = {
    language: lexicon.STANDING_IN
    | lexicon.DETERMINERS[language]
    | lexicon.PREPOSITIONS[language] - lexicon.WH[language]
    | lexicon.LEADS[language]
    for language in ("en", "es")
}
_ASKING = {
    "en": lexicon.WH["en"] - {"when", "where", "how", "why"},
    "es": lexicon.words(
        "qué quién quiénes cuándo dónde adónde cuánto cuánta cuántos cuántas cuál cuáles"
    ),
}
"""Behind a preposition they open a question: "to whom", "a qué"."""
CONDITIONS = frozenset(("if", "unless", "si"))
_ELSE = lexicon.words("else exactly más exactamente so not no")


class Fragment:
    """What is typed, behind its "and" and "what about"; is_one tells whether it is less than a sentence."""

    def __init__(self, text: str, language: str, known: frozenset[str] = frozenset()) -> None:
        self.language = language
        rest, self.has_lead = led(text, language)
        about = _ABOUT[language].fullmatch(rest)
        self.has_about = about is not None
        if about is not None:
            own = "el " if "l" in about.re.groupindex and about["l"] else ""
            rest = own + about["rest"]
        self.text = rest
        self.reading = Reading(rest, language, known)

    @property
    def is_one(self) -> bool:
        words = self.reading.lows
        if not words or words[0] in _IMPERATIVES or len(words) > _MOST:
            return False
        if self.asks_bare():
            return True
        if words[0] in lexicon.WH[self.language] - {"por", "como", "cuando"} or self._asks_behind():
            return False
        if words[0] in CONDITIONS:
            return self.has_lead
        if any(word in lexicon.AUXILIARIES for word in words) or self._has_verb():
            return False
        return self.has_about or self.has_lead or len(words) <= _MOST_WITHOUT_LEAD

    def _asks_behind(self) -> bool:
        """ "a qué es alérgica", "with whom did he sign": a whole question behind its preposition."""
        at, words = self.reading.first_wh, self.reading.lows
        return 0 < at < len(words) and words[at] in _ASKING[self.language]

    @property
    def is_empty(self) -> bool:
        """ "both", "and her?", "the first and the second": nothing that a question could be about."""
        if self.asks_bare():
            return False
        return all(low in _EMPTY[self.language] for low in self.reading.lows)

    def _has_verb(self) -> bool:
        """Spanish verbs are known by their place only: too many words in a row, or none in front."""
        if self.language != "es":
            return False
        if any(low.endswith(("ó", "aron", "ieron")) for low in self.reading.lows):
            return True
        row = longest = 0
        for at, low in enumerate(self.reading.lows):
            row = 0 if low in lexicon.FUNCTION_WORDS or self.reading.is_name(at) else row + 1
            longest = max(longest, row)
        first = self.reading.lows[0]
        is_noun = (self.has_lead and len(self.reading.lows) > 1 and not is_spanish_verb(first)) or (
            (
                first
                in lexicon.FUNCTION_WORDS | lexicon.ATTRIBUTES | lexicon.DOCUMENTS | lexicon.TITLES
                or self.reading.is_name(0)
                or self.has_about
            )
            and first
            not in {
                "se",
                "le",
                "lo",
                "les",
                "no",
                "es",
                "son",
                "está",
                "tiene",
                "ha",
                "fue",
            }
        )
        return longest > _MOST_IN_A_ROW - 1 + self.has_about or not is_noun

    def asks_bare(self) -> bool:
        """ "why?", "since when?", "what dose?", "¿desde cuándo?", "¿en qué página?"."""
        words = self.reading.lows[self.reading.first_wh :]
        if not words or words[0] not in lexicon.WH[self.language] - {"que", "como"}:
            return False
        rest = [w for w in words[1:] if w not in _ELSE and w not in lexicon.PREPOSITIONS["en"]]
        if words[:2] == ["por", "qué"]:
            rest = rest[1:]
        if not rest:
            return True
        if len(rest) > 2 or any(word in lexicon.AUXILIARIES for word in rest):
            return False
        if any(word in lexicon.SPANISH_VERBS for word in rest):  # "en qué cláusula está"
            return False
        if self.language == "en":
            return words[0] in {"what", "which", "how", "whose"}
        nouns = (
            lexicon.ATTRIBUTES | lexicon.DOCUMENTS | {"página", "hospital", "día", "hora", "sala"}
        )
        return words[0] in {"qué", "cuál", "cuánto", "cuánta", "cuántos", "cuántas"} and (
            rest[0] in nouns
            or words[0] in {"cuánta", "cuántos", "cuántas"}
            or rest[0] in {"tiempo", "dinero"}
        )
