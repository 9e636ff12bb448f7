"""Who does what to whom: the subject of a claim's verb must be the evidence's subject of that verb.

Read by rule from the words before and after a modal or an auxiliary; in `shall be paid by the Buyer`
the Buyer acts. What no rule can read is left to the other checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.verification.polarity import NEGATIONS
from ragkit.verification.support import Vocabulary, are_family, content_words
from ragkit.verification.synonyms import ROLE_GROUPS
from ragkit.verification.words import Word, word_set

_MODAL_VERBS = word_set("""
    shall must will may can could might should would debe deben debera deberan puede pueden podra podran
    podria podrian deberia deberian agrees agree agreed undertakes undertake
""")
_PROMISES = word_set("agrees agree agreed undertakes undertake")
_ARTICLES = word_set("a an the un una el la los las")
_AUXILIARIES = word_set(
    "is are was were be been being es son era eran fue fueron esta estan ser sido"
)
_HAVE = word_set("has have had ha han habia")
_BE = word_set("is are was were be been being es son era eran fue fueron ser sido")
_CONJUNCTIONS = word_set("and or but y o e pero")
_BY = word_set("by por")
_PRONOUNS = word_set("""
    it they he she who which that this these those such same there we you i one each either neither both
    person persons anyone everyone someone nobody all any some
    el ella ellos ellas quien que este esta estos estas eso ambos ambas alguno ninguno todos
    se nos lo la le les
""")
"""Subjects that stand for another one, or for anybody."""
_STAND_INS = _PRONOUNS | word_set("party parties parte partes")
"""A claim may say `the parties` of whoever acts; that evidence says it of both does not make it one's."""
_ROLES = {
    word: frozenset(group.split()) for group in ROLE_GROUPS.splitlines() for word in group.split()
}
_KINDS_OF_FIRM = word_set("company corporation bank sociedad empresa")
"""Parts of names when written large; the check of names sees to those."""
_FAMILY = 5
"""Words for a part that someone plays, with those that mean the same part."""
_ADVERBS = word_set("sometimes often always usually longer already still siempre aun todavia")
_OTHER_WORDS = 0.2
"""Share of words of its own from which a sentence may not have a verb of its own too: in a short one
the verb is what is said."""
_REACH = 7


@dataclass(frozen=True, slots=True)
class _Act:
    """A verb, who does it (words of the noun phrase before it, or after `by`) and to whom."""

    verb: Word
    actor: tuple[Word, ...]
    is_modal: bool
    is_passive: bool = False
    """Said of what it is done to, or of what something is: nobody is named who acts."""


def wrong_roles(
    claim: Sequence[Word], sentences: Sequence[Sequence[Word]], context: Sequence[Word]
) -> Iterator[str]:
    """Parts played by someone else than in the evidence. context: names that belong to its document."""
    known = Vocabulary([word for sentence in sentences for word in sentence])
    names = {
        word.text
        for sentence in (claim, *sentences)
        for word in sentence
        if word.capital and not word.initial
    }
    texts = {word.text for sentence in (*sentences, context) for word in sentence}
    for word in claim:
        named = word.capital and word.text in _KINDS_OF_FIRM
        if (
            _role(word.text)
            and not named
            and not any(_plays(text, _role(word.text)) for text in texts)
        ):
            yield f"{word.text!r} has no part in the evidence"
    acts = [act for sentence in sentences for act in _acts(sentence)]
    content = list(content_words(claim))
    unknown = sum(not known.says(word) for word in content)
    for act in _acts(claim):
        said = known.says(act.verb) or not list(content_words((act.verb,)))
        if not said and unknown >= _OTHER_WORDS * len(content):
            yield f"the evidence speaks of nothing like {act.verb.text!r}"
        if not act.actor or act.actor[-1].text in _STAND_INS:
            continue
        head = act.actor[-1]
        theirs = [other.actor for other in acts if _same_verb(act, other) and other.actor]
        if any(_same_actor(act.actor, other) for other in theirs):
            continue
        if any(_is_someone(phrase, names) for phrase in (act.actor, *theirs)) and theirs:
            yield f"it is not {head.text!r} of which the evidence says {act.verb.text!r}"
        elif act.is_modal and not known.says(head) and head.text not in texts:
            yield f"the evidence says nothing of {head.text!r}"


def _same_verb(one: _Act, other: _Act) -> bool:
    same = one.verb.stem == other.verb.stem or are_family(one.verb.text, other.verb.text)
    return same and one.is_passive == other.is_passive


def _is_someone(phrase: Sequence[Word], names: set[str]) -> bool:
    """Whether a noun phrase is a part that someone plays, or a name (a capital within a sentence)."""
    return any(bool(_role(word.text)) or word.text in names for word in phrase)


def _role(text: str) -> frozenset[str]:
    """The words for the same part as `text`, singular or plural; none if it is no such word."""
    for singular in (text, text.removesuffix("s"), text.removesuffix("es")):
        if singular in _ROLES:
            return _ROLES[singular]
    return frozenset()


def _plays(text: str, role: frozenset[str]) -> bool:
    """Whether a word of the evidence names that part, or speaks of it: `parental` of `parents`."""
    if own := _role(text):
        return not own.isdisjoint(role)
    return any(text[:_FAMILY] == word[:_FAMILY] for word in role if len(word) > _FAMILY)


def _same_actor(ours: Sequence[Word], theirs: Sequence[Word]) -> bool:
    """Whether two noun phrases share a word in some form, or the evidence's stands for anybody."""
    if theirs[-1].text in _PRONOUNS:
        return True
    known = Vocabulary(word for word in theirs if not _role(word.text))
    parts = [_role(word.text) for word in theirs if _role(word.text)]
    return any(
        not _role(word.text).isdisjoint(frozenset().union(*parts))
        if _role(word.text)
        else known.says(word)
        for word in ours
    )


def _acts(words: Sequence[Word]) -> Iterator[_Act]:
    """Every modal or auxiliary with the verb it helps and who acts.

    In `the Supplier may terminate, and shall pay` the Supplier pays.
    """
    last: tuple[Word, ...] = ()
    for place, word in enumerate(words):
        is_modal = word.text in _MODAL_VERBS
        if not is_modal and word.text not in _AUXILIARIES and not _is_perfect(words, place):
            continue
        if word.text in _PROMISES and [w.text for w in words[place + 1 : place + 2]] != ["to"]:
            continue
        if place and (
            words[place - 1].text in _MODAL_VERBS or words[place - 1].text in _AUXILIARIES
        ):
            continue
        verb_at = _verb(words, place)
        if verb_at is None:
            continue
        helpers = {helper.text for helper in words[place:verb_at]}
        verb = words[verb_at]
        agent = _agent(words, verb_at) if helpers & _BE else ()
        carried_on = place > 0 and words[place - 1].text in _CONJUNCTIONS
        last = last if carried_on else _subject(words, place)
        if helpers & _BE and not agent:
            yield _Act(verb, last, is_modal, is_passive=True)
        else:
            yield _Act(verb, agent or last, is_modal)


def _is_perfect(words: Sequence[Word], place: int) -> bool:
    """`has collected`, not `has a fever`."""
    following = words[place + 1].text if place + 1 < len(words) else ""
    return words[place].text in _HAVE and following.endswith(("ed", "ado", "ido"))


def _verb(words: Sequence[Word], place: int) -> int | None:
    """The place of the verb that the modal or auxiliary at `place` helps."""
    for at in range(place + 1, min(len(words), place + 1 + _REACH)):
        word = words[at]
        is_named = word.text in _ARTICLES and words[at - 1].text in _BE
        if word.clause != words[place].clause or is_named:
            return None  # `is the definition`: no verb, a name
        skipped = word.text in NEGATIONS or word.text in _MODAL_VERBS or word.text in _AUXILIARIES
        adverb = word.text.endswith(("ly", "mente")) or word.text in _ADVERBS
        if word.is_content and not skipped and not adverb:
            return at
    return None


def _subject(words: Sequence[Word], place: int) -> tuple[Word, ...]:
    """The words of the noun phrase right before `place`."""
    phrase: list[Word] = []
    for at in range(place - 1, max(-1, place - 1 - _REACH), -1):
        word = words[at]
        if word.clause != words[place].clause or words[at + 1].comma:
            break
        if word.text in _MODAL_VERBS or word.text in _AUXILIARIES:
            break
        if word.is_content or (word.text in _STAND_INS and not phrase):
            phrase.insert(0, word)
        if word.text in _STAND_INS and len(phrase) == 1:
            break
    return tuple(phrase)


def _agent(words: Sequence[Word], verb_at: int) -> tuple[Word, ...]:
    """The noun phrase after the `by` that follows a passive verb, () if none does."""
    for at in range(verb_at + 1, min(len(words), verb_at + 1 + _REACH)):
        if words[at].clause != words[verb_at].clause:
            return ()
        if words[at].text in _BY:
            following = words[at + 1 : at + 4]
            return tuple(word for word in following if word.is_content)[:2]
    return ()
