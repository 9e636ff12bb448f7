"""Telling apart: whether what was gathered for a question is of one person or contract, or of several
between which the question does not decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ragkit.catalog import DocumentEntry
from ragkit.catalog.searching import SearchReader
from ragkit.retrieval.identities import Identity, fitting, meant_by
from ragkit.retrieval.understanding import Asked
from ragkit.types import Evidence

RIVAL = 0.75
"""Share of what the best sentence of all is worth that another person's or contract's must be worth to
be a candidate too. Letters of two patients that share a name, eight facts, all-MiniLM-L6-v2: of a fact that
one letter alone says the other's best sentence has 0.30 to 0.63, so that with 0.6 one and with 0.5 three of
eight questions are asked back in vain; of facts that both say 16 of 16 are asked back up to 0.9."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the things that a question may mean: the document of its best evidence, and what tells it
    from the others: names and date."""

    document: str
    told_by: str


@dataclass(frozen=True, slots=True)
class Apart:
    """Who or what the documents of the evidence are of. identities: of each, with what its best
    sentence is worth; entries: by number."""

    identities: tuple[Identity, ...]
    entries: Mapping[int, DocumentEntry]

    def candidates(self, question: str) -> tuple[Candidate, ...]:
        """What a question may mean of what was found for it; none where there is no doubt."""
        groups = meant_by(question, self.identities, RIVAL).groups
        return tuple(_candidate(self.entries[group[0]]) for group in groups)

    def others(self, question: str) -> frozenset[int]:
        """Documents of somebody else than a question names: no evidence, and no sign that there is any."""
        return meant_by(question, self.identities, RIVAL).others

    def named(self, question: str) -> frozenset[int]:
        """Documents of the person or contract that a question names, or of each that it may name."""
        return frozenset(fitting(question, self.identities))

    def own(self, question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """The evidence, numbered anew, without that of whoever is named like the one that the question
        names, and is somebody else: María García López is asked for, not Mario García Lopera."""
        others = self.others(question)
        kept = (item for item in evidence if item.document_id not in others)
        return tuple(replace(item, number=at, rank=at) for at, item in enumerate(kept, start=1))


NOBODY = Apart((), {})


def told_apart(reader: SearchReader, asked: Asked, worth: Mapping[int, float]) -> Apart:
    """What there is to tell some documents apart by. worth: of the best sentence of each."""
    columns, entries = reader.naming_words(worth), reader.documents_by_id(worth)
    said = {number: _said(asked, columns[number]) for number in worth}
    identities = (
        Identity(number, entry.kind, entry.names, said[number], worth[number])
        for number, entry in entries.items()
    )
    return Apart(tuple(identities), entries)


def _said(asked: Asked, columns: tuple[str, str, str, str]) -> frozenset[int]:
    """Indexes of the question's words that a document goes by. columns: as Reader.naming_words."""
    filename, title, names, opening = (set(column.split()) for column in columns)
    goes_by = filename | title | names | {word for word in opening if _is_figure(word)}
    return frozenset(
        at
        for at, word in enumerate(asked.spelled)
        if any(not goes_by.isdisjoint(group) for group in word.terms)
    )


def _is_figure(word: str) -> bool:
    """A date of birth, a number of a record: of what an opening says these tell documents apart."""
    return sum(sign.isdigit() for sign in word) >= 2


def _candidate(entry: DocumentEntry) -> Candidate:
    return Candidate(entry.path, ", ".join(filter(None, (*entry.names, entry.date))))
