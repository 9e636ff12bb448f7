"""Asking the model about a row that rules leave in doubt: yes or no, from the likeliest sentences."""

from __future__ import annotations

from contextlib import closing

from ragkit.flows.sweep_looking import Asking, SweptDocument
from ragkit.llm.sweep_prompts import answers_in, sweep_messages
from ragkit.protocols import Generator
from ragkit.sweeps.judging import Judged, Looked, by_model, likeliest

SHOWN = 6
"""Sentences that the model reads for one row."""
LEAST_CERTAIN = 0.75
"""Probability of its answer below which the row stays unclear."""


def ask_model(
    generator: Generator, asking: Asking, document: SweptDocument, looked: Looked, doubtful: Judged
) -> tuple[Judged, float]:
    """The verdict and the model's certainty of it; the doubtful one where it is not certain either.

    A yes points at one of the sentences, so that it can be shown; only numbers that exist come out.
    """
    shown = sorted(likeliest(looked, SHOWN))
    messages = sweep_messages(
        asking.question.question, document.entry.language, [document.texts[at] for at in shown]
    )
    with closing(generator.start(messages)) as generation:
        yes, no = answers_in(document.entry.language)
        is_yes = generation.choose((yes, no)) == yes
        certainty = generation.certainty
        if certainty < LEAST_CERTAIN:
            return doubtful, 0.0
        if not is_yes:
            return by_model(None), certainty
        generation.write(" [")
        number = int(generation.choose([str(at) for at in range(1, len(shown) + 1)]))
    return by_model(shown[number - 1]), certainty
