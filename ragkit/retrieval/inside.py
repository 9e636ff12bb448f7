"""What is looked up in the text of the best chunks of the documents that a question names: whether they
hold the kind of fact that is asked for, and which sections they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ragkit.catalog.searching import SearchReader
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.asking import holds
from ragkit.retrieval.gathering import WHOLE_DOCUMENT
from ragkit.retrieval.ranking import Ranked
from ragkit.retrieval.references import numbered, referred_to, terms_used

DEFINED = 12
"""Terms of each of the best chunks whose definitions are looked for."""
_MEANS = ("means", "shall mean", "significa", "se entiende")
SAYING = 64
"""Chunks of a large document that hold a section's number, of which the first are looked at for its
heading: others only mention it."""


def holding_fact(reader: SearchReader, entries: Sequence[int], kind: str) -> dict[int, float]:
    """entry -> 1 for those that hold a fact of that kind, 0 for the others. Each is read once for a
    published state, whatever the number of questions."""
    known = reader.remembered.facts
    texts = reader.texts([entry for entry in entries if (kind, entry) not in known])
    known.update({(kind, entry): holds(kind, text) for entry, text in texts.items()})
    return {entry: float(known[kind, entry]) for entry in entries}


def referred_sections(reader: SearchReader, best: Sequence[Ranked]) -> set[int]:
    """Chunks with which the sections begin that some chunks refer to, in the same document."""
    texts = reader.embedded_texts([item.id for item in best])
    numbers: dict[int, dict[int, frozenset[str]]] = {}  # document -> chunk -> what it refers to
    for item in best:
        if found := referred_to(texts[item.id]):
            numbers.setdefault(item.document, {})[item.id] = found
    ranges = reader.entry_ranges(numbers)
    return {
        section
        for document, referring in numbers.items()
        for section in _sections(reader, ranges[document], referring)
    }


def _sections(
    reader: SearchReader, entries: range, referring: Mapping[int, Iterable[str]]
) -> Iterator[int]:
    """A chunk does not lead to itself."""
    wanted = {number for found in referring.values() for number in found}
    places: Sequence[int] = entries
    if len(entries) > WHOLE_DOCUMENT:
        places = sorted({chunk for number in wanted for chunk in _saying(reader, entries, number)})
    sections = numbered(reader.headings(places))
    for chunk, found in referring.items():
        for number in found:
            yield from (other for other in sections.get(number, ()) if other != chunk)


def defining(reader: SearchReader, question: str, best: Sequence[Ranked]) -> set[int]:
    """Chunks that define a term which a question or some chunks use, in the documents of these:
    '"Affiliate" means any entity'."""
    texts = reader.texts([item.id for item in best])
    documents = {item.document for item in best}
    ranges, languages = reader.entry_ranges(documents), reader.document_languages(documents)
    used = {(item.document, t) for item in best for t in terms_used(texts[item.id])[:DEFINED]}
    used |= {(document, term) for document in documents for term in terms_used(question)}
    found: set[int] = set()
    for document, term in sorted(used):
        expression = _definition(term, languages[document])
        if expression:
            found.update(islice(reader.entries_that_say(expression, ranges[document]), 1))
    return found


def _definition(term: str, language: str) -> str:
    """An FTS5 expression: the term and what follows it where it is defined, side by side."""
    if not terms(term, language):
        return ""
    said = (" ".join(terms(f"{term} {means}", language)) for means in _MEANS)
    return " OR ".join(f'"{phrase}"' for phrase in dict.fromkeys(said))


def _saying(reader: SearchReader, entries: range, number: str) -> list[int]:
    """The first chunks that hold a section's number, in their header or their text."""
    expression = f'"{terms(number, "")[0]}"'
    return list(islice(reader.entries_that_say(expression, entries), SAYING))
