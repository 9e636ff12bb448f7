"""Many texts at once over one memory: each says what it would say alone, whatever happens to others."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from ragkit.errors import Interrupted, NotReady
from ragkit.llm.jobs import Job
from ragkit.llm.sequence import reading
from tests.llm.lowlevel import Opened, at_once, reply


@pytest.mark.parametrize("cuts", [True, False])
def test_texts_written_at_once_are_as_written_alone(
    opened: Callable[..., Opened], cuts: bool
) -> None:
    one = opened(cuts=cuts, slots=6, largest_batch=32)
    prompts = [f"{'The same long beginning. ' * 3}Question {n}?" for n in range(12)]
    said: dict[str, str] = {}

    def say(prompt: str) -> None:
        said[prompt] = one.say(prompt)

    at_once(*[lambda prompt=prompt: say(prompt) for prompt in prompts])
    assert said == {prompt: reply(prompt, 12) for prompt in prompts}


def test_a_batch_holds_a_token_of_each(opened: Callable[..., Opened]) -> None:
    one = opened()
    everyone = threading.Barrier(4)
    # A batch takes as long as a thread may need to come in: else one has ended before the next begins.
    one.runtime.before_batch = lambda: time.sleep(0.005)

    def say(prompt: str) -> None:
        with closing(one.start(prompt)) as generation:
            everyone.wait(10)
            generation.generate(max_tokens=40, stop=[])

    at_once(*[lambda n=n: say(f"{n} prompt") for n in range(4)])
    assert any(len({row.slot for row in batch}) == 4 for batch in one.runtime.batches)


def test_a_shared_beginning_is_read_once_also_by_prompts_that_come_together(
    opened: Callable[..., Opened],
) -> None:
    one = opened(largest_batch=16)
    shared = "These are the documents, in the same order for all who ask. " * 4
    ready = threading.Event()
    one.runtime.before_batch = lambda: ready.wait(10) or None
    at_once(*[lambda n=n: one.say(f"{shared}{n}?", 3) for n in range(6)], ready.set)
    assert one.decoded < len(shared) + 6 * (len("0?") + 3 + 16)
    assert one.runtime.copies


def test_a_second_question_over_the_same_documents_reads_only_the_question(
    opened: Callable[..., Opened],
) -> None:
    one = opened()
    documents = "word " * 60
    one.say(f"{documents}What is the fee?")
    before = one.decoded
    assert one.say(f"{documents}And the term?") == reply(f"{documents}And the term?", 12)
    assert one.decoded - before < 30


def test_a_prompt_that_was_just_read_is_not_read_again(opened: Callable[..., Opened]) -> None:
    one = opened()
    one.start("exactly this prompt").read()
    before = one.decoded
    assert one.say("exactly this prompt", 1) == reply("exactly this prompt", 1)
    assert one.decoded == before


def test_the_same_prompt_twice_at_once(opened: Callable[..., Opened]) -> None:
    one = opened()
    said: list[str] = []
    for _ in range(10):
        at_once(*[lambda: said.append(one.say("the same", 6)) for _ in range(4)])
    assert set(said) == {reply("the same", 6)}


def test_full_memory_gives_up_what_was_read_for_earlier_questions(
    opened: Callable[..., Opened],
) -> None:
    one = opened(cells=300, slots=8)
    for number in range(10):
        prompt = f"{number} " + "x" * 80
        assert one.say(prompt) == reply(prompt, 12)
    assert one.runtime.used_cells <= 300


def test_what_does_not_fit_together_is_done_one_after_the_other(
    opened: Callable[..., Opened],
) -> None:
    one = opened(cells=250, slots=8)
    prompts = [f"{number} " + "y" * 150 for number in range(5)]
    said: list[str] = []
    at_once(*[lambda prompt=prompt: said.append(one.say(prompt)) for prompt in prompts])
    assert sorted(said) == sorted(reply(prompt, 12) for prompt in prompts)


def slowly(told: Callable[[], object]) -> Callable[[], None]:
    """A fake would have written hundreds of tokens before a busy machine lets the other thread run."""

    def before_batch() -> None:
        told()
        time.sleep(0.005)

    return before_batch


def test_a_stopped_text_ends_and_the_others_go_on(opened: Callable[..., Opened]) -> None:
    one = opened()
    batches_done = threading.Semaphore(0)
    one.runtime.before_batch = slowly(batches_done.release)
    stopped = one.start("to be stopped")

    def stop_soon() -> None:
        for _ in range(8):
            assert batches_done.acquire(timeout=10)
        stopped.close()

    def write() -> None:
        with pytest.raises(Interrupted):
            stopped.generate(max_tokens=800, stop=[])

    said: list[str] = []
    at_once(write, stop_soon, lambda: said.append(one.say("to go on", 200)))
    assert said == [reply("to go on", 200)]
    with pytest.raises(RuntimeError, match="closed"):
        stopped.generate(max_tokens=1, stop=[])


def test_a_deadline_ends_a_text(opened: Callable[..., Opened]) -> None:
    one = opened()
    one.runtime.before_batch = lambda: time.sleep(0.01)
    generation = one.start("in time", deadline=time.monotonic() + 0.1)
    with closing(generation), pytest.raises(Interrupted, match="longer than it was given"):
        generation.generate(max_tokens=800, stop=[])
    assert one.say("later") == reply("later", 12)


def test_cancelling_stops_all_until_it_is_cleared(opened: Callable[..., Opened]) -> None:
    one = opened()
    one.batcher.cancel.set()
    with pytest.raises(Interrupted):
        one.say("anything")
    one.batcher.cancel.clear()
    assert one.say("anything") == reply("anything", 12)


def test_closing_ends_who_waits_and_refuses_who_comes(opened: Callable[..., Opened]) -> None:
    one = opened()
    begun = threading.Event()
    one.runtime.before_batch = slowly(begun.set)
    generation = one.start("a long text")

    def write() -> None:
        with pytest.raises(Interrupted, match="closed"):
            generation.generate(max_tokens=880, stop=[])

    begun.clear()
    at_once(write, lambda: begun.wait(10) and one.batcher.close())
    with pytest.raises(Interrupted, match="closed"):
        one.say("too late")


def test_a_failure_is_told_to_who_asked_and_the_next_text_is_right(
    opened: Callable[..., Opened],
) -> None:
    one = opened()
    one.say("known before")
    one.runtime.failing = True
    with pytest.raises(NotReady, match="failed with RuntimeError") as caught:
        one.say("known before, and more")
    assert "broken" not in caught.value.message  # it might be words of a document
    assert "ragkit models verify" in caught.value.hint
    one.runtime.failing = False
    assert one.say("known before") == reply("known before", 12)


def test_an_error_of_a_callback_ends_only_its_text(opened: Callable[..., Opened]) -> None:
    one = opened()

    def refuse(text: str) -> None:
        raise ValueError("no more")

    with closing(one.start("told")) as generation, pytest.raises(ValueError, match="no more"):
        generation.generate(max_tokens=500, stop=[], on_text=refuse)
    assert one.say("told") == reply("told", 12)


@pytest.mark.parametrize("cuts", [True, False])
def test_whatever_is_asked_stopped_and_cut_no_text_is_wrong(
    opened: Callable[..., Opened], cuts: bool
) -> None:
    one = opened(cuts=cuts, cells=400, slots=5, largest_batch=24)
    shared = ["", "These are documents. " * 4, "Instructions! "]

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for turn in range(12):
            beginning = chance.choice(shared)
            prompt = f"{beginning}{seed}-{turn}?"
            fixed = len(beginning) if beginning.startswith("Inst") else 0
            with closing(one.start(prompt, fixed=fixed)) as generation:
                said = ""
                for _ in range(chance.randrange(1, 4)):
                    if chance.random() < 0.3:
                        generation.write("=")
                        said += "="
                    stop = [chr(chance.randrange(97, 123))]
                    more = generation.generate(max_tokens=chance.randrange(1, 20), stop=stop)
                    assert more == reply(prompt + said, 20).partition(stop[0])[0][: len(more)]
                    said += more

    at_once(*[lambda seed=seed: work(seed) for seed in range(6)])


def test_prompts_that_do_not_fit_together_are_read_once(opened: Callable[..., Opened]) -> None:
    """Start all, then ask all: what was read for one must not give way to the next."""
    one = opened(cells=1000, slots=14)
    prompts = [f"{n}" + f"x{n}" * 150 for n in range(8)]

    def write(prompt: str) -> None:
        with closing(one.start(prompt)) as generation:
            assert generation.generate(max_tokens=20, stop=[]) == reply(prompt, 20)

    at_once(*[lambda prompt=prompt: write(prompt) for prompt in prompts])
    assert one.decoded <= sum(len(prompt) + 20 for prompt in prompts)


def test_what_a_job_needs_does_not_grow_with_what_it_writes() -> None:
    tokens = list(range(300))
    job = Job(reading(tokens), tokens, room=100)
    tokens += range(100)
    assert job.need == 400
