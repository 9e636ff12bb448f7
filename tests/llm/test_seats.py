"""Room is kept for a text between two of its steps, and for none that has ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from ragkit.llm.jobs import Job, Seat
from ragkit.llm.seats import PATIENCE, Seats
from ragkit.llm.sequence import reading
from tests.llm.lowlevel import Opened, at_once, reply


def test_texts_written_in_several_steps_are_read_once_where_they_do_not_fit_together(
    opened: Callable[..., Opened],
) -> None:
    one = opened(cells=1000, slots=14)
    prompts = [f"{n}" + f"x{n}" * 150 for n in range(8)]

    def write(prompt: str) -> None:
        with closing(one.start(prompt)) as generation:
            said = generation.generate(max_tokens=20, stop=[])
            generation.write(" [")
            chosen = generation.choose(["1", "2", "12"])
            said += f" [{chosen}" + generation.generate(max_tokens=5, stop=[])
        assert said == reply(prompt, 20) + f" [{chosen}" + reply(f"{prompt}{said[:-5]}", 5)

    at_once(*[lambda prompt=prompt: write(prompt) for prompt in prompts])
    # A thread that a busy machine holds back may lose its seat; all eight reading again is what must not be.
    again = 2 * len(prompts[0])
    assert one.decoded <= sum(len(prompt) + 30 for prompt in prompts) + again


def test_a_text_that_is_left_open_keeps_nobody_waiting_for_long(
    opened: Callable[..., Opened],
) -> None:
    one = opened(cells=500, slots=8)
    left_open = one.start("x" * 300)
    left_open.generate(max_tokens=10, stop=[])
    assert one.say("y" * 300) == reply("y" * 300, 12)
    assert left_open.generate(max_tokens=5, stop=[]) == reply("x" * 300, 15)[10:]
    left_open.close()


class Waiting:
    """Seats by a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.seats = Seats(lambda: self.now)

    def job(self, seat: Seat | None = None, size: int = 10) -> Job:
        tokens = [1] * size
        return Job(reading(tokens), tokens, room=5, seat=seat or Seat())


def test_who_goes_on_comes_before_who_begins() -> None:
    one = Waiting()
    first = one.job()
    one.seats.keep(first)
    begins, goes_on = one.job(), one.job(first.seat)
    assert one.seats.in_turn([begins, goes_on]) == [goes_on, begins]
    assert one.seats.need() == 15
    one.seats.take(goes_on)
    assert one.seats.need() == 0


def test_room_is_given_up_after_a_while_unless_the_text_goes_on() -> None:
    one = Waiting()
    first, other = one.job(), one.job(size=20)
    one.seats.keep(first)
    one.seats.keep(other)
    assert 0 < one.seats.seconds_left() <= PATIENCE
    one.now += 2 * PATIENCE
    assert one.seats.seconds_left() == 0
    one.seats.in_turn([one.job(first.seat)])
    assert one.seats.need() == 15


def test_a_text_that_ended_keeps_no_room() -> None:
    one = Waiting()
    first = one.job()
    one.seats.keep(first)
    first.seat.closed = True
    assert one.seats.seconds_left() == 0
    one.seats.in_turn([])
    assert one.seats.need() == 0
    one.seats.keep(one.job())
    one.seats.forget()
    assert one.seats.need() == 0
