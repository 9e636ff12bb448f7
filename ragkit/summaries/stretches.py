"""What is chosen together: a sentence, or a part of a long one, made of its clauses."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import Vectors
from ragkit.summaries.candidates import Candidate
from ragkit.summaries.words import words_of
from ragkit.summaries.worth import is_formal, worth_of

_LEVELS = " > "
_RUNS_ON = re.compile(r"\W*(?:\w{1,4}[.)]\s+)?[a-zà-ÿ]")


@dataclass(frozen=True, slots=True)
class Focus:
    """A question that the summary is to answer, with its vector: float32, shape (d,), unit length."""

    question: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DocumentSentences:
    """The candidates of one document with their vectors: float32, shape (n, d), unit rows."""

    candidates: Sequence[Candidate]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Stretch:
    """Clauses of one document that are chosen from the first on, as many as there is room for.

    document: its number among the documents. place: how many stretches of its own stand before it,
    without formal ones. formal, worth: of its words, see `worth_of`.
    parts: indices of its candidates; ends: how many of its words stand before the end of each.
    before: the share of the document's words that stand before it. words: folded, in order.
    runs_on: whether it begins in small letters, after its item's mark. sections: its document, its
    section and those around it.
    """

    document: int
    place: int
    parts: tuple[int, ...]
    ends: tuple[int, ...]
    before: float
    words: tuple[str, ...]
    runs_on: bool
    formal: bool
    worth: float
    sections: frozenset[tuple[int, str]]

    @property
    def length(self) -> int:
        return self.ends[-1]

    def fitting(self, room: int, least: int) -> int:
        """How many of its first clauses have together at most `room` words; 0 if that is a part of it
        with less than `least`."""
        count = bisect.bisect_right(self.ends, room)
        is_part = 0 < count < len(self.ends)
        return 0 if is_part and self.ends[count - 1] < least else count


def stretches_of(number: int, candidates: Sequence[Candidate]) -> list[Stretch]:
    """The stretches of one document in order; its candidates are those of whole stretches."""
    total = sum(len(candidate.text.split()) for candidate in candidates)
    found: list[Stretch] = []
    before = place = 0
    for _, group in groupby(range(len(candidates)), key=lambda index: candidates[index].stretch):
        parts = tuple(group)
        texts = [candidates[index].text for index in parts]
        section = candidates[parts[0]].section
        formal = is_formal(" ".join(texts), section)
        ends = tuple(accumulate(len(text.split()) for text in texts))
        found.append(
            Stretch(
                document=number,
                place=place,
                parts=parts,
                ends=ends,
                before=before / max(total, 1),
                words=tuple(words_of(" ".join(texts))),
                runs_on=bool(_RUNS_ON.match(texts[0])),
                formal=formal,
                worth=worth_of(" ".join(texts), section),
                sections=frozenset(_levels(number, section)),
            )
        )
        place += not formal
        before += ends[-1]
    return found


def vectors_of(stretches: Sequence[Stretch], documents: Sequence[DocumentSentences]) -> Vectors:
    """One unit row for each stretch: the mean of its clauses, each by its length."""
    rows = [
        np.diff(stretch.ends, prepend=0).astype(np.float32)
        @ documents[stretch.document].vectors[list(stretch.parts)]
        for stretch in stretches
    ]
    stacked = np.stack(rows)
    means: Vectors = stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9)
    return means


def _levels(document: int, section: str) -> Iterator[tuple[int, str]]:
    """What a section stands in: "A > B", "A" and the document."""
    while section:
        yield document, section
        section = section.rpartition(_LEVELS)[0]
    yield document, ""
