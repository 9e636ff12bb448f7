"""What was read for earlier texts is held no longer than it pays, and never taken from a text at work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from tests.llm.lowlevel import Opened, reply

ONE = "a first question over some documents " * 3
TWO = "the second, over others, much like it " * 3
THREE = "at last one that is about something else " * 3


def test_a_text_that_goes_on_from_the_latest_has_all_of_it(opened: Callable[..., Opened]) -> None:
    engine = opened(most_idle=10)
    engine.say(ONE)
    before = engine.decoded
    assert engine.say(ONE + "and more") == reply(ONE + "and more", 12)
    assert engine.decoded - before < len(ONE)


def test_older_ones_go_where_holding_them_costs(opened: Callable[..., Opened]) -> None:
    engine = opened(most_idle=10)
    for prompt in (ONE, TWO, THREE):
        assert engine.say(prompt) == reply(prompt, 12)
    assert engine.runtime.used_cells < len(THREE) + 3 * 12
    before = engine.decoded
    assert engine.say(ONE) == reply(ONE, 12)
    assert engine.decoded - before >= len(ONE)


def test_a_short_text_between_two_takes_nothing_away(opened: Callable[..., Opened]) -> None:
    """Such as one that has a question understood before it is answered."""
    engine = opened(most_idle=10)
    engine.say(ONE)
    engine.say("a follow-up?")
    before = engine.decoded
    assert engine.say(ONE + "and more") == reply(ONE + "and more", 12)
    assert engine.decoded - before < len(ONE)


def test_all_stay_where_it_costs_nothing(opened: Callable[..., Opened]) -> None:
    engine = opened()
    for prompt in (ONE, TWO, THREE):
        engine.say(prompt)
    before = engine.decoded
    engine.say(ONE)
    assert engine.decoded - before < len(ONE)


def test_a_text_between_two_steps_keeps_what_it_has(opened: Callable[..., Opened]) -> None:
    engine = opened(most_idle=10, clock=lambda: 0.0)  # no moment is too long
    with closing(engine.start(ONE)) as going_on:
        begun = going_on.generate(max_tokens=4, stop=[])
        engine.say(TWO)
        engine.say(THREE)
        before = engine.decoded
        rest = going_on.generate(max_tokens=4, stop=[])
    assert begun + rest == reply(ONE, 8)
    assert engine.decoded - before < len(ONE)
