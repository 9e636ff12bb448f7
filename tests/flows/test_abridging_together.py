"""Many documents abridged at once: each as soon as it is done, no more begun than there is work for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import Interrupted
from ragkit.flows import abridging_together
from ragkit.flows.abridgement import Abridgement
from ragkit.flows.abridging import Abridger, Chosen, Rewriting, Wanted
from ragkit.flows.abridging_together import AHEAD, abridged_together
from ragkit.flows.overhearing import Heard, Overheard
from ragkit.flows.summarizing import SummaryRequest, summarize
from ragkit.flows.together import Stop
from ragkit.protocols import Message
from ragkit.types import Step, Summary, SummarySentence
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE, parts_of, require_valid, unseconded
from tests.llm.lowlevel import ByteGenerator, FakeRuntime

PARALLEL = 4


class Desk(Abridger):
    """Rewrites when it is let: each document is one group, named by its language."""

    def __init__(self) -> None:
        def open_nothing() -> object:
            raise AssertionError("no model is opened here")

        super().__init__(Wanted("compose"), open_nothing, open_nothing)  # type: ignore[arg-type]
        self.let = {str(number): threading.Event() for number in range(40)}
        self.failing: set[str] = set()
        self.at_once = self.most_at_once = self.ended = 0
        self._counting = threading.Lock()

    @property
    def parallel(self) -> int:
        return PARALLEL

    def groups(self, chosen: Chosen) -> list[Rewriting]:
        return [Rewriting((), chosen.language)] if chosen.language else []

    def rewritten(self, piece: Rewriting, stop: Stop) -> list[SummarySentence]:
        with self._counting:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        while not self.let[piece.language].wait(0.005):
            if stop.is_set():
                raise Interrupted("stopped")
        with self._counting:
            self.at_once -= 1
            self.ended += 1
        if piece.language in self.failing:
            raise ValueError(piece.language)
        return [SummarySentence(piece.language, (), "kept")]

    def told(self, chosen: Chosen, rewritten: object) -> Abridgement:
        return Abridgement((), tuple(s for said in rewritten for s in said), ())  # type: ignore[attr-defined]


def documents(count: int, begun: list[int]) -> Iterator[tuple[int, Chosen]]:
    for number in range(count):
        begun.append(number)
        yield number, Chosen(str(number), ())


def test_who_is_done_first_comes_first() -> None:
    desk, begun = Desk(), list[int]()
    for number in (2, 3):
        desk.let[str(number)].set()
    with closing(abridged_together(desk, documents(4, begun))) as abridged:
        assert {next(abridged)[0], next(abridged)[0]} == {2, 3}
        desk.let["1"].set()
        assert next(abridged)[0] == 1
        desk.let["0"].set()
        number, abridgement = next(abridged)
        assert (number, abridgement.sentences[0].text) == (0, "0")
        assert list(abridged) == []


def test_no_more_are_begun_than_the_model_has_use_for() -> None:
    desk, begun = Desk(), list[int]()
    desk.let["0"].set()
    with closing(abridged_together(desk, documents(40, begun))) as abridged:
        assert next(abridged)[0] == 0
        assert len(begun) <= AHEAD * PARALLEL + 1
        for let in desk.let.values():
            let.set()
        assert sorted(number for number, _ in abridged) == list(range(1, 40))
    assert desk.most_at_once <= PARALLEL


def test_what_is_done_is_told_while_others_are_still_chosen() -> None:
    """Where choosing takes longer than the model: what is not told is not kept, and a kill loses it."""
    desk, told = Desk(), list[int]()
    for let in desk.let.values():
        let.set()

    def slowly() -> Iterator[tuple[int, Chosen]]:
        for number in range(10):
            assert number <= len(told) + 2  # no more than the two before it are on their way
            yield number, Chosen(str(number), ())
            while desk.ended <= number:
                time.sleep(0.01)

    with closing(abridged_together(desk, slowly())) as abridged:
        for number, _ in abridged:
            told.append(number)
    assert sorted(told) == list(range(10))


def test_what_is_quoted_opens_no_model_and_waits_for_none() -> None:
    desk = Desk()
    with closing(abridged_together(desk, iter([(0, Chosen("7", ())), (1, Chosen("", ()))]))) as two:
        assert next(two)[0] == 1


def test_a_fault_stops_what_is_being_written() -> None:
    desk, begun = Desk(), list[int]()
    desk.failing.add("1")
    desk.let["1"].set()
    with pytest.raises(ValueError, match="1"):
        list(abridged_together(desk, documents(40, begun)))
    assert not any(thread.name.startswith("ragkit-abridging") for thread in threading.enumerate())


def test_ctrl_c_stops_what_is_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, begun = Desk(), list[int]()

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(abridging_together, "wait", pressed)
    with pytest.raises(KeyboardInterrupt):
        list(abridged_together(desk, documents(40, begun)))
    assert not any(thread.name.startswith("ragkit-abridging") for thread in threading.enumerate())


# Through the whole flow, with a model that computes four texts at once


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    for number in range(9):
        corpus.write(f"{number}.txt", LEASE.replace("4,200", f"{number + 10},200"))
    corpus.write("same.txt", LEASE.replace("4,200", "10,200"))
    corpus.ingest()
    return corpus


def composed(corpus: Corpus, runtime: FakeRuntime | None = None, on_step=None) -> Summary:  # type: ignore[no-untyped-def]
    runtime = runtime or FakeRuntime(cells=16_000, slots=10)
    with closing(ByteGenerator(runtime, 4_000)) as generator:
        parts = replace(
            parts_of(corpus),
            style="compose",
            open_generator=lambda: generator,
            model_reads=lambda: True,
        )
        summary = summarize(parts, SummaryRequest(), on_step)
    require_valid(corpus, summary)
    return summary


def test_texts_of_several_documents_are_computed_together(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model, which takes a fake no time, waits until as much is begun as may be."""
    runtime, full = FakeRuntime(cells=16_000, slots=10), threading.Event()
    runtime.before_batch = lambda: full.wait(60)
    ended = abridging_together._Desk.ended

    def waiting(desk: Any) -> Iterator[Any]:
        full.set()
        return ended(desk)

    monkeypatch.setattr(abridging_together._Desk, "ended", waiting)
    steps: list[Step] = []
    summary = composed(corpus, runtime, steps.append)
    assert [d.document for d in summary.documents] == [*(f"{n}.txt" for n in range(9)), "same.txt"]
    together = [len({row.slot for row in batch}) for batch in runtime.batches]
    assert max(together) == PARALLEL
    assert sum(count >= 2 for count in together) > len(together) / 5
    told = [step for step in steps if step.stage == "summarizing"]
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 10, 10)
    assert "tokens/s" in told[-1].detail


def test_interrupted_what_was_made_is_kept_whatever_its_place(corpus: Corpus) -> None:
    def interrupt(step: Step) -> None:
        if step.stage == "summarizing" and step.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="kept"):
        composed(corpus, on_step=interrupt)
    again = composed(corpus)
    assert sum(document.reused for document in again.documents) >= 4
    assert unseconded(composed(corpus)) == unseconded(again)


def test_what_is_erased_while_others_are_written_is_left_out(corpus: Corpus) -> None:
    def erase(step: Step) -> None:
        if step.done == 1 and (corpus.root / "docs/8.txt").exists():
            (corpus.root / "docs/8.txt").unlink()
            (corpus.root / "docs/1.txt").unlink()
            corpus.ingest()

    summary = composed(corpus, on_step=erase)
    gone = {item.document for item in summary.unreadable}
    assert gone == {"1.txt", "8.txt"}
    assert len(summary.documents) == 8


def test_a_text_is_overheard_once_when_it_is_closed() -> None:
    heard: list[Heard] = []
    with closing(Overheard(ByteGenerator(FakeRuntime(), 500), heard.append)) as generator:
        generation = generator.start([Message("user", "go")], opening=" on")
        said = generation.generate(max_tokens=3, stop=[])
        generation.write(" [")
        chosen = generation.choose(["1", "2"])
        assert heard == []
        generation.close()
        generation.close()
    assert heard == [Heard((Message("user", "go"),), " on", f"{said} [{chosen}")]
