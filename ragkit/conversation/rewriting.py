"""Whether a question stands alone, and if it does not, which question it stands for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from ragkit.conversation import lexicon, pronouns, spanish
from ragkit.conversation.carried import Earlier
from ragkit.conversation.completing import complete
from ragkit.conversation.fragments import Fragment
from ragkit.conversation.reading import Reading, spoken
from ragkit.conversation.soundness import is_sound

_FURTHEST = 4
"""Questions that a pronoun may point back over."""
Verdict = Literal["alone", "rewritten", "unclear"]


@dataclass(frozen=True, slots=True)
class Standing:
    """alone: it is asked as it is. rewritten: `question` stands alone. unclear: it points back to
    something that the rules do not find; is_pronoun: by "she", "its", "su"."""

    verdict: Verdict
    question: str
    is_pronoun: bool = False


LONGEST_FOLLOW_UP = 1_000
"""Characters: who types more tells all there is to say, and the rules look at every word from every
other."""


@dataclass(frozen=True, slots=True)
class Said:
    """The question before, as it was asked. document: the only one that its answer cites, or ""."""

    question: str
    document: str = ""


def stand_alone(typed: str, before: Said | None, known: Collection[str] = ()) -> Standing:
    """`typed` as a question that needs no other, by rules.

    before: None for the first question, which is always asked as it is. known: words in lower case
    that documents are named by, for names that are typed without capitals.
    """
    if before is None or len(typed) > LONGEST_FOLLOW_UP:
        return Standing("alone", typed)
    names = frozenset(known)
    earlier_language = spoken(before.question, "")
    language = spoken(typed, earlier_language)
    earlier = Earlier(Reading(before.question, earlier_language, names), before.document)
    fragment = Fragment(typed, language, names)
    if fragment.is_empty:
        return Standing("unclear", typed)
    if fragment.is_one:
        return _of_fragment(typed, fragment, earlier)
    return _of_sentence(typed, fragment, earlier)


def _of_sentence(typed: str, fragment: Fragment, earlier: Earlier) -> Standing:
    language = fragment.language
    resolver = spanish if language == "es" else pronouns
    text = resolver.resolve(typed, fragment.reading, earlier, has_lead=fragment.has_lead)
    if text is None or text == typed:
        return Standing("alone", typed)
    if text and is_sound(text, typed):
        return Standing("rewritten", text)
    return Standing("unclear", typed, is_pronoun=True)


def stand_alone_after(typed: str, before: Sequence[Said], known: Collection[str] = ()) -> Standing:
    """The same after several questions, the last one last.

    A pronoun that the last one has nothing for, as "she" after "How is sepsis treated?", means who or
    what was named before it. Less than a sentence is never carried over a question: "and the dose?"
    may belong to what it asked.
    """
    found = stand_alone(typed, before[-1] if before else None, known)
    if found.verdict == "unclear" and found.is_pronoun:
        further = (stand_alone(typed, said, known) for said in reversed(before[-_FURTHEST:-1]))
        return next((one for one in further if one.verdict == "rewritten"), found)
    return found


def _of_fragment(typed: str, fragment: Fragment, earlier: Earlier) -> Standing:
    text = complete(fragment, earlier)
    if text and not is_sound(text, typed):
        return Standing("unclear", typed)
    if text:
        return Standing("rewritten", text)
    own = any(fragment.reading.is_name(at) for at in range(len(fragment.reading.words)))
    content = [low for low in fragment.reading.lows if low not in lexicon.FUNCTION_WORDS]
    is_owned = fragment.reading.lows[0] in lexicon.POSSESSIVES | {"su", "sus"}
    is_alone = own or (len(content) > 1 and not is_owned)
    return Standing("alone" if is_alone else "unclear", typed, is_pronoun=is_owned)
