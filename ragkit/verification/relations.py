"""What a claim brings in that no rewording needs: another name, item, cause, change or frequency.

Every word of these says something of its own, so that none may be missing in the evidence, however many
of the claim's other words stand there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.verification.support import (
    ARTICLES,
    COPULAS,
    JOINTS,
    Vocabulary,
    content_words,
    noun_phrase,
)
from ragkit.verification.words import Word, word_set

_NAMES = word_set("""
    means called named termed denominated defined significa llamado llamada llamados llamadas llama llaman
    denominado denominada denomina denominan
""")
_KNOWN_AS = word_set("known referred refers conocido conocida conocidos conocidas conoce")
_NAMING = (
    _NAMES
    | _KNOWN_AS
    | word_set("name names term terms call synonym synonyms abbreviated refer nombre")
)
"""Words by which something is named or defined."""
_DEFINES = word_set("means defined significa")
_BEFORE_A_NAME = ARTICLES | word_set("as to como by that also")
_SHORTEST_LIST = 3
_CAUSES = word_set("""
    cause causes caused causing provoca provocan provocado provocada causa causan causado causada
""")
_CAUSAL = _CAUSES | word_set("""
    because since due owing lead leads leading led result results resulting resulted reason responsible
    produce produces produced induce induces induced trigger triggers triggered bring brings makes make
    consequence attributed attributable secondary contribute contributes origin arise arises from by effect
    porque debido debida produce producen produjo origina originan ocasiona ocasionan desencadena motivo
    consecuencia secundario secundaria responsable conduce lleva por tras
""")
_TO_BE_SAID = word_set("""
    significant significantly significativo significativa significativos significativas significativamente
    increase increases increased increasing decrease decreases decreased decreasing improve improves
    improved improving worsen worsens worsened reduce reduces reduced reducing rise rises rose decline
    declines declined
    aumenta aumentan aumento disminuye disminuyen disminucion empeora empeoran
    reduce reducen redujo
""")
"""Findings: what changed, and whether that was significant."""


def brought_in(words: Sequence[Word], known: Vocabulary) -> Iterator[str]:
    """What the words of a claim bring in and its evidence, `known`, does not say."""
    yield from _new_names(words, known)
    yield from _new_items(words, known)
    for word in words:
        if word.text in _CAUSES and not known.has_any(_CAUSAL):
            yield f"the evidence gives no cause: {word.text!r}"
        if word.text in _TO_BE_SAID and not known.says(word):
            yield f"nothing in the evidence says {word.text!r}"


def _new_names(words: Sequence[Word], known: Vocabulary) -> Iterator[str]:
    """What something is said to be called, or to mean: its words are looked for as they are, and the
    evidence must name or define as well."""
    for place, word in enumerate(words):
        if not _names_something(words, place):
            continue
        may_be = _NAMING if word.text in _DEFINES else _NAMING | COPULAS
        if not known.has_any(may_be):
            yield f"the evidence names and defines nothing: {word.text!r}"
        called = noun_phrase(words, _after_articles(words, place + 1))
        if not all(map(known.has, called)):
            yield f"nothing in the evidence is called {' '.join(w.text for w in called)!r}"


def _names_something(words: Sequence[Word], place: int) -> bool:
    text = words[place].text
    if text in _KNOWN_AS:
        following = words[place + 1].text if place + 1 < len(words) else ""
        return following in ("as", "como")
    return text in _NAMES


def _after_articles(words: Sequence[Word], place: int) -> int:
    while place < len(words) and words[place].text in _BEFORE_A_NAME:
        place += 1
    return place


def _new_items(words: Sequence[Word], known: Vocabulary) -> Iterator[str]:
    """An item of a list whose other items are known: "bacteria, parasites and viruses"."""
    for items in _lists(words):
        for item in items:
            if (
                not any(map(known.says, item))
                and sum(any(map(known.says, other)) for other in items) >= len(items) - 1
            ):
                yield f"nothing in the evidence says {' '.join(word.text for word in item)!r}"


def _lists(words: Sequence[Word]) -> Iterator[list[list[Word]]]:
    """Coordinated single words, three at least: those between commas and the last conjunction."""
    items: list[list[Word]] = []
    is_last = False
    for place, word in enumerate(words):
        if word.text in JOINTS:
            is_last = True
            continue
        follows = items and (word.comma or (place and words[place - 1].text in JOINTS))
        if not list(content_words((word,))) or (is_last and follows and word.comma):
            if len(items) >= _SHORTEST_LIST:
                yield items
            items, is_last = [], False
        elif follows:
            items.append([word])
        elif len(items) > 1:
            items[-1].append(word)
        else:
            items, is_last = [[word]], False
    if len(items) >= _SHORTEST_LIST:
        yield items
