"""What `ragkit bench summaries` makes of its figures, and in which order prompts are given to the class."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ragkit.bench.summarized import _in_turn, memory
from ragkit.bench.summarizing import SummariesResult, show_summaries
from ragkit.flows.overhearing import Heard
from ragkit.machine import this_machine
from ragkit.protocols import Message


def round_of(ragkit: float, usual: float, peak: float) -> dict[str, float]:
    sides = {"ragkit": ragkit, "usual": usual, "best": usual / 2}
    used = {"ragkit_processor": 10.0, "usual_processor": usual, "best_processor": usual}
    told = {"documents": 25, "prompts": 90, "tokens": 900, "resident": 1, "peak": peak}
    return {**told, **sides, **used}


RESULT = SummariesResult(
    this_machine(),
    "starter",
    {"usual": {"threads": 1, "batch": 2}, "best": {"threads": 2, "batch": 2}},
    (
        round_of(10, 20, 900),
        round_of(10, 30, 1000),
        round_of(20, 50, 1000),
        round_of(10, 18, 1050),
    ),
)


def test_ratios_are_medians_of_rounds_and_of_all_together() -> None:
    assert RESULT.documents == 100
    assert RESULT.documents_per_minute("ragkit") == 120
    assert RESULT.ratio("usual") == pytest.approx(2.25)
    assert RESULT.overall("usual") == pytest.approx(118 / 50)
    assert RESULT.ratio("best") == pytest.approx(2.25 / 2)
    assert RESULT.processor("usual") == pytest.approx(2.5)
    assert RESULT.growth == pytest.approx(1.05)
    told = RESULT.as_dict()
    assert told["peak_memory_growth"] == 1.05
    assert "2.25 and 1.12 times as many" in show_summaries(RESULT)
    assert "1.05 times" in show_summaries(RESULT)


def test_where_the_system_tells_no_memory_nothing_is_said_of_it() -> None:
    silent = {name: value for name, value in RESULT.rounds[0].items() if name != "peak"}
    result = SummariesResult(RESULT.machine, "starter", RESULT.threads, (silent,))
    assert result.as_dict()["peak_memory_mb"] is None
    assert "Memory" not in show_summaries(result)


def test_the_class_is_given_the_prompts_of_a_text_one_after_the_other() -> None:
    """As they would come if no other was written beside it: it then reads least again."""

    def heard(text: str, opening: str, said: str, *more: str) -> Heard:
        said_before = tuple(Message("assistant", each) for each in more)
        return Heard((Message("system", "s"), Message("user", text), *said_before), opening, said)

    ended = [
        heard("b", "", "x y"),
        heard("a", "", "x"),
        heard("b", "", "z", "again"),
        heard("a", "x", ""),
        heard("b", "x y", "w"),
    ]
    own: Any = SimpleNamespace(engine=SimpleNamespace(count_tokens=lambda text: len(text.split())))

    def usual(name: str, asked: list[Heard]) -> list[str]:
        assert name == "rendered"
        return [each.messages[1].content + each.opening for each in asked]

    assert _in_turn(ended, own, usual) == [("b", 2), ("b", 1), ("bx y", 1), ("a", 1)]


def test_memory_is_told_in_megabytes() -> None:
    told = memory()
    assert told == {} or 1 < told["resident"] <= told["peak"] < 1_000_000
