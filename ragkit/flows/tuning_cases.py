"""What can be learned from: gold questions and marked ones, each with the chunks that ranking gives it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import DocumentEntry, Reader
from ragkit.catalog.feedback import MarkedEntry
from ragkit.catalog.searching import SearchReader
from ragkit.evaluation.alignment import Words, aligned
from ragkit.evaluation.measures import DEPTH, Found, Target, measure
from ragkit.flows.gold_places import GoldPlaces
from ragkit.flows.searching import View
from ragkit.gold import GoldQuestion, GoldSpan
from ragkit.tuning.adapter import Floats
from ragkit.tuning.learning import Example

MOST_QUESTIONS = 2000
"""More are not looked at: each takes a search, and a minute is what was promised."""
CHANGED = "the document has changed since the passage was marked"
NO_PLACE = "it does not say where in the document the answer stands"
NOT_THERE = "its words do not stand in the document"
NO_DOCUMENT = "its document is not in the index"
NOT_FOUND = "search does not come upon the passage at all, or upon no other one"
TOO_MANY = f"more than {MOST_QUESTIONS} questions"
_WORD = re.compile(r"\w+")

OnQuestion = Callable[[int, int], None]
"""(questions looked at, of how many)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was given. right: ranges that answer it, by document; wrong: that do not."""

    question: str
    right: Mapping[int, tuple[GoldSpan, ...]]
    wrong: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @property
    def documents(self) -> frozenset[int]:
        return frozenset((*self.right, *self.wrong))


@dataclass(frozen=True, slots=True)
class Candidates:
    """The chunks that a question found, best first; arrays of length n.

    rows: of their vectors in the table. documents: ids. spans: shape (n, 2), characters. scores: of
    the ranking without an adapter.
    """

    rows: NDArray[np.int64]
    documents: NDArray[np.int64]
    spans: NDArray[np.int64]
    scores: Floats


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what it found. content: its vector without the words that name a document."""

    asked: Asked
    content: Floats
    found: Candidates

    def measured(self, learned: Floats | None = None) -> dict[str, float]:
        """Every measure, with `learned` added to the candidates' scores, shape (n,)."""
        scores = self.found.scores if learned is None else self.found.scores + learned
        order = np.argsort(-scores, kind="stable")
        documents, spans = self.found.documents.tolist(), self.found.spans.tolist()
        passages = [
            Found(str(documents[at]), start=spans[at][0], end=spans[at][1], text="")
            for at in order.tolist()[:DEPTH]
        ]
        targets = [Target(str(number), spans) for number, spans in self.asked.right.items()]
        return measure(passages, targets)


@dataclass(slots=True)
class Cases:
    """All cases of one state. vectors: the table, shape (chunks, dimension). unused: by reason."""

    cases: list[Case] = field(default_factory=list)
    vectors: Floats = field(default_factory=lambda: np.empty((0, 0), np.float32))
    unused: Counter[str] = field(default_factory=Counter)

    def examples(self, case: Case) -> Iterator[Example]:
        """One for each document with something right, and something else, among its candidates."""
        for document in sorted(case.asked.documents):
            inside = np.flatnonzero(case.found.documents == document)
            right = _right(case.asked, document, case.found.spans[inside])
            if right.any() and not right.all():
                chunks = self.vectors[case.found.rows[inside]]
                yield Example(case.content, chunks, case.found.scores[inside], right)


def collect(
    view: View, gold: Sequence[GoldQuestion], marked: Sequence[MarkedEntry], on_question: OnQuestion
) -> Cases:
    """The cases of a view without an adapter. Raises ConfigFault if the gold counts otherwise."""
    collected = Cases()
    every = [*_of_marks(view.reader, marked, collected.unused)]
    every += _of_gold(view.reader, gold, collected.unused)
    if len(every) > MOST_QUESTIONS:
        collected.unused[TOO_MANY] = len(every) - MOST_QUESTIONS
    table = _Table(view.reader)
    asked_now = every[:MOST_QUESTIONS]
    for number, asked in enumerate(asked_now):
        on_question(number, len(asked_now))
        case = _case(view, asked, table)
        inside = case is not None and any(
            _is_told_apart(case, document) for document in asked.documents
        )
        if case is None or not inside:
            collected.unused[NOT_FOUND] += 1
        else:
            collected.cases.append(case)
    collected.vectors = table.vectors()
    return collected


class _Table:
    """Vectors and places of chunks, each kept once however many questions find it."""

    def __init__(self, reader: SearchReader) -> None:
        self._reader = reader
        self._row: dict[int, int] = {}
        self._vectors: list[NDArray[np.float32]] = []
        self._spans: list[tuple[int, int]] = []

    def rows_of(self, entries: Sequence[int]) -> NDArray[np.int64]:
        new = [entry for entry in entries if entry not in self._row]
        vectors, chunks = self._reader.entry_vectors(new), self._reader.chunks(new)
        for entry in new:
            self._row[entry] = len(self._vectors)
            self._vectors.append(vectors[entry])
            self._spans.append((chunks[entry].start, chunks[entry].end))
        return np.array([self._row[entry] for entry in entries], dtype=np.int64)

    def spans_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Shape (n, 2)."""
        return np.array([self._spans[row] for row in rows], dtype=np.int64).reshape(-1, 2)

    def vectors(self) -> Floats:
        return np.stack(self._vectors) if self._vectors else np.empty((0, 0), np.float32)


def _case(view: View, asked: Asked, table: _Table) -> Case | None:
    found = view.retriever.find(asked.question, view.reader.chunk_count())
    if not found.ranked:
        return None
    rows = table.rows_of([item.id for item in found.ranked])
    return Case(
        asked,
        found.vectors[1],
        Candidates(
            rows,
            np.array([item.document for item in found.ranked], dtype=np.int64),
            table.spans_of(rows),
            np.array([item.score for item in found.ranked], dtype=np.float32),
        ),
    )


def _is_told_apart(case: Case, document: int) -> bool:
    """Whether right and other chunks of a document are among its candidates."""
    inside = case.found.documents == document
    right = _right(case.asked, document, case.found.spans[inside])
    return bool(right.any()) and not bool(right.all())


def _right(asked: Asked, document: int, spans: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which chunks touch what is right; where nothing is, those that do not touch what is wrong."""
    if gold := asked.right.get(document):
        places = [place for span in gold for place in ((span.start, span.end), *span.also)]
        return _touches(spans, [(a, b) for a, b in places if a is not None and b is not None])
    return ~_touches(spans, asked.wrong.get(document, ()))


def _touches(spans: NDArray[np.int64], places: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    touched = np.zeros(len(spans), dtype=np.bool_)
    for start, end in places:
        touched |= (spans[:, 0] < end) & (spans[:, 1] > start)
    return touched


def _of_marks(
    reader: Reader, marked: Sequence[MarkedEntry], unused: Counter[str]
) -> Iterator[Asked]:
    """Marked questions, whose marks are still those of the documents as they are now."""
    for entry in marked:
        right: dict[int, list[GoldSpan]] = {}
        wrong: dict[int, list[tuple[int, int]]] = {}
        for mark in entry.marks:
            document = reader.document(mark.path)
            if document is None or document.sha256 != mark.sha256:
                continue
            if mark.is_right:
                right.setdefault(document.id, []).append(GoldSpan("", mark.start, mark.end))
            else:
                wrong.setdefault(document.id, []).append((mark.start, mark.end))
        if right or wrong:
            rights = {number: tuple(spans) for number, spans in right.items()}
            yield Asked(entry.question, rights, {n: tuple(spans) for n, spans in wrong.items()})
        else:
            unused[CHANGED] += 1


def _of_gold(reader: Reader, gold: Sequence[GoldQuestion], unused: Counter[str]) -> Iterator[Asked]:
    """Gold questions, with the place of their words in the documents."""
    places = GoldPlaces(reader)
    targets = [(question, places.targets(question)) for question in gold if question.answerable]
    places.require_sound("The file of questions")
    for question, answers in targets:
        there = [(entry, each) for each in answers if (entry := reader.document(each.document))]
        right = {
            entry.id: spans for entry, each in there if (spans := _located(reader, entry, each))
        }
        if right:
            yield Asked(question.question, right)
        elif not there:
            unused[NO_DOCUMENT] += 1
        else:
            unused[NOT_THERE if any(each.spans for _, each in there) else NO_PLACE] += 1


def _located(reader: Reader, entry: DocumentEntry, target: Target) -> tuple[GoldSpan, ...]:
    """Its spans with their places; those whose words do not stand there are left out."""
    known = [span for span in target.spans if span.start is not None]
    if len(known) < len(target.spans):
        text = reader.text(entry.content_id, 0, reader.length(entry.content_id))
        for span in target.spans:
            known += _places_of(span.text, text) if span.start is None else ()
    return tuple(known)


def _places_of(words: str, text: str) -> list[GoldSpan]:
    """Where words stand in a text, whatever is between them; else the stretches most like them."""
    pattern = r"\W+".join(map(re.escape, _WORD.findall(words)))
    found = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)] if pattern else []
    if found:
        (start, end), *others = found
        return [GoldSpan(words, start, end, tuple(others))]
    met, meeting = aligned(Words.of(words), Words.of(text))
    enough = sum(end - start for start, end in met) >= len(words) / 2
    return [GoldSpan("", start, end) for start, end in meeting] if enough else []
