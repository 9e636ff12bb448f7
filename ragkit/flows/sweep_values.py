"""The short fact that a row of a sweep shows: where it stands in the sentence that is quoted."""

from __future__ import annotations

from ragkit.shortfacts.asking import which
from ragkit.shortfacts.aspects import Wanted, wanted_by
from ragkit.shortfacts.finding import Sentence, candidates, least_sure
from ragkit.shortfacts.words import content_words


def value_in(sentence: str, question: str, kind: str) -> tuple[int, int] | None:
    """Characters of the sentence; None if it holds no such value. kind: "" for what is asked for.

    Only a value that the words around it say is meant, as surely as one in front of an answer: a row
    without a value is read, a row with the wrong one is believed.
    """
    wanted = wanted_by(question)
    if kind and wanted.kind != kind:
        wanted = Wanted(kind, None, content_words(question), which=which(question))
    told = [Sentence(sentence, "", 0)]
    found = max(candidates(wanted, told), key=lambda one: one.sure, default=None)
    if found is None or found.sure < least_sure(wanted):
        return None
    return found.start, found.end
