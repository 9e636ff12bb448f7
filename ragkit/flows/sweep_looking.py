"""Looking through one document for the questions of a sweep: its sentences, as arrays of figures."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Contents, DocumentEntry
from ragkit.catalog.searching import SearchReader
from ragkit.protocols import Vectors
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.sentences import fullness
from ragkit.retrieval.understanding import Asked
from ragkit.sweeps.judging import Looked
from ragkit.sweeps.phrases import Phrases, folded
from ragkit.types.sweeps import SweepQuestion

_PARTS = re.compile(
    r";|,?\s(?:but|whereas|while|pero|mientras|aunque)\s|(?<=\w[.!?])\s+(?=[¿¡]?[A-ZÁÉÍÓÚÑ])"
)
"""Between the parts of a sentence that may say opposite things: "aspirin stopped; warfarin started". A
dot may be one after "mg", which the rules of sentences take for an abbreviation."""


class SweptDocument:
    """The sentences of one published document. Read inside a snapshot in which it is published.

    spans: int32, shape (n, 2), in the order of the text; vectors: shape (n, dimension).
    """

    def __init__(self, catalog: Catalog, reader: SearchReader, entry: DocumentEntry) -> None:
        self.entry = entry
        text = Contents(catalog).document(entry.content_id).text
        self.spans, self.vectors = _sentences(reader, entry)
        self.texts = [text[start:end] for start, end in self.spans.tolist()]

    @cached_property
    def folded(self) -> list[str]:
        return [folded(text) for text in self.texts]

    @cached_property
    def terms(self) -> list[set[str]]:
        return [set(terms(text, self.entry.language)) for text in self.texts]

    @cached_property
    def fullness(self) -> NDArray[np.float32]:
        return np.array([fullness(text) for text in self.texts], np.float32)


def _sentences(reader: SearchReader, entry: DocumentEntry) -> tuple[NDArray[np.int32], Vectors]:
    """Places of the sentences and their vectors, as they are kept with the chunks."""
    numbers = reader.entries_of_document(entry.id)
    kept, chunks = reader.sentence_vectors(numbers), reader.chunks(numbers)
    if not kept:
        return np.empty((0, 2), np.int32), np.empty((0, 0), np.float32)
    spans = np.concatenate([kept[n][0] + np.int32(chunks[n].start) for n in numbers if n in kept])
    vectors = np.concatenate([kept[n][1] for n in numbers if n in kept])
    _, first = np.unique(spans[:, 0], return_index=True)
    return spans[first], vectors[first]


@dataclass(frozen=True)
class Asking:
    """A question of a sweep, ready to be looked for. vector: shape (dimension,).

    words: the question as it is understood, where it has no phrases; None where it has.
    """

    question: SweepQuestion
    vector: NDArray[np.float32]
    words: Asked | None

    @cached_property
    def sure(self) -> Phrases:
        return Phrases(self.question.look_for)

    @cached_property
    def maybe(self) -> Phrases:
        return Phrases(self.question.may_mean)

    @cached_property
    def never(self) -> Phrases:
        return Phrases((*self.question.unless, *self.question.taken_back))

    @cached_property
    def back(self) -> Phrases:
        return Phrases(self.question.taken_back)

    @property
    def has_phrases(self) -> bool:
        return bool(self.question.look_for or self.question.may_mean)

    def look(self, document: SweptDocument) -> Looked:
        """What the document's sentences hold of it."""
        count = len(document.texts)
        return Looked(
            sure=self._phrases(self.sure, document) if self.has_phrases else None,
            maybe=self._phrases(self.maybe, document),
            taken_back=self._taken_back(document),
            cosines=document.vectors @ self.vector if count else np.empty(0, np.float32),
            coverages=self._coverages(document.terms)
            if self.words
            else np.zeros(count, np.float32),
            fullness=document.fullness,
        )

    def _phrases(self, phrases: Phrases, document: SweptDocument) -> NDArray[np.int32]:
        """How many stand in each sentence; of one that holds what is excluded, in its other parts."""
        counts = phrases.counts(document.folded)
        for at, count in enumerate(counts if self.never else ()):
            if count and self.never.count_in(document.folded[at]):
                parts = map(folded, _PARTS.split(document.texts[at]))
                counts[at] = sum(
                    phrases.count_in(part) for part in parts if not self.never.count_in(part)
                )
        return np.array(counts, np.int32)

    def _taken_back(self, document: SweptDocument) -> NDArray[np.int32]:
        """How many phrases each sentence takes back: those of the parts that it is said in."""
        counts = np.zeros(len(document.texts), np.int32)
        for at, sentence in enumerate(document.folded if self.back else ()):
            if self.back.count_in(sentence) and self.sure.count_in(sentence):
                parts = map(folded, _PARTS.split(document.texts[at]))
                counts[at] = sum(
                    self.sure.count_in(part) for part in parts if self.back.count_in(part)
                )
        return counts

    def _coverages(self, sentences: Sequence[set[str]]) -> NDArray[np.float32]:
        """The weighted share of the words that ask which each sentence holds."""
        assert self.words is not None
        weights = {group: self.words.weight(group) for group in self.words.content_words}
        total = sum(weights.values()) or 1.0
        held = [
            sum(weight for group, weight in weights.items() if not sentence.isdisjoint(group))
            for sentence in sentences
        ]
        return np.array(held, np.float32) / np.float32(total)


def asker_of(question: SweepQuestion, words: Asked | None, made_with: Sequence[str]) -> str:
    """A digest of all that a finding depends on beside the document; not of the question's name.

    words: its terms, where it is looked for by them: they depend on the languages and on the user's
    own list.
    """
    said = {key: value for key, value in asdict(question).items() if key != "id"}
    terms_asked = [] if words is None else [list(group) for group in words.content_words]
    told = json.dumps([*made_with, said, terms_asked])
    return blake2b(told.encode(), digest_size=16).hexdigest()
