"""Whether the documents answer a question at all, decided before a model speaks. Pure.

Two checks, the same for every question, each a logistic regression: is this a matter that the documents
are about (topic), and, where a contract is named, does it say anything like that (clause)? Three rules
beside them ask whether there is a fact of the kind asked for (fact), whether what is asked is said of the
one who is named or only of somebody else (person), and whether any document speaks of who is named (name).
All that apply must pass.

The weights were fitted, as tests/flows/fit_answerability.py does it, to 2,512 questions on contracts,
abstracts, pages for patients, Spanish cases and clinical notes and on the two samples, asked of their own
and of the other field's documents, all-MiniLM-L6-v2, each kind of question counting the same (for clauses
those that are there as much as those that are not). Asked of the program itself, all 1,201 questions on
contracts: 0.66 of the clauses that a contract does not have are refused, 0.20 of those that it has (on
contracts that the weights were not fitted to 0.66 and 0.18 of 600), and 0.03 of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

FACTS = frozenset({"date", "age", "telephone number", "e-mail address"})
"""Kinds of fact that must stand where they are asked for. Amounts are written in words too."""
LEAST_IN_OWN_WORDS = 0.6
"""Share of the question's words, by weight, that the passages must hold for a word of the user's own list
to stand for its meaning: a list must not answer what is foreign. The contracts hold as much of 32 of 50
questions of their own, and of 7 and 4 of 50 on abstracts and of patients; 0.4 of 42, and of 18 and 20."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision rests on.

    cosine: question and nearest chunk, -1 to 1. sentence: question and nearest sentence, as its vector
    is kept, the same. coverage: the weighted share of the question's words that one passage and its
    document's name hold, 0 to 1. together: that all passages together hold. unknown: the share of the
    words that ask which no document holds. matched: ln(1 + words that one passage holds).

    clause: that of the words that ask and of their other wording, added, which one passage holds, 0 to
    2. other_words: BM25 of the other wording and the best chunk of the documents meant. words: BM25 of
    the question and the best chunk of all, divided by the sum of the words' weights. has_other: 1 if
    there is another wording. background: how much nearer the nearest sentence of the documents meant
    is to what is asked than that of other documents, on average, -2 to 2.

    names_contract: whether the question names one, and asks for no fact that a text shows by its form.
    lacks_fact: whether it asks for one, and names a document that shows none. in_own_words: whether a
    passage says what the user's own list has for a word of the question. said_of_others: whether what is
    asked stands only in documents of somebody else than the question names; these count for no other
    signal. names_nobody: whether it names somebody or something of which no document speaks at all.
    shows_asked: whether a document of the one who is named has a line that is labelled with what is asked.
    """

    cosine: float
    sentence: float
    coverage: float
    together: float
    unknown: float
    matched: float
    clause: float = 0.0
    other_words: float = 0.0
    words: float = 0.0
    has_other: float = 0.0
    background: float = 0.0
    names_contract: bool = False
    lacks_fact: bool = False
    in_own_words: bool = False
    said_of_others: bool = False
    names_nobody: bool = False
    shows_asked: bool = False

    @property
    def is_said_otherwise(self) -> bool:
        """The user's list, or a label, says that the documents speak of this, in other words."""
        return self.shows_asked or (self.in_own_words and self.together >= LEAST_IN_OWN_WORDS)

    @property
    def is_ruled_out(self) -> bool:
        """No threshold is asked: the fact is not there, is somebody else's, or of a stranger."""
        return self.lacks_fact or self.said_of_others or self.names_nobody

    def as_pairs(self) -> tuple[tuple[str, float], ...]:
        """Every figure with its name, for --explain."""
        return tuple((each.name, float(getattr(self, each.name))) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Check:
    """A logistic regression: figure = bias + sum of weight times signal, in log-odds; passed from
    `least` on."""

    name: str
    weights: Mapping[str, float]
    bias: float
    least: float

    def figure(self, signals: Signals) -> float:
        return self.bias + sum(
            weight * float(getattr(signals, name)) for name, weight in self.weights.items()
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check said. parts: each signal with its weight and value; none where a rule decides."""

    name: str
    figure: float
    least: float
    parts: tuple[tuple[str, float, float], ...] = ()
    bias: float = 0.0

    @property
    def is_passed(self) -> bool:
        return self.figure >= self.least


TOPIC = Check(
    "topic",
    {
        "cosine": 8.414,
        "sentence": 8.305,
        "coverage": 5.065,
        "together": 0.781,
        "unknown": -1.700,
        "matched": 2.812,
    },
    bias=-12.628,
    least=0.6,
)
"""`least`: at 0, 0.6 and 1 0.94, 0.96 and 0.99 of 100 questions of patients are refused by the contracts,
0.91, 0.93 and 0.95 of 100 on abstracts (contract questions are refused everywhere), and of questions with
an answer 0.02, 0.05 and 0.07 of the Spanish cases, 0 to 0.01 on clinical notes and abstracts."""
CLAUSE = Check(
    "clause",
    {
        "clause": 2.243,
        "other_words": 0.065,
        "words": 0.927,
        "has_other": -4.261,
        "cosine": 4.269,
        "background": 6.252,
    },
    bias=-1.542,
    least=-0.3,
)
"""`least` is a little below even odds: a clause that is there and is called missing does more harm than
one that is looked for in the passages shown. At -0.4, -0.3 and -0.2 0.64, 0.66 and 0.70 of the questions
on missing clauses are refused, and 0.17, 0.18 and 0.21 of those that are there."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The checks in use. is_fitted: to the user's own questions, rather than those ragkit comes with."""

    topic: Check = field(default=TOPIC)
    clause: Check = field(default=CLAUSE)
    is_fitted: bool = False


SHIPPED = Calibration()


def checked(signals: Signals, calibration: Calibration = SHIPPED) -> tuple[Checked, ...]:
    """What every check says that applies."""
    applied = [] if signals.is_said_otherwise else [calibration.topic]
    if signals.names_contract:
        applied.append(calibration.clause)
    found = [
        Checked(
            check.name,
            check.figure(signals),
            check.least,
            tuple((name, w, float(getattr(signals, name))) for name, w in check.weights.items()),
            check.bias,
        )
        for check in applied
    ]
    rules = (
        ("fact", signals.lacks_fact),
        ("person", signals.said_of_others and not signals.shows_asked),
        ("name", signals.names_nobody),
    )
    found += [Checked(name, 0.0, 1.0) for name, speaks_against in rules if speaks_against]
    return tuple(found)


def is_answered(signals: Signals, calibration: Calibration = SHIPPED) -> bool:
    """Whether an answer is attempted."""
    return all(check.is_passed for check in checked(signals, calibration))
