"""The check a sentence must pass before a person sees it.

It errs on the side of withholding: a sentence wrongly withheld is replaced by the quote it points at,
a sentence wrongly shown misleads. So a doubtful reading never speaks for the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ragkit.verification.dates import PartialDate
from ragkit.verification.facts import Fact, Facts, Reading, extract_facts, name_words
from ragkit.verification.polarity import (
    MODALS,
    NEGATIONS,
    OPENING_NEGATIONS,
    OPPOSITES,
    REPORTING_WORDS,
    denied_words,
    governed,
)
from ragkit.verification.words import Word, normalise, read_words, word_set

SUPPORT_THRESHOLD = 0.6
"""Least share of a claim's content words that its evidence must contain (measured: see the tests)."""

_SHORT_CHANGE = 3
"""Most words that a difference between two otherwise equal stretches may have to be judged alone."""

_ASKED_FOR = word_set("""
    period term terms duration length amount sum price cost fee rate cap limit maximum minimum date
    day days time deadline dose dosage strength name names number notice value level result reason
    agreement contract document clause section provision party parties patient file report letter
    plazo duracion importe suma precio coste tarifa tope limite maximo minimo fecha dia dias hora
    dosis pauta nombre nombres numero preaviso valor nivel resultado motivo razon acuerdo contrato
    documento clausula apartado parte partes paciente expediente informe carta
""")
"""What questions ask for. An answer names it though its evidence may not: "The notice period is 30
days" from "on 30 days' written notice"."""
_FILE_NAME_JOINTS = re.compile(r"[_/.-]")
_GENERIC_NAMES = word_set("""
    agreement contract document party parties patient section clause doctor company
    acuerdo contrato documento parte partes paciente clausula medico empresa according additionally
    based finally furthermore however therefore thus yes ademas asimismo por segun
""")
_CLINICAL_ENDINGS = tuple(
    word_set("""
    itis osis oma emia aemia pathy patia cillin cilina mycin micina pril prilo sartan olol azole azol
    statin statina mab tinib idine idina profen profeno oxacin oxacino parin parina tomy tomia ectomy
    ectomia algia uria plegia plasty plastia scopy scopia
""")
)
_SHORTEST_CLINICAL = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the evidence supports the claim, and if not, every problem found, for the repair."""

    supported: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The facts of all the sentences that a claim points at."""

    sentences: tuple[Facts, ...]

    @property
    def items(self) -> list[Fact]:
        return [fact for sentence in self.sentences for fact in sentence.items]

    @property
    def words(self) -> list[Word]:
        return [word for sentence in self.sentences for word in sentence.words]


def check_claim(claim: str, evidence: Sequence[str]) -> Verdict:
    """Whether every fact of `claim` stands in `evidence`, with the same polarity and modality.

    claim: one sentence. evidence: the sentences it points at, in the documents' own words.
    """
    stated = extract_facts(claim)
    known = _Evidence(tuple(extract_facts(sentence) for sentence in evidence))
    problems = (
        *_missing_facts(stated, known),
        *_missing_names(stated, known),
        *_new_times(stated, known),
        *_new_clinical_words(stated, known),
        *_flipped_words(stated, known),
        *_changed_modality(stated, known),
        *_changed_in_place(stated, known),
        *_opposites(stated, known),
        *_too_little_support(stated, known),
        *(["a question states nothing"] if "?" in claim and "?" not in "".join(evidence) else []),
    )
    unique = tuple(dict.fromkeys(problems))
    return Verdict(not unique, unique)


def check_assumptions(
    claim: str, question: str, evidence: Sequence[str], context: str
) -> tuple[str, ...]:
    """Words that the claim took from the question and not from what it points at.

    "The notice period of the lease is 30 days", answered from a services agreement, has every
    figure right and is about the wrong contract. context: what else is known of the evidence:
    its section, its document's name, title, parties or patient, date.
    """
    asked = {word.stem for word in read_words(normalise(question))}
    plain = _FILE_NAME_JOINTS.sub(" ", context)
    known = {word.stem for word in read_words(normalise(" ".join((*evidence, plain))))}
    return tuple(
        f"{word.text!r} comes from the question, not from the evidence"
        for word in _content(read_words(normalise(claim)))
        if word.stem in asked and word.stem not in known and word.text not in _ASKED_FOR
    )


def _missing_facts(stated: Facts, known: _Evidence) -> Iterator[str]:
    stems = {word.stem for word in known.words}
    for fact in stated.items:
        if not any(_is_same(fact, other, stems) for other in known.items):
            yield f"the {fact.kind} {fact.text!r} is not in the evidence"


def _is_same(fact: Fact, other: Fact, stems: set[str]) -> bool:
    """Whether evidence `other` says what `fact` of the claim says, at least as exactly."""
    if fact.kind == "date":
        return other.kind == "date" and _dates_agree(fact, other)
    if fact.kind != "quantity":
        return bool(fact.readings & _as_labels(other))
    if other.kind == "date":
        return not fact.unit and _is_year(fact.readings, other.readings)
    if other.kind != "quantity":
        return not fact.unit and fact.text.casefold() in other.readings
    if not other.readings <= fact.readings and fact.text != other.text:
        return False
    if fact.unit:
        return fact.unit == other.unit
    about_another = fact.noun and fact.noun in stems and fact.noun not in other.context
    return other.unit != "ordinal" and not about_another


def _dates_agree(fact: Fact, other: Fact) -> bool:
    """Every reading of the evidence must be one of the claim's: a guess between two is none."""
    return all(
        any(isinstance(said, PartialDate) and meant.covers(said) for said in fact.readings)
        for meant in other.readings
        if isinstance(meant, PartialDate)
    )


def _is_year(readings: frozenset[Reading], dates: frozenset[Reading]) -> bool:
    years = {date.year for date in dates if isinstance(date, PartialDate)}
    return len(years) == 1 and bool(years & readings)


def _as_labels(other: Fact) -> frozenset[Reading]:
    return other.readings | {other.text.casefold().strip(" .()")}


def _missing_names(stated: Facts, known: _Evidence) -> Iterator[str]:
    sentences = [
        name_words(word.text for word in sentence.words if word.is_content)
        for sentence in known.sentences
    ]
    stems = {word.stem for word in known.words}
    by_text = {word.text: word.stem for word in stated.words}
    for name in stated.names:
        wanted = tuple(word for word in name.words if name.quoted or word not in _GENERIC_NAMES)
        found = any(_stands_in(words, s) for s in sentences for words in (name.words, wanted))
        if found or (name.initial and _opens_plainly(wanted, sentences, by_text, stems)):
            continue
        yield f"the name {' '.join(name.words)!r} is not in the evidence"


def _stands_in(wanted: Sequence[str], sentence: Sequence[str]) -> bool:
    """Whether the words `wanted` stand in `sentence` one after the other."""
    length = len(wanted)
    return any(
        tuple(sentence[start : start + length]) == tuple(wanted)
        for start in range(len(sentence) - length + 1)
    )


def _opens_plainly(
    wanted: Sequence[str],
    sentences: Iterable[Sequence[str]],
    by_text: dict[str, str],
    stems: set[str],
) -> bool:
    """Whether the first word is capital only because it opens the sentence; the rest must be found."""
    if not wanted:
        return True
    ordinary = by_text.get(wanted[0]) in stems or wanted[0] in NEGATIONS
    return ordinary and any(_stands_in(wanted[1:], sentence) for sentence in sentences)


def _new_times(stated: Facts, known: _Evidence) -> Iterator[str]:
    named = {time for sentence in known.sentences for time in sentence.times}
    for time in sorted(stated.times - named):
        yield f"the evidence does not speak of a {time}"


def _new_clinical_words(stated: Facts, known: _Evidence) -> Iterator[str]:
    """Drugs and diseases are written small, so the check of names does not see them."""
    stems = {word.stem for word in known.words}
    for word in stated.words:
        singular = word.text.removesuffix("s") if not word.text.endswith("is") else word.text
        clinical = len(singular) >= _SHORTEST_CLINICAL and singular.endswith(_CLINICAL_ENDINGS)
        if clinical and word.stem not in stems:
            yield f"the term {word.text!r} is not in the evidence"


def _content(words: Iterable[Word]) -> Iterator[Word]:
    return (word for word in words if word.is_content and word.text not in NEGATIONS)


def _polarities(words: Sequence[Word]) -> dict[str, set[bool]]:
    """For each stem whether it is denied, affirmed, or both in the sentence."""
    polarities: dict[str, set[bool]] = {}
    weightless = NEGATIONS | REPORTING_WORDS
    for word, denied in zip(words, denied_words(words), strict=True):
        if word.is_content and word.text not in weightless:
            polarities.setdefault(word.stem, set()).add(denied)
    return polarities


def _flipped_words(stated: Facts, known: _Evidence) -> Iterator[str]:
    claimed = _polarities(stated.words)
    in_evidence: dict[str, set[bool]] = {}
    for sentence in known.sentences:
        for stem, polarities in _polarities(sentence.words).items():
            in_evidence.setdefault(stem, set()).update(polarities)
    for stem, polarities in claimed.items():
        theirs = in_evidence.get(stem, polarities)
        if not polarities & theirs:
            state = "denied" if True in theirs else "not denied"
            yield f"{stem!r} is {state} in the evidence"
    denies = any(word.text in NEGATIONS for word in stated.words)
    if denies and not any(word.text in NEGATIONS for word in known.words):
        yield "the evidence denies nothing"


def _changed_modality(stated: Facts, known: _Evidence) -> Iterator[str]:
    theirs = [pair for sentence in known.sentences for pair in governed(sentence.words)]
    classes = {modality for modality, _ in theirs}
    ours = list(governed(stated.words))
    for modality, stem in ours:
        same_verb = {other for other, verb in theirs if verb == stem} or classes
        if modality not in same_verb:
            yield f"the evidence states no {modality} about {stem!r}"
    governed_here = {stem for _, stem in ours}
    free = {word.stem for sentence in known.sentences for word in _ungoverned(sentence)}
    hedged = {stem for modality, stem in theirs if modality == "permission" and stem} - free
    for word in _content(stated.words):
        if (
            word.stem in hedged
            and word.stem not in governed_here
            and "permission" not in {modality for modality, _ in ours}
        ):
            yield f"{word.text!r} is only permitted or possible in the evidence"


def _ungoverned(sentence: Facts) -> Iterator[Word]:
    """Content words of which at least one occurrence stands under no modal."""
    stems = [stem for _, stem in governed(sentence.words)]
    for word in sentence.words:
        if word.is_content and word.stem in stems:
            stems.remove(word.stem)
        elif word.is_content:
            yield word


def _changed_in_place(stated: Facts, known: _Evidence) -> Iterator[str]:
    """Negations, modals and facts changed between stretches that are otherwise equal."""
    for sentence in known.sentences:
        matcher = SequenceMatcher(None, sentence.tokens, stated.tokens, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            only_left_out = tag == "delete" and j1 in (0, len(stated.tokens))
            if tag == "equal" or only_left_out or max(i2 - i1, j2 - j1) > _SHORT_CHANGE:
                continue
            before, after = sentence.tokens[i1:i2], stated.tokens[j1:j2]
            if OPENING_NEGATIONS.isdisjoint(before) != OPENING_NEGATIONS.isdisjoint(after):
                yield "a negation differs from the evidence"
            if _modal_classes(before) and _modal_classes(after) != _modal_classes(before):
                yield "what is obliged or permitted differs from the evidence"
            if _facts_in(after) - _facts_in(before) and _facts_in(before):
                yield "a number stands where the evidence has another"


def _facts_in(tokens: Iterable[str]) -> set[str]:
    return {token for token in tokens if token.startswith("<")}


def _modal_classes(words: Iterable[str]) -> set[str]:
    return {MODALS[word] for word in words if word in MODALS}


def _opposites(stated: Facts, known: _Evidence) -> Iterator[str]:
    ours = {word.text for word in stated.words}
    theirs = {word.text for word in known.words}
    for one, other in sorted(OPPOSITES):
        if one in ours - theirs and other in theirs - ours:
            yield f"the evidence says {other!r}, not {one!r}"


def _too_little_support(stated: Facts, known: _Evidence) -> Iterator[str]:
    stems = {word.stem for word in known.words}
    content = list(_content(stated.words))
    if not content and not stated.items:
        yield "the sentence states nothing that can be checked"
    elif sum(word.stem in stems for word in content) < SUPPORT_THRESHOLD * len(content):
        yield "too few of its words are in the evidence"
