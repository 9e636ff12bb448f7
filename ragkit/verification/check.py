"""The check a sentence must pass before a person sees it.

It errs on the side of withholding: a sentence wrongly withheld is replaced by the quote it points at,
a sentence wrongly shown misleads. So a doubtful reading never speaks for the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ragkit.verification.dates import PartialDate
from ragkit.verification.facts import Fact, Facts, Name, Reading, extract_facts, name_words
from ragkit.verification.flips import changed_in_place, denials, modalities, opposites
from ragkit.verification.polarity import NEGATIONS
from ragkit.verification.relations import brought_in
from ragkit.verification.roles import wrong_roles
from ragkit.verification.support import Vocabulary, content_words, unsupported
from ragkit.verification.words import Word, normalise, read_words, word_set

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


def _as_in_names(words: str) -> frozenset[str]:
    return frozenset(name_words(iter(words.split())))


_FILE_NAME_JOINTS = re.compile(r"[_/.-]")
_GENERIC_NAMES = _as_in_names("""
    agreement contract document party parties patient section clause doctor company schedule exhibit
    annex article appendix paragraph
    acuerdo contrato documento parte partes paciente clausula medico empresa according additionally
    based finally furthermore however therefore thus yes ademas asimismo por segun
""")
_OPENERS = _as_in_names("""
    every once people both several many most some another compared given despite whenever wherever
    whereas although though currently today usually often sometimes generally overall next first
    except unless when while after before during since because under within without if
    salvo excepto si antes despues durante desde como dentro tres dos entre hasta ante bajo
    cada pese aunque ademas tras segun varios varias muchos muchas algunos algunas mientras cuando
    actualmente solo tanto debido dado ambos ambas demas todas todos
""")
"""Words that open a sentence without being a name, whatever the evidence says."""
_OPENING_ENDINGS = ("ing", "ly", "ando", "iendo", "mente")
_CLINICAL_ENDINGS = tuple(
    word_set("""
    itis osis oma emia aemia pathy patia cillin cilina mycin micina pril prilo sartan olol azole azol
    statin statina mab tinib idine idina profen profeno oxacin oxacino parin parina tomy tomia ectomy
    ectomia algia uria plegia plasty plastia scopy scopia
""")
)
_LONGEST_ACRONYM = 5
_SHORTEST_CLINICAL = 6
_CLINICAL_ENDING = 3


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


def check_claim(claim: str, evidence: Sequence[str], context: str = "") -> Verdict:
    """Whether every fact of `claim` stands in `evidence`, with the same polarity, modality and roles.

    claim: one sentence. evidence: the sentences it points at, in the documents' own words. context:
    what else is known of them; only names may be taken from it.
    """
    stated = extract_facts(claim)
    known = _Evidence(tuple(extract_facts(sentence) for sentence in evidence))
    around = extract_facts(_FILE_NAME_JOINTS.sub(" ", context))
    problems = (
        *_missing_facts(stated, known),
        *_missing_names(stated, known, around),
        *_new_times(stated, known),
        *_new_clinical_words(stated, known),
        *denials(stated, known.sentences),
        *modalities(stated, known.sentences),
        *changed_in_place(stated, known.sentences),
        *opposites(stated, known.sentences),
        *wrong_roles(stated.words, [one.words for one in known.sentences], around.words),
        *_unsupported(stated, known, around),
        *(["a question states nothing"] if "?" in claim and "?" not in "".join(evidence) else []),
    )
    unique = tuple(dict.fromkeys(problems))
    return Verdict(not unique, unique)


def _unsupported(stated: Facts, known: _Evidence, around: Facts) -> Iterator[str]:
    """What the claim says beyond its evidence. Words of names are those of _missing_names."""
    names = {word for name in around.names for word in name.words}
    said = [
        word
        for word in stated.words
        if not (word.capital and word.text.removesuffix("s") in names)  # as name_words writes them
    ]
    vocabulary = Vocabulary(known.words)
    yield from unsupported(said, vocabulary, has_facts=bool(stated.items))
    yield from brought_in(stated.words, vocabulary)


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
        for word in content_words(read_words(normalise(claim)))
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
    if fact.kind == "reference":
        return any(_is_part(mine, label) for mine in fact.readings for label in _as_labels(other))
    if fact.kind != "quantity":
        return bool(fact.readings & _as_labels(other))
    if other.kind == "date":
        return not fact.unit and _is_year(fact.readings, other.readings)
    if other.kind != "quantity":
        written = {fact.text.casefold(), *map(str, fact.readings)}
        return not fact.unit and not written.isdisjoint(other.readings)
    if not other.readings <= fact.readings and fact.text != other.text:
        return False
    if fact.unit:
        return fact.unit == other.unit
    if fact.label and fact.label == other.label:
        return other.unit != "ordinal"
    about_another = fact.noun and fact.noun in stems and fact.noun not in other.context
    return other.unit != "ordinal" and not about_another


def _is_part(label: Reading, whole: Reading) -> bool:
    """Whether `3.2` is what `3.2(c)` stands in."""
    return str(whole) == str(label) or str(whole).startswith((f"{label}(", f"{label}."))


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


def _missing_names(stated: Facts, known: _Evidence, around: Facts) -> Iterator[str]:
    sentences = [
        name_words(word.text for word in sentence.words if word.is_content)
        for sentence in (*known.sentences, around)
    ]
    vocabulary = Vocabulary(known.words)
    by_text = {word.text: word for word in stated.words}
    for name in stated.names:
        wanted = tuple(word for word in name.words if name.quoted or word not in _GENERIC_NAMES)
        found = any(_stands_in(words, s) for s in sentences for words in (name.words, wanted))
        if (
            found
            or _is_short_for(name, sentences)
            or (name.initial and _opens_plainly(wanted, sentences, by_text, vocabulary))
        ):
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
    by_text: dict[str, Word],
    vocabulary: Vocabulary,
) -> bool:
    """Whether the first word is capital only because it opens the sentence; the rest must be found."""
    if not wanted:
        return True
    first = by_text.get(wanted[0]) or by_text.get(wanted[0] + "s")
    opens = wanted[0] in NEGATIONS | _OPENERS or wanted[0].endswith(_OPENING_ENDINGS)
    ordinary = opens or (first is not None and vocabulary.says(first))
    ordinary = ordinary or _is_beside_a_plain_word(wanted[0], by_text)
    return ordinary and any(_stands_in(wanted[1:], sentence) for sentence in sentences)


def _is_beside_a_plain_word(first: str, by_text: dict[str, Word]) -> bool:
    """`Maintenance and repair costs`: no name is coupled with a word written small."""
    opening = list(by_text.values())[:3]
    coupled = len(opening) == 3 and opening[1].text in {"and", "or", "y", "o"}
    return coupled and opening[0].text == first and not opening[2].capital and opening[2].is_content


def _is_short_for(name: Name, sentences: Iterable[Sequence[str]]) -> bool:
    """Whether one word of capitals is made of the first letters of words in a row: CT."""
    letters = name.words[0]
    if len(name.words) != 1 or not 2 <= len(letters) <= _LONGEST_ACRONYM:
        return False
    return any(letters in "".join(word[0] for word in sentence) for sentence in sentences)


def _new_times(stated: Facts, known: _Evidence) -> Iterator[str]:
    named = {time for sentence in known.sentences for time in sentence.times}
    for time in sorted(stated.times - named):
        yield f"the evidence does not speak of a {time}"


def _new_clinical_words(stated: Facts, known: _Evidence) -> Iterator[str]:
    """Drugs and diseases are written small, so the check of names does not see them."""
    for word in stated.words:
        if _is_clinical(word.text) and not any(
            _same_clinical(word, other) for other in known.words
        ):
            yield f"the term {word.text!r} is not in the evidence"


def _is_clinical(text: str) -> bool:
    singular = text.removesuffix("s") if not text.endswith("is") else text
    return len(singular) >= _SHORTEST_CLINICAL and singular.endswith(_CLINICAL_ENDINGS)


def _same_clinical(word: Word, other: Word) -> bool:
    """The same term, or its adjective: `ascitis` from `ascítico`; never `nefritis` from `nefrosis`."""
    if word.stem == other.stem:
        return True
    return not _is_clinical(other.text) and other.text.startswith(word.text[:-_CLINICAL_ENDING])
