"""Cases for the check of sentences: faults that it must catch, faithful sentences that it must let pass.

A case is a claim with what it points at. Each is drawn by seed; half of them, by the digest of what
they rest on, are held out: rules are made looking at the other half only.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ragkit.bench.faithful import FAITHFUL, handwritten
from ragkit.bench.faults import FAULTS, Maker, is_spanish
from ragkit.bench.true_sentences import TrueSentence, most_alike
from ragkit.verification import Cited

FAULTS_OF_A_KIND = 40
FAITHFUL_OF_A_KIND = 20
_SUBJECTS = (
    "El paciente",
    "La paciente",
    "Paciente",
    "Varón",
    "Mujer",
    "The patient",
    "The Company",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A claim, the question it answers ("" for none), what it points at, and whether that is a fault."""

    kind: str
    claim: str
    cited: tuple[Cited, ...]
    is_fault: bool
    question: str = ""
    held_out: bool = False


def cited_as(sentence: TrueSentence, text: str | None = None) -> Cited:
    return Cited(text or sentence.text, sentence.context, sentence.document)


def fault_cases(sentences: Sequence[TrueSentence], seed: int) -> list[Case]:
    """FAULTS_OF_A_KIND of each kind, fewer where the sentences offer fewer."""
    cases: list[Case] = []
    for kind, makers in FAULTS.items():
        cases += _drawn(kind, _changed(kind, sentences, makers, seed), FAULTS_OF_A_KIND)
    cases += _drawn("wrong page", _wrong_pages(sentences), FAULTS_OF_A_KIND)
    cases += _drawn("merged persons", _merged(sentences, seed), FAULTS_OF_A_KIND)
    return cases


def paraphrased_fault_cases(folder: Path, seed: int) -> list[Case]:
    """The same faults put into the sentences written by hand: the words differ before they are changed."""
    written = list(handwritten(folder))
    cases: list[Case] = []
    for kind, makers in FAULTS.items():
        for maker in makers:
            chance = random.Random(f"{seed} written {maker.__name__}")
            for source, text in written:
                changed = maker(text, chance)
                if changed is not None and changed != text:
                    cases.append(_case(kind, changed, (cited_as(source),), is_fault=True))
    return cases


def faithful_cases(sentences: Sequence[TrueSentence], seed: int) -> list[Case]:
    """FAITHFUL_OF_A_KIND made by each rule."""
    cases: list[Case] = []
    for kind, makers in FAITHFUL.items():
        made = _changed(kind, sentences, makers, seed, is_fault=False)
        cases += _drawn(kind, made, FAITHFUL_OF_A_KIND)
    cases += _drawn("two quotes", _two_quotes(sentences), FAITHFUL_OF_A_KIND)
    return cases + _drawn("patient named", _named(sentences), FAITHFUL_OF_A_KIND)


def paraphrase_cases(folder: Path) -> list[Case]:
    """All the sentences written by hand whose documents lie in `folder`."""
    return [
        _case("written by hand", text, (cited_as(source),), is_fault=False)
        for source, text in handwritten(folder)
    ]


def _case(
    kind: str, claim: str, cited: tuple[Cited, ...], *, is_fault: bool, question: str = ""
) -> Case:
    digest = hashlib.sha256(cited[0].text.encode()).digest()
    return Case(kind, claim, cited, is_fault, question, held_out=digest[0] % 2 == 1)


def _drawn(kind: str, made: Iterator[Case], count: int) -> list[Case]:
    """The first `count` whose claims differ, at most three of one document."""
    found: dict[str, Case] = {}
    documents: dict[str, int] = {}
    for case in made:
        document = case.cited[0].document
        if case.claim in found or documents.get(document, 0) == 3:
            continue
        documents[document] = documents.get(document, 0) + 1
        found[case.claim] = replace(case, kind=kind)
        if len(found) == count:
            break
    return list(found.values())


def _changed(
    kind: str,
    sentences: Sequence[TrueSentence],
    makers: Sequence[Maker],
    seed: int,
    *,
    is_fault: bool = True,
) -> Iterator[Case]:
    """Makers in turn, each from its own place on, so that kinds do not all rest on the same sentences."""
    chance = random.Random(f"{seed} {kind}")
    start = chance.randrange(len(sentences))
    for place, sentence in enumerate((*sentences[start:], *sentences[:start])):
        changed = makers[place % len(makers)](sentence.text, chance)
        if changed is not None and (changed != sentence.text or kind == "as it is"):
            yield _case(kind, changed, (cited_as(sentence),), is_fault=is_fault)


def _wrong_pages(sentences: Sequence[TrueSentence]) -> Iterator[Case]:
    """A true sentence that points at another one of its document: in turn the most alike, or any."""
    for place, sentence in enumerate(sentences):
        other = most_alike(sentence.text, sentence.near)
        if place % 2 and sentence.near:
            other = sentence.near[place % len(sentence.near)]
        if other is not None and most_alike(sentence.text, [other]) is not None:
            yield _case("", sentence.text, (cited_as(sentence, other),), is_fault=True)


def _merged(sentences: Sequence[TrueSentence], seed: int) -> Iterator[Case]:
    """One person's or party's fact said of another: with the first's evidence, the second's, or both."""
    named = [sentence for sentence in sentences if sentence.names]
    chance = random.Random(f"{seed} merged")
    for place, sentence in enumerate(named):
        others = [other for other in named if not set(other.names) & set(sentence.names)]
        if not others:
            return
        other = chance.choice(others)
        # Most wrongly, the other's own words are cited too, and name her.
        own = cited_as(other, f"{other.names[0]}. {other.text}")
        evidence = ((cited_as(sentence),), (own,), (own, cited_as(sentence)))[place % 3]
        claim = _said_of(other.names[0], sentence.text)
        question = _asked(other.names[0], sentence.text)
        yield _case("", claim, evidence, is_fault=True, question=question)


def _named(sentences: Sequence[TrueSentence]) -> Iterator[Case]:
    """A person's own fact, with her name, which only the head of her document gives."""
    for sentence in sentences:
        if sentence.names and is_spanish(sentence.text):
            name = sentence.names[0]
            claim = _said_of(name, sentence.text)
            question = _asked(name, sentence.text)
            yield _case("", claim, (cited_as(sentence),), is_fault=False, question=question)


def _said_of(name: str, text: str) -> str:
    """The sentence with a name for its subject, or in front."""
    for subject in _SUBJECTS:
        if text.startswith(subject + " "):
            return name + text[len(subject) :]
    return f"{name}: {text[0].lower()}{text[1:]}"


def _asked(name: str, text: str) -> str:
    return f"¿Qué consta de {name}?" if is_spanish(text) else f"What is said of {name}?"


def _two_quotes(sentences: Sequence[TrueSentence]) -> Iterator[Case]:
    """A true sentence that points at a second one of its document beside the right one."""
    for sentence in sentences:
        for other in islice(sentence.near, 1):
            cited = (cited_as(sentence), cited_as(sentence, other))
            yield _case("", sentence.text, cited, is_fault=False)
