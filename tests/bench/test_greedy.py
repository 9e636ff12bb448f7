"""What counts as the same text, as a tie and as another text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ragkit.bench.generating import EngineResult, show_engine
from ragkit.bench.greedy import TIE, compared, prompts
from ragkit.machine import this_machine


class Sides:
    """Writes a prompt's words; the class, and eight at once, change the ones they are told to."""

    def __init__(self, changed: dict[str, float | None]) -> None:
        self.changed = changed

    def engine_text(self, prompt: str, tokens: int) -> str:
        return prompt

    def engine_texts_in_eights(self, asked: Sequence[str], tokens: int) -> list[str]:
        return list(asked)

    def best_text(self, prompt: str, tokens: int) -> str:
        return prompt.upper() if prompt in self.changed else prompt

    def tie(self, prompt: str, one: str, other: str) -> float | None:
        return self.changed[prompt]


@pytest.fixture
def texts() -> dict[str, object]:
    asked = prompts(5)
    changed = {asked[0]: TIE / 2, asked[1]: 2 * TIE, asked[3]: None}
    return compared(Sides(changed), Sides({asked[4]: 0.1}), 5)


def test_prompts_are_all_different() -> None:
    assert len(set(prompts(50))) == 50


def test_a_close_call_is_a_tie_and_what_only_ends_sooner_is_none(texts: dict[str, object]) -> None:
    assert texts["to_the_class"] == {
        "same": 2,
        "ties": 1,
        "different": 2,
        "gaps": [TIE / 2, 2 * TIE],
    }
    assert texts["to_alone"] == {"same": 5, "ties": 0, "different": 0, "gaps": []}
    assert (texts["q8_as_the_class"], texts["q8_as_alone"]) == (4, 5)


def test_it_is_told_in_words(texts: dict[str, object]) -> None:
    figures = {
        "reading": ({"best": 100.0, "flash": 125.0, "ragkit": 100.0},),
        "writing": ({"usual": 30.0, "best": 50.0, "ragkit": 60.0},),
        "eight": ({"usual": 8.0, "ragkit": 4.0},),
        "second_question": ({"first": 10.0, "second": 1.0},),
        "choosing": ({"free": 1.0, "masked": 1.01},),
    }
    settings = {"flash": False, "threads": 2, "batch_threads": 2}
    said = show_engine(EngineResult(this_machine(), "Here.", settings, texts, figures, ()))
    assert "without flash attention, prompts with 2 threads" in said
    assert "2 the same, 1 that part at a tie (up to 0.3 logits), 2 others" in said
    assert "read 1.00 times" in said
    assert "(0.80 with flash attention" in said
    assert "written 2.00 times" in said
