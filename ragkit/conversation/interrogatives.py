"""The same question with another interrogative: "why?", "since when?", "¿a qué dosis?"."""

from __future__ import annotations

from ragkit.conversation import lexicon
from ragkit.conversation.carried import Earlier
from ragkit.conversation.fragments import Fragment
from ragkit.conversation.phrasing import asked, bare
from ragkit.conversation.reading import Reading

_MOST_ASKING = 6
"""Words of "how many sessions of physiotherapy"."""


def restated(fragment: Fragment, earlier: Earlier) -> str:
    reading, language = earlier.reading, earlier.language
    before = bare(reading.text)
    if not before:
        return ""
    shift = reading.words[0].start
    end = opening(reading)
    rest = reading.text[reading.words[end].start :] if end < len(reading.words) else ""
    rest = bare(rest)
    lows = fragment.reading.lows
    is_dose = any(low in lexicon.DOSES for low in lows)
    if is_dose and earlier.bare_thing and not earlier.asked_noun and earlier.carried:
        return asked(f"{fragment.text}{earlier.of_thing} {earlier.carried}", language)
    if (
        any(low in lexicon.ATTRIBUTES for low in lows)
        and _asks_what_is(reading)
        and earlier.carried
    ):
        return asked(f"{fragment.text} {earlier.carried}", language)
    if end == 0:
        return asked(f"{fragment.text} {_lowered(reading, reading.text[shift:])}", language)
    if earlier.asked_noun and (is_dose or end > 1):
        rest = f"{rest} {earlier.asked_noun}" if _is_object_asked(reading, end) else rest
    if language == "es" or (
        reading.lows[end : end + 1] and reading.lows[end] in lexicon.AUXILIARIES
    ):
        return asked(f"{fragment.text} {rest}", language)
    return asked(
        _passive(fragment.text, rest) or f"{fragment.text}, {_lowered(reading, before)}", language
    )


def _asks_what_is(reading: Reading) -> bool:
    return reading.lows[0] in {"what", "which", "cuál", "cuáles"} and reading.lows[1:2] in (
        ["is"],
        ["are"],
        ["was"],
        ["es"],
        ["son"],
    )


def _is_object_asked(reading: Reading, end: int) -> bool:
    """Whether "what antibiotic" is what something was done with: "was she given"."""
    behind = reading.lows[end : end + 1]
    return reading.language == "es" or (bool(behind) and behind[0] in lexicon.AUXILIARIES)


def opening(reading: Reading) -> int:
    """How many words ask: "Why", "By whom", "How long", "Which doctor"; 0 for a yes/no question."""
    lows, language = reading.lows, reading.language
    if lows[:2] == ["por", "qué"]:
        return 2
    at = reading.first_wh
    if not lows or lows[at] not in lexicon.WH[language]:
        return 0
    word = lows[at]
    end = at + 1
    if language == "en" and word in {"what", "which", "whose", "how"}:
        while end < len(lows) and lows[end] not in lexicon.AUXILIARIES and end < at + _MOST_ASKING:
            if reading.is_name(end) or (word in {"which", "what"} and end > at + 1):
                break
            end += 1
    elif word == "qué" and lows[:1] != ["por"] and end + 1 < len(lows):
        is_noun = lows[end] not in lexicon.FUNCTION_WORDS | lexicon.SPANISH_VERBS
        verbs = lexicon.SPANISH_VERBS | {
            "ha",
            "han",
            "fue",
            "se",
            "le",
            "les",
            "da",
            "dan",
            "dio",
            "hay",
        }
        has_verb = lows[end + 1] not in lexicon.FUNCTION_WORDS or lows[end + 1] in verbs
        end += is_noun and has_verb
    elif word.startswith("cuán") and end < len(lows):
        end += lows[end] in lexicon.ATTRIBUTES | lexicon.DOCUMENTS | lexicon.PEOPLE
    return end


def _passive(asking: str, rest: str) -> str:
    """ "when" + "signed the lease with Ana" -> "when was the lease with Ana signed"; "" for other verbs."""
    verb, _, behind = rest.partition(" ")
    if not verb.endswith("ed") or not behind:
        return ""
    return f"{asking} was {behind} {verb}"


def _lowered(reading: Reading, text: str) -> str:
    """Without the capital of its beginning, unless that is a name's."""
    text = bare(text)
    is_name = bool(reading.words) and reading.is_name(0)
    return text if is_name else text[:1].lower() + text[1:]
