"""What one question's passages are worth, against the places that answer it. Pure.

Recall and precision by characters: Pipitone and Alami, "LegalBench-RAG" (2024). MRR: Voorhees,
TREC-8 question answering (1999), of the first passage of a right document, and of the first that
covers half of a gold span or is itself at least half gold. nDCG@10: Järvelin and Kekäläinen (2002),
the gain of a passage being the share of the gold characters that none before it has covered (novelty
as in Clarke et al. 2008); 1 where the first passage covers all. The other definitions are those of the
evaluation data's own script, with which these agree to six digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log2

from ragkit.evaluation.alignment import Interval, Words, aligned, length_of
from ragkit.gold import GoldSpan

CUTOFFS = (1, 4, 8, 16, 64)
DEPTH = CUTOFFS[-1]
"""So many passages are looked at for a question."""
NDCG_AT = 10
HALF = 0.5
"""The share of a gold span that must be covered for it to count as found."""
MAIN = "recall@8"
"""What two runs are compared by first: the passages that an answer looks at."""
BY_DOCUMENT = ("doc_mrr", *(f"doc_hit@{k}" for k in CUTOFFS), *(f"wrong_doc@{k}" for k in CUTOFFS))
BY_SPAN = (
    *("span_mrr", f"ndcg@{NDCG_AT}"),
    *(f"{name}@{k}" for name in ("recall", "precision", "span_hit") for k in CUTOFFS),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it is measured: start and end are characters of its document's text."""

    document: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """A document that answers the question, by its path, and where in it: anywhere without spans."""

    document: str
    spans: tuple[GoldSpan, ...] = ()


def measure(passages: Sequence[Found], targets: Sequence[Target]) -> dict[str, float]:
    """Every measure of one question by name; those of spans only where a target has spans.

    passages: best first, of which DEPTH are looked at. targets: any of them answers the question;
    where they have spans, that counts against which the passages recall most.
    """
    passages = passages[:DEPTH]
    answering = {target.document for target in targets}
    figures = _by_document([passage.document in answering for passage in passages])
    if not any(target.spans for target in targets):
        return figures
    return figures | _by_span(_covers(passages, targets))


def _covers(passages: Sequence[Found], targets: Sequence[Target]) -> list[_Cover]:
    """Of the targets that have spans, and of whose document there is a passage at all."""
    found = {passage.document for passage in passages}
    located = (target for target in targets if target.spans and target.document in found)
    return [_Cover(target, passages) for target in located]


def _by_document(right: Sequence[bool]) -> dict[str, float]:
    """right: of each passage, whether it is from a document that answers."""
    first = right.index(True) + 1 if True in right else 0
    figures = {"doc_mrr": 1 / first if first else 0.0}
    for k in CUTOFFS:
        figures[f"doc_hit@{k}"] = float(0 < first <= k)
    for k in CUTOFFS:
        seen = right[:k]
        figures[f"wrong_doc@{k}"] = seen.count(False) / len(seen) if seen else 1.0
    return figures


def _by_span(covers: Sequence[_Cover]) -> dict[str, float]:
    if not covers:
        return dict.fromkeys(BY_SPAN, 0.0)
    best = max(covers, key=lambda cover: (cover.at(DEPTH).recall, cover.at(DEPTH).precision))
    figures = {
        "span_mrr": max(1 / cover.first if cover.first else 0.0 for cover in covers),
        f"ndcg@{NDCG_AT}": max(cover.discounted_gain() for cover in covers),
    }
    figures |= {f"recall@{k}": best.at(k).recall for k in CUTOFFS}
    figures |= {f"precision@{k}": best.at(k).precision for k in CUTOFFS}
    figures |= {f"span_hit@{k}": float(any(c.at(k).hit for c in covers)) for k in CUTOFFS}
    return figures


def covered_share(passages: Sequence[Found], targets: Sequence[Target]) -> float | None:
    """The share of the gold characters in `passages`, 0 to 1, of the target they cover most of.

    None where no target has spans. For evidence, which is chosen by tokens and not by rank.
    """
    if not any(target.spans for target in targets):
        return None
    shares = (cover.at(len(passages)).recall for cover in _covers(passages, targets))
    return max(shares, default=0.0)


@dataclass(frozen=True, slots=True)
class _State:
    """After so many passages. hit: at least half of one span is covered by them together."""

    recall: float = 0.0
    precision: float = 0.0
    hit: bool = False


@dataclass(slots=True)
class _Span:
    """One gold span, and what of it is covered.

    places: its occurrences; none where only its words are known. by_words: what is covered of its
    text. by_place: of each occurrence.
    """

    length: int
    places: tuple[Interval, ...]
    text: str
    words: Words | None = None
    by_words: list[Interval] = field(default_factory=list)
    by_place: list[list[Interval]] = field(default_factory=list)

    @classmethod
    def of(cls, gold: GoldSpan) -> _Span:
        """Raises ValueError for a span of which neither the words nor the place is known."""
        if gold.start is None or gold.end is None:
            if not gold.text:
                raise ValueError("a gold span needs words or a place")
            return cls(len(gold.text), (), gold.text)
        places = ((gold.start, gold.end), *gold.also)
        return cls(gold.end - gold.start, places, gold.text, by_place=[[] for _ in places])

    def take(self, passage: Found, words: Words | None) -> tuple[int, list[Interval]]:
        """How many of its characters the passage covers, and as which ranges of the passage.

        words: the passage's, given where this span is found by words.
        """
        if words is not None:
            self.words = self.words or Words.of(self.text)
            met, meeting = aligned(self.words, words)
            self.by_words += met
            return length_of(met), meeting
        most, ranges = 0, []
        for covered, (start, end) in zip(self.by_place, self.places, strict=True):
            first, last = max(start, passage.start), min(end, passage.end)
            if last > first:
                covered.append((first - start, last - start))
                ranges.append((first - passage.start, last - passage.start))
                most = max(most, last - first)
        return most, ranges

    @property
    def covered(self) -> int:
        """Characters, of the occurrence that is covered most."""
        most = max((length_of(covered) for covered in self.by_place), default=0)
        return min(self.length, max(most, length_of(self.by_words)))


class _Cover:
    """How the passages, one after the other, cover the spans of one document."""

    def __init__(self, target: Target, passages: Sequence[Found]) -> None:
        """passages: best first, those of other documents too."""
        self._spans = [_Span.of(span) for span in target.spans]
        self._states = [_State()]
        self._gold = self._read = 0
        self.first = 0
        """Rank of the first passage that shows a span; 0 if none does."""
        for rank, passage in enumerate(passages, start=1):
            size = max(1, passage.end - passage.start)
            self._read += size
            if passage.document == target.document and self._take(passage, size) and not self.first:
                self.first = rank
            self._states.append(self._state())

    def _take(self, passage: Found, size: int) -> bool:
        """Whether the passage covers half of a span, or is itself at least half gold."""
        words = Words.of(passage.text) if any(not span.places for span in self._spans) else None
        ranges: list[Interval] = []
        shows = False
        for span in self._spans:
            covered, there = span.take(passage, None if span.places else words)
            ranges += there
            shows = shows or covered >= HALF * span.length
        gold = length_of(ranges)
        self._gold += min(gold, size)
        return shows or gold >= HALF * size

    def _state(self) -> _State:
        covered = [span.covered for span in self._spans]
        return _State(
            recall=sum(covered) / sum(span.length for span in self._spans),
            precision=self._gold / self._read,
            hit=any(c >= HALF * s.length for c, s in zip(covered, self._spans, strict=True)),
        )

    def at(self, k: int) -> _State:
        return self._states[min(k, len(self._states) - 1)]

    def discounted_gain(self) -> float:
        return sum(gain / log2(rank + 1) for rank, gain in enumerate(self._gains(), start=1))

    def _gains(self) -> Iterator[float]:
        """What each of the first NDCG_AT passages adds to the recall."""
        seen = self._states[: NDCG_AT + 1]
        for before, after in pairwise(seen):
            yield after.recall - before.recall
