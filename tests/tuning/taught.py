"""Made-up contracts and questions about them, whose words the clauses do not use.

Where `recurs`, the same kind of question is answered by the same kind of clause in every contract:
that can be learned. Otherwise each contract's clauses are in words of its own, and nothing can be.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from ragkit.catalog import Catalog
from ragkit.catalog.adapters import AdapterEntry, Adapters
from ragkit.errors import StorageFault
from ragkit.flows import tuning
from ragkit.flows.searching import Searching, SearchParts
from ragkit.flows.tuning import Note, tune
from ragkit.gold import GoldPlace, GoldQuestion, GoldSpan
from ragkit.protocols import VectorIndex
from ragkit.tuning.learning import Schedule
from ragkit.types.tuning import TuningReport
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus, CountingEmbedder

KINDS = 10
CONTRACTS = 12
ASKED = 4
"""Questions on each contract."""
FILLERS = 24
"""Words of a clause that say nothing, so that it fills a chunk."""
QUICK = Schedule(fewest_steps=20, step=3e-3)
"""Enough for words that each have a place of their own."""
LETTERS = "bcdfghjklmnpqrstvwxz"


class WideEmbedder(CountingEmbedder):
    """Of so many numbers that few words share one."""

    def __init__(self) -> None:
        super().__init__()
        self.dimension = 192


@dataclass
class Taught:
    """Contracts that are indexed, and the questions on them with the clauses that answer."""

    corpus: Corpus
    questions: tuple[GoldQuestion, ...]

    @contextmanager
    def searching(self) -> Iterator[Searching]:
        searching = Searching(
            SearchParts(
                pipeline=self.corpus.pipeline,
                embedder_fingerprint=self.corpus.embedder_version,
                open_embedder=lambda: self.corpus.embedder,
                open_index=_no_index,
                exact_index=ExactIndex,
            )
        )
        yield searching
        searching.close()

    def tune(
        self,
        questions: tuple[GoldQuestion, ...] | None = None,
        schedule: Schedule = QUICK,
        note: Note = lambda report: None,
    ) -> TuningReport:
        gold = self.questions if questions is None else questions
        with self.searching() as searching, patch.object(tuning, "SCHEDULE", schedule):
            return tune(self.corpus.pipeline, searching, gold, lambda step: None, note)

    def adapter(self) -> AdapterEntry | None:
        """The newest in the catalog."""
        with Catalog.open_for_reading(self.corpus.pipeline.store) as catalog:
            return Adapters(catalog.connection).newest()

    def right_first(self) -> float:
        """The share of questions whose clause is the first passage, with what is in use now."""
        with self.searching() as searching:
            found = [searching.search(one.question, 1).passages[0].text for one in self.questions]
        return sum(
            one.places[0].spans[0].text in text
            for one, text in zip(self.questions, found, strict=True)
        ) / len(self.questions)


def taught(root: Path, *, recurs: bool = True) -> Taught:
    """Write and ingest the contracts."""
    chance = random.Random(11)
    corpus = Corpus(root, embedder=WideEmbedder())
    asked = [word(chance) for _ in range(KINDS)]
    said = [word(chance) for _ in range(KINDS)]
    questions = []
    for number in range(CONTRACTS):
        name = f"{word(chance)} {word(chance)}"
        own = said if recurs else [word(chance) for _ in range(KINDS)]
        kinds = chance.sample(range(KINDS), KINDS)
        clauses = {kind: clause(chance, own[kind]) for kind in kinds}
        corpus.write(f"{name}.txt", "\n\n".join(clauses.values()))
        for kind in kinds[:ASKED]:
            place = GoldPlace(f"{name}.txt", (GoldSpan(clauses[kind]),))
            question = f"What about {asked[kind]} {asked[kind]} in {name.title()}?"
            questions.append(GoldQuestion(f"{number}-{kind}", question, (place,)))
    corpus.ingest()
    return Taught(corpus, tuple(questions))


def clause(chance: random.Random, about: str) -> str:
    """A sentence on one thing, which it names ten times among words of chance."""
    words = [about] * 10 + [word(chance) for _ in range(FILLERS)]
    chance.shuffle(words)
    return f"{' '.join(words).capitalize()}."


def word(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=7))


def _no_index(folder: Path) -> VectorIndex:
    raise StorageFault(f"There is no index in {folder}: search is exact.")
