"""Asking the model about a row that rules leave in doubt: yes or no, from the likeliest sentences.

Rules go first and last: a row that they decide is never asked about, a sentence that they exclude is not
shown to the model, a denial that it takes for a yes stays in doubt. Of a model that is no reader only the
opinion is told, beside the rules' own doubt: a wrong no would hide a clause from a person for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from ragkit.flows.sweep_denials import heeding_denials
from ragkit.flows.sweep_looking import Asking, SweptDocument
from ragkit.llm.sweep_prompts import answers_in, sweep_messages
from ragkit.protocols import Generator
from ragkit.sweeps.judging import Judged, Looked, by_model, likeliest

VERSION = "2"
"""Changes when a model would be asked otherwise, or its answer taken otherwise."""
SHOWN = 6
"""Sentences that the model reads for one row."""
LEAST_CERTAIN = 0.75
"""Probability of its answer below which the row stays unclear."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The model that is asked. is_reader: whether it can be relied on to read."""

    generator: Generator
    is_reader: bool


def ask_model(
    judge: Judge, asking: Asking, document: SweptDocument, looked: Looked, doubtful: Judged
) -> tuple[Judged, float]:
    """The verdict and the model's certainty of it; the doubtful one where it is not certain either.

    A yes points at one of the sentences, so that it can be shown; only numbers that exist come out.
    """
    shown = _shown(asking, document, looked, doubtful)
    if not shown:
        return doubtful, 0.0
    language = document.entry.language
    messages = sweep_messages(
        asking.question.question, language, [document.texts[at] for at in shown]
    )
    with closing(judge.generator.start(messages)) as generation:
        yes, no = answers_in(language)
        is_yes = generation.choose((yes, no)) == yes
        certainty = generation.certainty
        if certainty < LEAST_CERTAIN:
            return doubtful, 0.0
        if not judge.is_reader:
            return _with_opinion(doubtful, "yes" if is_yes else "no"), 0.0
        if not is_yes:
            return by_model(None), certainty
        generation.write(" [")
        number = int(generation.choose([str(at) for at in range(1, len(shown) + 1)]))
    return _affirmed(asking, document, shown[number - 1], certainty)


def _affirmed(
    asking: Asking, document: SweptDocument, sentence: int, certainty: float
) -> tuple[Judged, float]:
    """The model's yes, unless its sentence says no to a question that has no phrases of its own."""
    yes = by_model(sentence)
    if not asking.has_phrases:
        words, text = asking.question.question, document.texts[sentence]
        heeded = heeding_denials(replace(yes, by="words"), words, text)
        if heeded.verdict != "yes":
            return heeded, heeded.confidence
    return yes, certainty


def _shown(
    asking: Asking, document: SweptDocument, looked: Looked, doubtful: Judged
) -> Sequence[int]:
    """The sentences for the model, in their order: that which is in doubt and the likeliest others, but
    for those that the question excludes."""
    places = [] if doubtful.sentence is None else [doubtful.sentence]
    places += [at for at in likeliest(looked, 2 * SHOWN) if at not in places]
    never = asking.never
    allowed = [
        at
        for at in places
        if at == doubtful.sentence or not (never and never.count_in(document.folded[at]))
    ]
    return sorted(allowed[:SHOWN])


def _with_opinion(doubtful: Judged, opinion: str) -> Judged:
    told = f"the model, too small to be relied on, says {opinion}"
    return replace(doubtful, reason=f"{doubtful.reason}; {told}")
