"""What a claim turns round: denied for affirmed, obliged for permitted, one word for its opposite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from ragkit.verification.facts import Facts
from ragkit.verification.polarity import (
    MODALS,
    NAMED_LOSSES,
    NEGATIONS,
    OPENING_NEGATIONS,
    OPPOSITES,
    REPORTING_WORDS,
    denied_words,
    governed,
    heads_of_negations,
    is_negation,
)
from ragkit.verification.support import Vocabulary
from ragkit.verification.words import Word, stem

_HEDGES = frozenset(
    stem(word) for word, modality in MODALS.items() if modality == "permission" and len(word) > 5
)
_SHORTEST_PREFIXED = 5
_NEAR = 6
"""Words to either side of a negation."""
_SHORT_CHANGE = 3
"""Most words that a difference between two otherwise equal stretches may have to be judged alone."""
_NEARLY_EQUAL = 0.7
"""From this likeness on a claim is its evidence with a few words changed, and these are compared; below
it, stretches fall beside each other by chance."""


def denials(claim: Facts, sentences: Sequence[Facts]) -> Iterator[str]:
    """Words that the claim denies and the evidence does not, and the reverse.

    The head of each negation is what must agree: how far it reaches beyond is read by rule, and two
    ways to say the same reach differently far.
    """
    theirs = [word for sentence in sentences for word in sentence.words]
    denied_there = _denied(sentence.words for sentence in sentences)
    denied_here = _denied([claim.words])
    known = {word.text for word in theirs}
    there = Vocabulary(theirs)
    pairs = _beside(claim.words), [_beside(sentence.words) for sentence in sentences]
    paired = _same_statement(pairs[0], [cues for one in pairs[1] for cues in one])
    for heads in heads_of_negations(claim.words, but=NAMED_LOSSES):
        said = [head for head in heads if there.says(head)] or heads
        denied = said and (denied_there.says(said[0]) or _negative(said[0].text) & known)
        if said and not denied and said[0].stem not in paired:
            yield f"{said[0].text!r} is not denied in the evidence"
    affirmed = {word.stem for word in _affirmed(sentence.words for sentence in sentences)}
    ours = {word.stem for word in _weighty(claim.words)}
    for sentence in sentences:
        for heads in heads_of_negations(sentence.words):
            said = [head for head in heads if head.stem in ours and head.stem not in affirmed]
            if said and not any(denied_here.says(h) or h.stem in paired for h in said):
                yield f"{said[0].text!r} is denied in the evidence"
    yield from _lost_prefixes(claim, known, denied_here)
    if any(is_negation(claim.words, place) for place in range(len(claim.words))):
        negative = {form for word in claim.words for form in _negative(word.text)}
        if known.isdisjoint(NEGATIONS | negative):
            yield "the evidence denies nothing"


def _beside(words: Sequence[Word]) -> list[set[str]]:
    """For each negation the stems that stand near it, before and after, in its clause."""
    return [
        {
            word.stem
            for word in words[max(0, place - _NEAR) : place + _NEAR + 1]
            if word.is_content and word.clause == cue.clause and word.text not in NEGATIONS
        }
        for place, cue in enumerate(words)
        if is_negation(words, place)
    ]


def _same_statement(ours: Sequence[set[str]], theirs: Sequence[set[str]]) -> set[str]:
    """Stems beside a negation of the claim that denies the same as one of the evidence, turned round:
    `the scope does not include lists`, `lists are not within the scope`."""
    return {
        stem for one in ours for other in theirs if len(one & other) > 1 for stem in one | other
    }


def _lost_prefixes(claim: Facts, known: set[str], denied: Vocabulary) -> Iterator[str]:
    """`known` where the evidence says `unknown`."""
    for word in claim.words:
        if len(word.text) < _SHORTEST_PREFIXED or word.text in known or denied.says(word):
            continue
        if _negative(word.text) & known:
            yield f"{word.text!r} is denied in the evidence"


def _negative(text: str) -> frozenset[str]:
    """The words that deny it by a prefix: `unknown` for `not known`."""
    return frozenset(prefix + text for prefix in ("un", "non"))


def _weighty(words: Iterable[Word]) -> list[Word]:
    weightless = NEGATIONS | REPORTING_WORDS
    return [word for word in words if word.is_content and word.text not in weightless]


def _denied(sentences: Iterable[Sequence[Word]]) -> Vocabulary:
    return Vocabulary(
        word
        for words in sentences
        for word, denied in zip(words, denied_words(words), strict=True)
        if denied
    )


def _affirmed(sentences: Iterable[Sequence[Word]]) -> Iterator[Word]:
    return (
        word
        for words in sentences
        for word, denied in zip(words, denied_words(words), strict=True)
        if not denied
    )


def modalities(claim: Facts, sentences: Sequence[Facts]) -> Iterator[str]:
    """Obligations, advice and permissions that the evidence does not give, or gives otherwise."""
    theirs = [pair for sentence in sentences for pair in governed(sentence.words)]
    classes = {modality for modality, _ in theirs}
    ours = list(governed(claim.words))
    spoken_to = any(word.text in {"you", "your"} for one in sentences for word in one.words)
    for modality, verb in ours:
        # Held possible where the evidence states it: less than it says, and not wrong.
        if not classes and (modality == "permission" or (modality == "advice" and spoken_to)):
            continue
        same_verb = {other for other, governs in theirs if governs == verb} or classes
        if modality not in same_verb:
            yield f"the evidence states no {modality} about {verb!r}"
    governed_here = {verb for _, verb in ours}
    free = {word.stem for sentence in sentences for word in _ungoverned(sentence)}
    hedged = {verb for modality, verb in theirs if modality == "permission" and verb} - free
    hedges = any(word.stem in _HEDGES for word in claim.words)
    if hedges or "permission" in {modality for modality, _ in ours}:
        return
    for word in _weighty(claim.words):
        if word.stem in hedged and word.stem not in governed_here:
            yield f"{word.text!r} is only permitted or possible in the evidence"


def _ungoverned(sentence: Facts) -> Iterator[Word]:
    """Content words of which at least one occurrence stands under no modal."""
    stems = [stem for _, stem in governed(sentence.words)]
    for word in sentence.words:
        if word.is_content and word.stem in stems:
            stems.remove(word.stem)
        elif word.is_content:
            yield word


def changed_in_place(claim: Facts, sentences: Sequence[Facts]) -> Iterator[str]:
    """Negations, modals and facts changed between stretches that are otherwise equal."""
    denials_here = sum(token in OPENING_NEGATIONS for token in claim.tokens)
    for sentence in sentences:
        matcher = SequenceMatcher(None, sentence.tokens, claim.tokens, autojunk=False)
        equal = sum(block.size for block in matcher.get_matching_blocks())
        if equal < _NEARLY_EQUAL * len(claim.tokens):
            continue
        moved = denials_here == sum(token in OPENING_NEGATIONS for token in sentence.tokens)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            only_left_out = tag == "delete" and j1 in (0, len(claim.tokens))
            if tag == "equal" or only_left_out or max(i2 - i1, j2 - j1) > _SHORT_CHANGE:
                continue
            before, after = sentence.tokens[i1:i2], claim.tokens[j1:j2]
            denies = OPENING_NEGATIONS.isdisjoint(before) != OPENING_NEGATIONS.isdisjoint(after)
            if denies and not moved:
                yield "a negation differs from the evidence"
            if _modal_classes(before) and _modal_classes(after) != _modal_classes(before):
                yield "what is obliged or permitted differs from the evidence"
            if _is_exchanged(before, after):
                yield "a number stands where the evidence has another"


def _is_exchanged(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether another fact of the same kind stands in the place of one."""
    old, new = _facts_in(before), _facts_in(after) - _facts_in(before)
    return not {_kind(token) for token in old}.isdisjoint({_kind(token) for token in new})


def _kind(token: str) -> str:
    """The unit of a fact's token, "date" of a date's: `<2024-04-30 >`."""
    value, _, unit = token.strip("<>").rpartition(" ")
    return unit or ("date" if "-" in value else "")


def _facts_in(tokens: Iterable[str]) -> set[str]:
    return {token for token in tokens if token.startswith("<")}


def _modal_classes(words: Iterable[str]) -> set[str]:
    return {MODALS[word] for word in words if word in MODALS}


def opposites(claim: Facts, sentences: Sequence[Facts]) -> Iterator[str]:
    """A word in the claim whose opposite stands in the evidence, and neither in the other."""
    ours = {word.text for word in claim.words}
    theirs = {word.text for sentence in sentences for word in sentence.words}
    for one, other in sorted(OPPOSITES):
        if (one, other) == ("within", "after") and "later" in theirs:
            continue  # no later than so many days after
        if one in ours - theirs and other in theirs - ours:
            yield f"the evidence says {other!r}, not {one!r}"
