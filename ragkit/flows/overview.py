"""The summary of a folder: what its documents say together. Pure: summaries in, summary out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from ragkit.catalog import DocumentEntry
from ragkit.flows.abridgement import Abridgement
from ragkit.summaries.candidates import Candidate
from ragkit.summaries.selection import DocumentSentences, Focus, choose_across
from ragkit.types import Citation, DocumentSummary, FolderSummary, KeyFact, SummarySentence

SHARED_FACTS = ("patient", "party", "governing law")
"""Facts that tie documents together, in the order in which they are shown. No diagnosis and no drug: out of
its document it would not say whose it is."""
MOST_SHARED = 10
"""Values of each, those of the most documents."""
LEAST_WORDS, WORDS_FOR_EACH, MOST_WORDS = 100, 20, 600
"""How long the summary is: it grows with the documents, until a person would not read it any more."""


def choose_for_folder(
    pools: Sequence[DocumentSentences], words: int | None, focus: Focus | None
) -> list[tuple[int, list[Candidate]]]:
    """(index of the document, the candidates that stand for it), for those that have any."""
    filled = [index for index, pool in enumerate(pools) if pool.candidates]
    if not filled:
        return []
    room = words or min(MOST_WORDS, LEAST_WORDS + WORDS_FOR_EACH * len(filled))
    places = choose_across([pools[index] for index in filled], words=room, focus=focus)
    return [
        (filled[place], [pools[filled[place]].candidates[number] for _, number in chosen])
        for place, chosen in groupby(places, key=lambda pair: pair[0])
    ]


def folder_summary(
    documents: Sequence[DocumentSummary],
    excerpts: Iterable[tuple[DocumentEntry, Abridgement]],
    style: str,
    model: str,
) -> FolderSummary:
    """Facts that documents share, and the excerpts one after the other, marked from 1."""
    citations: list[Citation] = []
    facts = _shared(documents, citations)
    sentences: list[SummarySentence] = []
    for entry, excerpt in excerpts:
        offset = len(citations)
        for sentence in excerpt.sentences:
            marks = tuple(mark + offset for mark in sentence.citations)
            sentences.append(replace(sentence, citations=marks))
        citations += [
            replace(citation, mark=citation.mark + offset) for citation in excerpt.cited_as(entry)
        ]
    return FolderSummary(tuple(facts), tuple(sentences), tuple(citations), style, model)


def _shared(documents: Sequence[DocumentSummary], citations: list[Citation]) -> list[KeyFact]:
    """The values of most documents, each with one citation for each of its documents; adds to `citations`.

    Gone through twice: held is only what is shown, and there may be ten thousand documents.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in SHARED_FACTS}
    for document in documents:
        for name, value in _values_of(document):
            counts[name][value] += 1
    # Of values that as many documents have, the one that is met first comes first.
    most = {
        (name, value): dict[str, tuple[str, Citation]]()
        for name in SHARED_FACTS
        for value, _ in counts[name].most_common(MOST_SHARED)
    }
    for document in documents:
        for key, said in _values_of(document).items():
            if key in most:
                most[key][document.document] = said
    facts = []
    for (name, _), places in most.items():
        marks = range(len(citations) + 1, len(citations) + len(places) + 1)
        quoted = (citation for _, citation in places.values())
        citations += [
            replace(citation, mark=mark) for mark, citation in zip(marks, quoted, strict=True)
        ]
        facts.append(KeyFact(name, next(iter(places.values()))[0], tuple(marks)))
    return facts


def _values_of(document: DocumentSummary) -> dict[tuple[str, str], tuple[str, Citation]]:
    """(name, value in one form) of the facts that tie documents together -> as it is written, its quote."""
    quotes = {citation.mark: citation for citation in document.citations}
    found: dict[tuple[str, str], tuple[str, Citation]] = {}
    for fact in document.facts:
        if fact.name in SHARED_FACTS:
            key = (fact.name, " ".join(fact.value.casefold().split()))
            found.setdefault(key, (fact.value, quotes[fact.citations[0]]))
    return found
