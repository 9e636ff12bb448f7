"""Generating and choosing over a made-up model whose next token is written down."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from ragkit.errors import UsageFault
from ragkit.llm.jobs import Job, Seat
from ragkit.llm.runtime import Logits
from ragkit.llm.sampling import Picker
from ragkit.llm.sequence import LlamaGeneration
from ragkit.protocols import Sampling
from tests.llm.lowlevel import END, TOKENS, ByteVocabulary


class Wanting:
    """An engine whose model wants to say `text` after `prompt`, then to end. Runs programs in place."""

    def __init__(self, text: str, prompt: str, seen: list[int]) -> None:
        self._whole = [*(prompt + text).encode(), END]
        self._seen = seen

    def submit(self, job: Job) -> None:
        try:
            while True:
                job.program.send(self._logits(job.tokens))
        except StopIteration as end:
            job.finish(end.value)

    def stop(self, job: Job) -> None:
        """Nothing runs beside the caller."""

    def leave(self, seat: Seat) -> None:
        """Room is kept for nobody."""

    def _logits(self, tokens: list[int]) -> Logits:
        self._seen.append(len(tokens))
        logits = np.zeros(TOKENS, np.float32)
        logits[self._whole[len(tokens)] if len(tokens) < len(self._whole) else END] = 1.0
        return logits


def generation(
    text: str, *, context: int = 1000, seen: list[int] | None = None
) -> tuple[LlamaGeneration, list[int]]:
    tokens = list(b"> ")
    engine = Wanting(text, "> ", [] if seen is None else seen)
    made = LlamaGeneration(engine, ByteVocabulary(), tokens, context)  # type: ignore[arg-type]
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


@pytest.mark.parametrize("stop", [". ", "é", "never seen"])
def test_pieces_told_of_make_up_the_text_and_are_never_taken_back(stop: str) -> None:
    pieces: list[str] = []
    made, _ = generation("It is café. Then more 😀")
    said = made.generate(max_tokens=100, stop=["zzz", stop], on_text=pieces.append)
    assert "".join(pieces) == said
    shown = list(itertools.accumulate(pieces))
    assert all(said.startswith(one) for one in shown)
    assert len(pieces) > 3


def test_certainty_is_the_mean_probability_of_what_was_picked() -> None:
    made, _ = generation("abc")
    made.generate(max_tokens=3, stop=[])
    assert made.certainty == pytest.approx(math.e / (math.e + TOKENS - 1))
    made.choose(["x", "y"])
    assert made.certainty == pytest.approx(0.5)
    made.choose(["only one"])
    assert made.certainty == 1.0


def test_certainty_of_an_option_that_begins_another_counts_where_it_ends() -> None:
    """Else "vast" and "vast," would be told apart without a doubt, whatever the model thinks."""
    among = math.e / (math.e + TOKENS - 1)
    made, _ = generation("12")
    assert made.choose(["1", "12"]) == "12"
    assert made.certainty == pytest.approx(among)
    other = 1 / (math.e + TOKENS - 1)
    made, _ = generation("1 ")
    assert made.choose(["1", "12"]) == "1"
    assert made.certainty == pytest.approx(1 - other)


def test_options_of_the_same_tokens_are_no_endless_choice() -> None:
    made, _ = generation("x")
    made._vocabulary.tokenize = lambda text, special=False: [7]  # type: ignore[method-assign]
    assert made.choose(["one", "other"]) == "one"


def picked(sampling: Sampling, chances: list[float], count: int = 400) -> list[int]:
    picker = Picker(sampling)
    logits = np.log(np.array(chances, np.float32))
    return [picker.pick(logits) for _ in range(count)]


def test_a_seed_repeats_itself_and_another_does_not() -> None:
    chances = [0.4, 0.3, 0.2, 0.1]
    once = picked(Sampling(1.0, seed=1), chances)
    assert once == picked(Sampling(1.0, seed=1), chances)
    assert once != picked(Sampling(1.0, seed=2), chances)


def test_drawing_follows_probabilities_temperature_and_the_nucleus() -> None:
    chances = [0.4, 0.3, 0.2, 0.1]
    drawn = picked(Sampling(1.0, seed=3), chances, 4000)
    for token, chance in enumerate(chances):
        assert drawn.count(token) / 4000 == pytest.approx(chance, abs=0.03)
    colder = picked(Sampling(0.5, seed=3), chances, 4000)
    assert colder.count(0) / 4000 == pytest.approx(0.16 / 0.30, abs=0.03)
    assert set(picked(Sampling(1.0, top_p=0.6, seed=3), chances)) == {0, 1}
    assert set(picked(Sampling(1.0, top_p=0.1, seed=3), chances)) == {0}


def test_greedy_takes_the_likeliest_whatever_the_seed() -> None:
    assert set(picked(Sampling(seed=9), [0.2, 0.5, 0.3])) == {1}
    assert set(picked(Sampling(), [0.4, 0.4, 0.2])) == {0}


def test_odds_are_of_the_first_tokens_in_which_two_texts_part() -> None:
    """The wished-for letter has a logit of 1 and all others of 0."""
    made, tokens = generation("a lease is")
    assert made.odds("a lease was", "a lease is") == pytest.approx(-1.0, abs=1e-5)
    assert bytes(tokens).decode() == "> a lease "
    other, _ = generation("a lease is")
    assert other.odds("a lease is", "a leash") == pytest.approx(1.0, abs=1e-5)


def test_where_one_text_begins_the_other_there_are_none() -> None:
    made, tokens = generation("a lease")
    assert made.odds("a lease", "a lease is") is None
    assert made.odds("same", "same") is None
    assert bytes(tokens).decode() == "> "
