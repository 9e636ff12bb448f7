"""Giving: which of the evidence goes into an answer, within its budget of tokens, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ragkit.flows.evidence import Gathered
from ragkit.retrieval.budget import within_budget
from ragkit.types import Evidence, EvidenceUse

MOST_EVIDENCE = 24
"""Sentences given to a model: more of them cost seconds and are rarely pointed at."""

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Given:
    """Sentences in the order of their documents' paths and of their text, numbered so from 1.

    The same sentences for another question stand in the same order under the same numbers, so that a
    model that has read them need not read them again. `rank` tells which is the best. costs: tokens
    of each.
    """

    sentences: tuple[Evidence, ...]
    costs: tuple[int, ...]
    use: EvidenceUse

    def best_first(self) -> tuple[Evidence, ...]:
        """The same sentences by their rank."""
        return tuple(sorted(self.sentences, key=lambda item: item.rank))

    def use_without(self, dropped: int) -> EvidenceUse:
        """What is said if the `dropped` lowest scored did not fit the model's context either."""
        pairs = sorted(zip(self.sentences, self.costs, strict=True), key=lambda each: each[0].rank)
        lost = pairs[len(pairs) - dropped :]
        return replace(
            self.use,
            sentences=self.use.sentences - dropped,
            left_out=self.use.left_out + dropped,
            tokens=self.use.tokens - sum(cost for _, cost in lost),
        )


def of_meant(gathered: Gathered) -> Gathered:
    """The evidence of the documents that the question means, if they hold any: a small model that is
    given what another patient's letter says may well repeat that, and a quote of it beside those of
    the right one is a trap. The quotes of 2,034 questions meet their gold as often with it."""
    inside = tuple(item for item in gathered.evidence if item.document_id in gathered.meant)
    return replace(gathered, evidence=inside) if inside else gathered


def is_fenced(gathered: Gathered) -> bool:
    """Whether there is evidence that reads like an instruction to a machine, since it was asked for."""
    return any(item.fenced for item in gathered.evidence)


def give(
    gathered: Gathered,
    count: CountTokens,
    budget: int,
    *,
    counted_by: str,
    most: int = MOST_EVIDENCE,
) -> Given:
    """The best sentences that take at most `budget` tokens, and never more than `most` of them.

    count: tokens of a text; counted_by: whose they are, "generator" or "embedder". The lowest scored
    are left out first. Documents that the question names may fill the budget, another one takes a
    part of it while there are others.
    """
    best = gathered.evidence[:most]
    costs = [count(item.text) for item in best]
    documents = [item.document_id for item in best]
    chosen = within_budget(costs, documents, budget, preferred=gathered.named)
    chosen.sort(key=lambda index: (best[index].document, best[index].start))
    use = EvidenceUse(
        sentences=len(chosen),
        left_out=len(gathered.evidence) - len(chosen),
        tokens=sum(costs[index] for index in chosen),
        budget=budget,
        counted_by=counted_by,
    )
    numbered = (replace(best[index], number=at) for at, index in enumerate(chosen, start=1))
    return Given(tuple(numbered), tuple(costs[index] for index in chosen), use)
