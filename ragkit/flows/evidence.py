"""Gathering evidence: the sentences of the best passages, ranked, with their exact places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ragkit.catalog import DocumentEntry
from ragkit.flows.calibrated import calibration_of
from ragkit.flows.covering import coverage_of
from ragkit.flows.fencing import Screen, asked_for
from ragkit.flows.labelling import shows_asked
from ragkit.flows.newer import newer_evidence
from ragkit.flows.ranking_sentences import rank_sentences
from ragkit.flows.searching import Searching, View
from ragkit.flows.signalling import signals_of
from ragkit.flows.speaking import frame_language
from ragkit.flows.telling_apart import NOBODY, Apart, told_apart
from ragkit.protocols import Embedder
from ragkit.retrieval.answerability import SHIPPED, Calibration, Signals
from ragkit.retrieval.own_rows import without_others_rows
from ragkit.retrieval.search import Found
from ragkit.types import Coverage, Evidence, FencedIn, Passage
from ragkit.types.explanation import Explanation
from ragkit.types.scope import Scope


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one look at the published state gave: all that an answer is made of.

    evidence: best first, numbered from 1. named: documents that the question may name, by their
    numbers; meant: those of them that it names as well as any. calibration: what the signals are
    judged by. apart: who or what the documents of the evidence are of.
    """

    evidence: tuple[Evidence, ...]
    passages: tuple[Passage, ...]
    signals: Signals
    coverage: Coverage
    generation: int
    adapter: str = ""
    reranker: str = ""
    explanation: Explanation | None = None
    named: frozenset[int] = frozenset()
    meant: frozenset[int] = frozenset()
    language: str = "en"
    """In which the answer's own words are said."""
    calibration: Calibration = SHIPPED
    apart: Apart = NOBODY
    fenced: tuple[FencedIn, ...] = ()
    """Where passages stand that read like instructions to a machine, and were left out."""
    documents: tuple[DocumentEntry, ...] = ()
    """Of the evidence, and of `newer`."""
    newer: tuple[Evidence, ...] = ()
    """What amendments and newer versions of the first documents say, best first."""


def gather(
    searching: Searching,
    question: str,
    passages: int,
    *,
    scope: Scope | None = None,
    explain: bool = False,
) -> Gathered:
    """Evidence for a question from so many passages, all from the same published state."""
    with searching.view(scope=scope) as view:
        return gather_from(view, searching.embedder, question, passages, explain=explain)


def gather_from(
    view: View, embedder: Embedder, question: str, passages: int, *, explain: bool = False
) -> Gathered:
    """The same from a view that is open, such as that of a state which is not published yet."""
    found = view.find(question, passages)
    shown = view.passages(found, passages)
    return gather_found(view, embedder, found, shown, explain=explain)


def gather_found(
    view: View,
    embedder: Embedder,
    found: Found,
    shown: tuple[Passage, ...],
    *,
    explain: bool = False,
) -> Gathered:
    """The same from what is found already. shown: its first passages."""
    evidence, nearness = rank_sentences(embedder, view, found, shown)
    asked = found.asked
    apart = told_apart(view.reader, asked, nearness.best())
    asked_of = view.scope.ids
    fenced = asked_for(view.reader, asked.question, asked.meant or asked.named, asked_of)
    own = fenced or without_others_rows(asked.question, apart.own(asked.question, evidence))
    newer = newer_evidence(embedder, view, found, own) if own and not fenced else ()
    documents = {item.document_id for item in (*own, *newer)}
    signals = signals_of(view, found, shown, nearness, apart.others(asked.question))
    shows = shows_asked(asked.question, own, apart.named(asked.question))
    return Gathered(
        evidence=own,
        newer=newer,
        documents=tuple(view.reader.documents_by_id(documents).values()),
        fenced=Screen(view.reader).left_out(shown),
        named=frozenset(asked.named),
        meant=frozenset(asked.meant),
        passages=shown,
        signals=replace(signals, shows_asked=shows),
        calibration=calibration_of(view.reader),
        apart=apart,
        coverage=coverage_of(view.reader, view.scope),
        language=frame_language(asked.question, view.reader),
        generation=view.reader.generation(),
        adapter=view.adapter,
        reranker=view.reranker,
        explanation=view.explained(found, shown) if explain else None,
    )


def evidence_in(
    view: View, embedder: Embedder, found: Found, passages: Sequence[Passage]
) -> tuple[Evidence, ...]:
    """The sentences of some passages, best first, for what need not know whether there is an answer."""
    return rank_sentences(embedder, view, found, passages)[0]
