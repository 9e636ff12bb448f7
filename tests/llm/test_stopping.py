"""Ending work at any moment: soon, for all who wait, and never over memory that is freed."""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from typing import Any

import pytest

from ragkit.errors import Interrupted, NotReady
from ragkit.llm.batching import Batcher
from ragkit.llm.handle import ModelHandle
from ragkit.llm.keeping import Instructions
from ragkit.llm.sequence import LlamaGeneration
from ragkit.llm.vocabulary import Vocabulary
from tests.llm.lowlevel import ByteVocabulary, FakeRuntime, reply


def text(batcher: Batcher, prompt: str) -> LlamaGeneration:
    vocabulary: Any = ByteVocabulary()
    return LlamaGeneration(batcher, vocabulary, list(prompt.encode()), 900)


def say(batcher: Batcher, prompt: str, length: int = 12) -> str:
    with closing(text(batcher, prompt)) as generation:
        return generation.generate(max_tokens=length, stop=[])


class Writer(threading.Thread):
    """Writes a text in a thread of its own; `error` is what it ended with."""

    def __init__(self, batcher: Batcher, prompt: str) -> None:
        super().__init__()
        self._generation = text(batcher, prompt)
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._generation.generate(max_tokens=500, stop=[])
        except BaseException as error:  # noqa: BLE001 (looked at by the test)
            self.error = error

    def ended(self) -> BaseException | None:
        self.join(20)
        assert not self.is_alive()
        return self.error


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


def test_ctrl_c_while_closing_is_told_once_the_thread_has_ended(
    runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batcher = Batcher(runtime, Instructions())
    join, pressed = batcher._owner.join, [KeyboardInterrupt, KeyboardInterrupt]

    def interrupted() -> None:
        if pressed:
            raise pressed.pop()
        join()

    monkeypatch.setattr(batcher._owner, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        batcher.close()
    assert runtime.closed
    assert not batcher._owner.is_alive()
    batcher.close()


def test_a_batch_ends_soon_when_all_is_cancelled_and_its_memory_is_not_trusted(
    runtime: FakeRuntime,
) -> None:
    batcher = Batcher(runtime, Instructions())
    with closing(batcher):
        say(batcher, "known before")
        computing = threading.Event()
        runtime.before_batch = lambda: (computing.set(), runtime.interrupted.wait(10))[0]
        writers = [Writer(batcher, f"{n} known before, and more") for n in range(3)]
        assert computing.wait(10)
        batcher.cancel.set()
        errors = [writer.ended() for writer in writers]
        assert all(isinstance(error, Interrupted) for error in errors)
        assert len({id(error) for error in errors}) == 3
        assert runtime.used_cells == 0
        runtime.before_batch = lambda: None
        batcher.cancel.clear()
        assert say(batcher, "known before") == reply("known before", 12)


def test_a_batch_ends_soon_when_the_engine_is_closed(runtime: FakeRuntime) -> None:
    ended = threading.Event()
    batcher = Batcher(runtime, Instructions(), at_end=ended.set)
    computing = threading.Event()
    runtime.before_batch = lambda: (computing.set(), runtime.interrupted.wait(10))[0]
    writer = Writer(batcher, "a long prompt")
    assert computing.wait(10)
    batcher.close()
    assert ended.is_set()
    assert runtime.batches == []
    with pytest.raises(Interrupted, match="closed"):
        raise writer.ended() or AssertionError


def test_a_failure_leaves_nothing_in_any_slot(runtime: FakeRuntime) -> None:
    batcher = Batcher(runtime, Instructions())
    runtime.failing = True
    with closing(batcher):
        writers = [Writer(batcher, f"{n}") for n in range(3)]
        errors = [writer.ended() for writer in writers]
        assert all(isinstance(error, NotReady) for error in errors)
        assert len({id(error) for error in errors}) == 3
    assert {slot for slot, count in runtime.cuts_made if count == 0} == set(range(runtime.slots))


def test_a_text_closed_before_its_job_is_known_is_stopped(runtime: FakeRuntime) -> None:
    batcher = Batcher(runtime, Instructions())
    with closing(batcher):
        generation = text(batcher, "hello")
        wait = generation._wait

        def closed_just_now(*arguments: Any) -> Any:
            generation.close()  # as another thread might at this moment
            return wait(*arguments)

        generation._wait = closed_just_now  # type: ignore[method-assign]
        with pytest.raises(Interrupted):
            generation.generate(max_tokens=800, stop=[])
    assert runtime.batches == []


def test_an_abandoned_engine_ends_without_being_waited_for(runtime: FakeRuntime) -> None:
    ended = threading.Event()
    batcher = Batcher(runtime, Instructions(), at_end=ended.set)
    with batcher._changed:  # as a thread may hold it that collects the garbage
        batcher.end()
        assert not ended.is_set()
    assert ended.wait(10)
    with pytest.raises(Interrupted, match="closed"):
        say(batcher, "too late")


class CountingLibrary:
    """Stands for llama_cpp: every token is a byte, and a freed model is never touched."""

    def __init__(self) -> None:
        self.freed = 0
        self.entered, self.leave = threading.Event(), threading.Event()
        self.leave.set()
        import ctypes

        self.llama_token = ctypes.c_int32

    def llama_model_get_vocab(self, model: object) -> object:
        return model

    def llama_vocab_n_tokens(self, vocab: object) -> int:
        return 256

    def llama_tokenize(self, vocab: object, data: bytes, *_: object) -> int:
        self.entered.set()
        assert self.leave.wait(10)
        assert not self.freed
        return len(data)

    def free(self, model: object) -> None:
        self.freed += 1


def test_a_closed_model_is_not_handed_to_native_code() -> None:
    library = CountingLibrary()
    handle = ModelHandle(object(), library.free)
    vocabulary = Vocabulary(library, handle)
    assert len(vocabulary.tokenize("a sentence of some length")) == 25
    handle.close()
    handle.close()
    assert library.freed == 1
    with pytest.raises(Interrupted, match="closed"):
        vocabulary.tokenize("a sentence of some length")


def test_a_model_is_freed_by_who_leaves_it_last() -> None:
    library = CountingLibrary()
    handle = ModelHandle(object(), library.free)
    vocabulary = Vocabulary(library, handle)
    library.leave.clear()
    counting = threading.Thread(target=vocabulary.tokenize, args=("a sentence of some length",))
    counting.start()
    assert library.entered.wait(10)
    handle.close()
    assert library.freed == 0
    library.leave.set()
    counting.join(10)
    assert library.freed == 1


def test_a_model_is_freed_also_where_its_use_failed() -> None:
    library = CountingLibrary()
    handle = ModelHandle(object(), library.free)
    with suppress(ValueError), handle.use():
        handle.close()
        raise ValueError
    assert library.freed == 1
