"""What every Generator does: the scripted one, the engine over a made-up model, and the real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from ragkit.errors import UsageFault
from ragkit.llm.engine import LlamaEngine
from ragkit.llm.fake import ScriptedGenerator
from ragkit.llm.skeleton import Label, Number, Text, Truth, fill
from ragkit.protocols import GREEDY, Generator, Message, Sampling
from tests.llm.lowlevel import ByteGenerator, FakeRuntime
from tests.llm.test_engine_real import model_path

CONTEXT = 512
HELLO = [Message("user", "Say something about rent.")]


def scripted() -> Generator:
    said = ["The rent is due monthly. And more"] * 20
    return ScriptedGenerator(said, context=CONTEXT)


def made_up() -> Generator:
    return ByteGenerator(FakeRuntime(cells=2 * CONTEXT), CONTEXT)


def real() -> Generator:
    return LlamaEngine(model_path(), name="s", digest="0" * 64, context=CONTEXT, threads=1)


@pytest.fixture(
    scope="module", params=[scripted, made_up, pytest.param(real, marks=pytest.mark.real)]
)
def generator(request: pytest.FixtureRequest) -> Iterator[Generator]:
    make: Callable[[], Generator] = request.param
    with closing(make()) as made:
        yield made


def test_it_says_what_it_is(generator: Generator) -> None:
    assert generator.name
    assert len(generator.digest) == 64
    assert generator.context == CONTEXT
    assert generator.parallel >= 1
    assert generator.count_tokens("one two three") >= 3


def test_text_stays_within_its_limits(generator: Generator) -> None:
    with closing(generator.start(HELLO)) as generation:
        said = generation.generate(max_tokens=5, stop=["e"])
        assert "e" not in said
        assert generator.count_tokens(said) <= 6
        assert 0 <= generation.certainty <= 1


def test_pieces_make_up_the_text(generator: Generator) -> None:
    pieces: list[str] = []
    with closing(generator.start(HELLO)) as generation:
        said = generation.generate(max_tokens=8, stop=["zz"], on_text=pieces.append)
    assert "".join(pieces) == said


def test_a_callback_may_ask_for_another_text(generator: Generator) -> None:
    inner: list[str] = []

    def ask_again(_: str) -> None:
        with closing(generator.start(HELLO)) as other:
            inner.append(other.generate(max_tokens=2, stop=[]))

    with closing(generator.start(HELLO)) as generation:
        generation.generate(max_tokens=2, stop=[], on_text=ask_again)
    assert inner


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(temperature=0.8, top_p=0.9, seed=7)])
def test_the_same_seed_gives_the_same_text(generator: Generator, sampling: Sampling) -> None:
    said = []
    for _ in range(2):
        with closing(generator.start(HELLO)) as generation:
            said.append(generation.generate(max_tokens=6, stop=[], sampling=sampling))
    assert said[0] == said[1]


def test_only_options_come_out(generator: Generator) -> None:
    with closing(generator.start(HELLO)) as generation:
        assert generation.choose(["1", "12", "3"]) in {"1", "12", "3"}
        assert 0 < generation.certainty <= 1
        assert generation.choose(["only"]) == "only"
        with pytest.raises(ValueError, match="option"):
            generation.choose([])


def test_a_prompt_that_does_not_fit_is_refused(generator: Generator) -> None:
    with pytest.raises(UsageFault, match="tokens"):
        generator.start([Message("user", "word " * CONTEXT)])


def test_a_closed_generation_is_closed(generator: Generator) -> None:
    generation = generator.start(HELLO)
    generation.close()
    generation.close()
    with pytest.raises(RuntimeError, match="closed"):
        generation.generate(max_tokens=1, stop=[])
    with pytest.raises(RuntimeError, match="closed"):
        generation.choose(["a", "b"])


def test_several_threads_may_ask(generator: Generator) -> None:
    chosen: list[str] = []

    def ask(number: int) -> None:
        with closing(generator.start([Message("user", f"Number {number}")])) as generation:
            chosen.append(generation.choose(["a", "b"]))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(generator.parallel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(chosen) == generator.parallel


def test_a_skeleton_always_gives_json(generator: Generator) -> None:
    fields = {
        "title": Text(6),
        "year": Number(4),
        "kind": Label(("lease", "loan")),
        "signed": Truth(),
    }
    with closing(generator.start(HELLO, opening="")) as generation:
        found = fill(generation, fields)
    assert list(found) == list(fields)
    assert json.loads(json.dumps(found)) == found
    assert found["kind"] in {"lease", "loan"}
    assert isinstance(found["year"], int)
    assert found["year"] < 10_000
    assert isinstance(found["signed"], bool)


def test_what_stands_in_the_sequence_is_the_object() -> None:
    generator = ScriptedGenerator(["A lease"], ["4", "2", "", "loan", "false"])
    generation = generator.start(HELLO)
    found = fill(
        generation,
        {"title": Text(), "count": Number(), "kind": Label(("lease", "loan")), "signed": Truth()},
    )
    assert found == {"title": "A lease", "count": 42, "kind": "loan", "signed": False}
    assert json.loads(generation.text) == found
    assert fill(generator.start(HELLO), {}) == {}
