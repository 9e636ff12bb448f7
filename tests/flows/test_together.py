"""A stop: what is being written ends with it, what is begun after it at once, and others go on."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from ragkit.errors import Interrupted
from ragkit.flows.together import Stop, Stoppable
from ragkit.protocols import Message
from tests.llm.lowlevel import ByteGenerator, FakeRuntime


def test_a_stop_ends_texts_that_are_being_written() -> None:
    runtime = FakeRuntime(cells=4000)
    stop, writing = Stop(), threading.Event()
    runtime.before_batch = writing.set
    faults: list[Interrupted] = []
    with closing(ByteGenerator(runtime, 3000)) as generator:

        def work() -> None:
            try:
                with closing(Stoppable(generator, stop).start([Message("user", "Go.")])) as text:
                    text.generate(max_tokens=2900, stop=[])
            except Interrupted as fault:
                faults.append(fault)

        thread = threading.Thread(target=work)
        thread.start()
        assert writing.wait(10)
        stop.set()
        thread.join(10)
        assert len(faults) == 1
        assert sum(map(len, runtime.batches)) < 2900
        with closing(generator.start([Message("user", "Others go on.")])) as text:
            assert text.generate(max_tokens=3, stop=[])


def test_what_is_begun_after_the_stop_is_ended_at_once() -> None:
    stop = Stop()
    stop.set()
    with closing(ByteGenerator(FakeRuntime(), 500)) as generator:
        late = Stoppable(generator, stop).start([Message("user", "too late")])
        with pytest.raises(RuntimeError, match="closed"):
            late.generate(max_tokens=1, stop=[])
