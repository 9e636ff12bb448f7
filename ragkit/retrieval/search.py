"""From a question to ranked chunks: dense, lexical and routing candidates, fused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Reader
from ragkit.invisible import visible
from ragkit.language import language_of
from ragkit.protocols import Embedder, VectorIndex, Vectors
from ragkit.retrieval.analysis import QuestionWord, question_words
from ragkit.retrieval.ranking import NAMED, UNNAMED, Candidates, Ranked, rank
from ragkit.retrieval.routing import naming_runs, without

DEPTH = 200
"""Candidates taken from the vectors, and as many from the words. With 100 recall at 8 of contracts
falls from 0.786 to 0.782; with all chunks it is 0.793."""
ROUTED = 3
"""Documents all of whose chunks are candidates when a question names one. 2, 3 or 5: no difference
beyond a thousandth; the second and third are amendments and near-duplicates."""
ROUTE_DEPTH = 200
ROUTE_COLUMNS = (1.0, 1.0, 2.0, 1.0)
"""File name, title, names, opening. The first document is right for 0.93 of the contract questions."""
WHOLE = (1.0, 1.0)
BODY = (0.0, 1.0)
COMMON = 0.2
"""Words in more than this share of the chunks are not searched for in the whole corpus: half the
time, recall at 8 of contracts 0.789 with 0.1 and with 1."""
COMMON_ASKED = 0.3
"""The same inside the routed documents, where time is no matter and "termination" is common:
with 0.1 recall at 8 falls from 0.789 to 0.770."""
FEWEST_WORDS = 3
"""So many of the rarest words are searched for however common they are."""

Group = tuple[str, ...]
"""The terms that documents may hold one word of a question as."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is understood.

    content: the question without the words that name a document. words and content_words: the
    terms of either. route: BM25 of documents by their naming words. named: the documents it names,
    likeliest first; none if it names none.
    """

    question: str
    content: str
    words: tuple[Group, ...]
    content_words: tuple[Group, ...]
    frequency: Mapping[Group, int]
    chunks: int
    route: Mapping[int, float]
    named: tuple[int, ...]

    def weight(self, group: Group) -> float:
        """How much a word tells: ln(1 + chunks / chunks that hold it), as in BM25's idf."""
        return float(np.log1p(self.chunks / (1 + self.frequency[group])))


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found: chunks, best first.

    vectors: float32, shape (2, dimension), of the question and of its content.
    nearest: the cosine of the question and the nearest chunk, -1 to 1; 0 without chunks.
    """

    asked: Asked
    ranked: tuple[Ranked, ...]
    vectors: Vectors
    nearest: float


@dataclass(slots=True)
class _Gathered:
    """Candidate entries: the document of each, and the word scores of those that have one."""

    documents: dict[int, int] = field(default_factory=dict)
    words: dict[int, float] = field(default_factory=dict)
    content_words: dict[int, float] = field(default_factory=dict)


class Retriever:
    """Searches one published state."""

    def __init__(self, reader: Reader, embedder: Embedder, indexes: Sequence[VectorIndex]) -> None:
        self._reader = reader
        self._embedder = embedder
        self._indexes = indexes

    def find(self, question: str, limit: int) -> Found:
        """At most `limit` chunks for a question, best first."""
        asked = self._understand(question)
        vectors = self._embedder.embed_queries([asked.question, asked.content])
        gathered = self._gather(asked, vectors)
        if not gathered.documents:
            return Found(asked, (), vectors, 0.0)
        candidates = self._candidates(gathered, vectors, asked)
        ranked = rank(candidates, NAMED if asked.named else UNNAMED, limit)
        return Found(asked, tuple(ranked), vectors, float(candidates.question.max()))

    def _understand(self, question: str) -> Asked:
        question = unicodedata.normalize(
            "NFKC", visible(question)
        )  # the form that words' places refer to
        words = question_words(question, language_of(question))
        groups = _groups(words)
        route = dict(
            self._reader.route(_any_of(groups), ROUTE_COLUMNS, ROUTE_DEPTH) if groups else ()
        )
        likeliest = tuple(route)[:ROUTED]
        runs = naming_runs(question, words, self._naming_terms(likeliest)) if likeliest else []
        naming = {index for run in runs for index in run}
        content = _groups(word for i, word in enumerate(words) if i not in naming)
        if not content:  # words that are all of the question ask; they do not only name
            runs, content = [], groups
        return Asked(
            question=question,
            content=without(question, words, runs),
            words=groups,
            content_words=content,
            frequency={group: self._frequency(group) for group in groups},
            chunks=self._reader.chunk_count(),
            route=route,
            named=likeliest if runs else (),
        )

    def _naming_terms(self, likeliest: Sequence[int]) -> set[str]:
        """The terms of the likeliest document's file name, title and names."""
        columns = self._reader.naming_words(likeliest[:1])[likeliest[0]][:3]
        return {term for column in columns for term in column.split()}

    def _gather(self, asked: Asked, vectors: Vectors) -> _Gathered:
        found = _Gathered()
        for index in self._indexes:
            found.documents.update(self._near(index, vectors[0]))
        if words := _uncommon(asked.words, asked.frequency, COMMON * asked.chunks):
            for entry, document, score in self._reader.lexical(_any_of(words), WHOLE, DEPTH):
                found.documents[entry], found.words[entry] = document, score
        content = _uncommon(asked.content_words, asked.frequency, COMMON_ASKED * asked.chunks)
        for document in asked.named:
            entries = self._reader.entries_of_document(document)
            found.documents.update(dict.fromkeys(entries, document))
            if content:
                scores = self._reader.lexical_within(_any_of(content), BODY, document)
                found.content_words.update(scores)
        return found

    def _near(self, index: VectorIndex, vector: NDArray[np.float32]) -> dict[int, int]:
        """entry -> document of at least DEPTH neighbours, if there are so many.

        An index still holds vectors of documents that are no longer shown: then it is asked for more.
        """
        depth = DEPTH
        while True:
            ids, _ = index.query(vector, depth)
            shown = self._reader.entries_of_vectors(ids.tolist())
            if len(shown) >= DEPTH or len(ids) < depth:
                return {entry: document for places in shown.values() for entry, document in places}
            depth *= 2

    def _candidates(self, gathered: _Gathered, vectors: Vectors, asked: Asked) -> Candidates:
        ids = sorted(gathered.documents)
        documents = [gathered.documents[entry] for entry in ids]
        rows = self._reader.entry_vectors(ids)
        matrix = np.stack([rows[entry] for entry in ids])  # (candidates, dimension)
        native = self._native(set(documents))
        return Candidates(
            ids=np.array(ids, dtype=np.int64),
            documents=np.array(documents, dtype=np.int64),
            question=matrix @ vectors[0],
            content=matrix @ vectors[1],
            words=_column(gathered.words, ids),
            content_words=_column(gathered.content_words, ids),
            route=_column(asked.route, documents),
            native=np.array([native[document] for document in documents], dtype=np.bool_),
        )

    def _native(self, documents: set[int]) -> dict[int, bool]:
        """Whether the embedder was trained for each document's language, as far as that is known."""
        spoken = self._embedder.languages
        return {
            number: "*" in spoken or not entry.language or entry.language in spoken
            for number, entry in self._reader.documents_by_id(documents).items()
        }

    def _frequency(self, group: Group) -> int:
        return max(self._reader.chunk_frequency(term) for term in group)


def _groups(words: Iterable[QuestionWord]) -> tuple[Group, ...]:
    return tuple(dict.fromkeys(group for word in words for group in word.terms))


def _uncommon(groups: Sequence[Group], frequency: Mapping[Group, int], most: float) -> list[Group]:
    rarest = sorted(groups, key=lambda group: frequency[group])
    return [
        group
        for place, group in enumerate(rarest)
        if place < FEWEST_WORDS or frequency[group] <= most
    ]


def _any_of(groups: Sequence[Group]) -> str:
    """An FTS5 expression; terms hold only letters and digits, so quoting is enough."""
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(t for g in groups for t in g))


def _column(scores: Mapping[int, float], keys: Sequence[int]) -> NDArray[np.float32]:
    return np.array([scores.get(key, 0.0) for key in keys], dtype=np.float32)
