"""What the check of written sentences catches and what it wrongly withholds, by kind.

Pure but for reading the documents: no model, no index. The half that is held out is reported apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ragkit.bench.fault_cases import (
    Case,
    faithful_cases,
    fault_cases,
    paraphrase_cases,
    paraphrased_fault_cases,
)
from ragkit.bench.true_sentences import true_sentences
from ragkit.errors import UsageFault
from ragkit.verification import check_sentence

SEED = 7
_COLUMN = 24


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of `cases` were withheld."""

    withheld: int
    cases: int

    @property
    def share(self) -> float:
        return self.withheld / self.cases if self.cases else 0.0

    def as_dict(self) -> dict[str, object]:
        return {"withheld": self.withheld, "cases": self.cases, "share": round(self.share, 4)}


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """For each group of cases the rates by kind, of the open half and of the one held out.

    group: "faults", "faults in other words", "faithful". rates: group -> half -> kind -> rate.
    """

    rates: Mapping[str, Mapping[str, Mapping[str, Rate]]]
    seed: int = SEED
    passed: tuple[Case, ...] = field(default=(), repr=False)
    """Faults that were let through: for whoever mends the check. They hold words of the documents."""

    def total(self, group: str, half: str) -> Rate:
        rates = self.rates[group][half].values()
        return Rate(sum(rate.withheld for rate in rates), sum(rate.cases for rate in rates))

    def as_dict(self) -> dict[str, object]:
        groups = {
            group: {
                half: {
                    "all": self.total(group, half).as_dict(),
                    "kinds": {kind: rate.as_dict() for kind, rate in kinds.items()},
                }
                for half, kinds in halves.items()
            }
            for group, halves in self.rates.items()
        }
        return {"version": 1, "seed": self.seed, "groups": groups}


def bench_verification(folder: Path, seed: int = SEED) -> VerificationResult:
    """Faults and faithful sentences made from the documents below `folder`, judged by the check.

    Raises UsageFault if there is no document to make them from.
    """
    sentences = true_sentences(folder, seed)
    groups = {
        "faults": fault_cases(sentences, seed),
        "faults in other words": paraphrased_fault_cases(folder, seed),
        "faithful": [*faithful_cases(sentences, seed), *paraphrase_cases(folder)],
    }
    if not groups["faults"]:
        raise UsageFault(f"The documents below {folder} offer nothing to put a fault into.")
    judged = {group: [(case, _passes(case)) for case in cases] for group, cases in groups.items()}
    let_through = (case for cases in judged.values() for case, passes in cases if passes)
    return VerificationResult(
        {group: _by_half(cases) for group, cases in judged.items() if cases},
        seed,
        tuple(case for case in let_through if case.is_fault),
    )


def _passes(case: Case) -> bool:
    return check_sentence(case.claim, case.question, case.cited).supported


def _by_half(judged: Sequence[tuple[Case, bool]]) -> dict[str, dict[str, Rate]]:
    halves: dict[str, Callable[[Case], bool]] = {
        "open": lambda case: not case.held_out,
        "held out": lambda case: case.held_out,
    }
    return {
        half: _by_kind([(case, passes) for case, passes in judged if belongs(case)])
        for half, belongs in halves.items()
    }


def _by_kind(judged: Sequence[tuple[Case, bool]]) -> dict[str, Rate]:
    rates: dict[str, Rate] = {}
    for case, passes in judged:
        before = rates.get(case.kind, Rate(0, 0))
        rates[case.kind] = Rate(before.withheld + (not passes), before.cases + 1)
    return rates


def show_verification(result: VerificationResult) -> str:
    """A table for people: by kind, withheld of all, in each half."""
    parts: list[str] = []
    for group, halves in result.rates.items():
        wanted = "withheld, which is wrong" if group == "faithful" else "caught"
        lines = [f"{group} ({wanted})".ljust(36) + "".join(half.rjust(_COLUMN) for half in halves)]
        kinds = dict.fromkeys(kind for rates in halves.values() for kind in rates)
        for kind in kinds:
            cells = (halves[half].get(kind, Rate(0, 0)) for half in halves)
            lines.append(f"  {kind}".ljust(36) + "".join(_cell(rate) for rate in cells))
        totals = (result.total(group, half) for half in halves)
        lines.append("  all".ljust(36) + "".join(_cell(rate) for rate in totals))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _cell(rate: Rate) -> str:
    return f"{rate.withheld} of {rate.cases}  {100 * rate.share:5.1f} %".rjust(_COLUMN)
