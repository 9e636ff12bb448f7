"""Generating and choosing over a made-up model whose next token is written down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ragkit.errors import UsageFault
from ragkit.llm.sequence import LlamaGeneration, Logits

END = 0
BYTES = 256


class ByteVocabulary:
    """One token a byte; token 0 ends the turn."""

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def ends_turn(self, token: int) -> bool:
        return token == END

    def is_control(self, token: int) -> bool:
        return token == END


def saying(
    text: str, prompt: str = "", seen: list[int] | None = None
) -> Callable[[list[int]], Logits]:
    """Logits of a model that wants to say `text` after `prompt`, then to end."""
    whole = [*(prompt + text).encode(), END]

    def logits_after(tokens: list[int]) -> Logits:
        if seen is not None:
            seen.append(len(tokens))
        logits = np.zeros(BYTES, np.float32)
        logits[whole[len(tokens)] if len(tokens) < len(whole) else END] = 1.0
        return logits

    return logits_after


def generation(
    text: str, *, context: int = 1000, seen: list[int] | None = None
) -> tuple[LlamaGeneration, list[int]]:
    tokens = list(b"> ")
    made = LlamaGeneration(
        ByteVocabulary(),  # type: ignore[arg-type]
        tokens,
        context,
        saying(text, "> ", seen),
        lambda: None,
    )
    return made, tokens


def test_text_up_to_the_end_of_turn() -> None:
    made, _ = generation("años, ¿sí? 😀")
    assert made.generate(max_tokens=100, stop=[]) == "años, ¿sí? 😀"
    assert made.ended


@pytest.mark.parametrize("stop", [". ", "Then", "\n", "é"])
def test_the_sequence_holds_exactly_what_was_returned(stop: str) -> None:
    text = "It is café. Then more\n"
    made, tokens = generation(text)
    said = made.generate(max_tokens=100, stop=["never", stop])
    assert said == text[: text.index(stop)]
    assert bytes(tokens).decode() == "> " + said
    assert not made.ended


def test_the_first_of_several_stops_counts() -> None:
    made, _ = generation("one two three")
    assert made.generate(max_tokens=100, stop=["three", "two", "wo"]) == "one "


def test_max_tokens_and_context_limit_the_text() -> None:
    made, tokens = generation("abcdefghij", context=9)
    assert made.generate(max_tokens=3, stop=[]) == "abc"
    assert made.generate(max_tokens=100, stop=[]) == "def"
    assert len(tokens) == 8
    with pytest.raises(UsageFault, match="needs 13 tokens and the model has 9"):
        made.write("more")


def test_a_choice_follows_the_model_within_the_options() -> None:
    assert generation("12]")[0].choose(["1", "12", "3"]) == "12"
    assert generation("1]")[0].choose(["1", "12", "3"]) == "1"
    assert generation("3")[0].choose(["1", "12", "3"]) == "3"
    made, tokens = generation("nonsense")
    assert made.choose(["10", "20"]) in {"10", "20"}
    assert bytes(tokens).decode() in {"> 10", "> 20"}


def test_what_is_forced_is_not_computed() -> None:
    seen: list[int] = []
    made, tokens = generation("x", seen=seen)
    assert made.choose(["a long forced ending"]) == "a long forced ending"
    assert bytes(tokens) == b"> a long forced ending"
    assert seen == []


def test_choosing_among_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="option"):
        generation("x")[0].choose([])


def test_a_closed_generation_gives_nothing() -> None:
    made, _ = generation("x")
    made.close()
    made.close()
    with pytest.raises(RuntimeError, match="closed"):
        made.generate(max_tokens=1, stop=[])
