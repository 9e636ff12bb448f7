"""Counts in summaries and sweeps: one is said as one."""

from __future__ import annotations

import pytest

from ragkit.rendering.counting import counted
from ragkit.rendering.summary_plan import show_plan
from ragkit.rendering.sweeps import show_counts
from ragkit.rendering.sweeps import show_plan as show_sweep_plan
from ragkit.types.summaries import SummaryPlan
from ragkit.types.sweeps import Sweep, SweepCount, SweepPlan


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 documents"), (1, "1 document"), (2, "2 documents")]
)
def test_a_count_bends_its_noun(count: int, said: str) -> None:
    assert counted(count, "document") == said


def test_a_plan_of_one_document_says_so() -> None:
    shown = show_plan(SummaryPlan("legal", 1, 0, 0, "quote", 4.0, "sample", 1))
    assert shown.startswith("legal: 1 document, 1 to summarize")
    assert "by 1 document summarized now" in shown
    assert "2 documents" in show_plan(SummaryPlan("legal", 2, 2, 0, "quote"))


def test_a_sweep_of_one_document_says_so() -> None:
    count = SweepCount("law", "Which law governs it?", 1, 0, 0, 0)
    assert "1 document, 1 row judged now, 0 before" in show_counts(
        Sweep("legal", 1, 1, (count,), 1, 0, 0.5), ""
    )
    assert "3 documents, 2 rows judged now, 1 before" in show_counts(
        Sweep("legal", 1, 3, (count,), 2, 1, 0.5), ""
    )
    plan = show_sweep_plan(SweepPlan("legal", 1, 1, 1, 1, None))
    assert plan == "legal: 1 document, 1 question: 1 row, 1 of them to judge."
    assert "4 questions: 8 rows" in show_sweep_plan(SweepPlan("legal", 2, 4, 8, 8, None))
