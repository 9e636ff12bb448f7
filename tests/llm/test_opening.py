"""A model that is opened while something else is done: who takes it, who gives it up, what is told."""

from __future__ import annotations

import os
import threading

import pytest

from ragkit.errors import Interrupted, NotReady
from ragkit.flows.generators import Generators
from ragkit.llm import environment
from ragkit.llm.environment import environment_for_loading, set_environment
from ragkit.llm.fake import ScriptedGenerator
from ragkit.llm.opening import Opening, Wanted, still_wanted
from ragkit.protocols import Generator
from ragkit.settings import GeneratorSettings


class Model(ScriptedGenerator):
    closed = False

    def close(self) -> None:
        self.closed = True


def test_it_is_opened_meanwhile_in_another_thread() -> None:
    begun, searched, model = threading.Event(), threading.Event(), Model()
    by: list[threading.Thread] = []

    def open_model(_: Wanted) -> Generator:
        by.append(threading.current_thread())
        begun.set()
        assert searched.wait(10)
        return model

    opening = Opening(open_model)
    assert begun.wait(10)  # it has begun, and who has asked for it goes on
    searched.set()
    assert opening.taken() is model
    assert opening.taken() is model
    assert by != [threading.current_thread()]


def test_what_went_wrong_is_told_to_who_takes_it_and_to_nobody_else() -> None:
    def open_model(_: Wanted) -> Generator:
        raise NotReady("there is no memory")

    opening = Opening(open_model)
    with pytest.raises(NotReady, match="there is no memory"):
        opening.taken()
    Opening(open_model).give_up()


def test_given_up_it_is_closed_and_a_measurement_ends() -> None:
    model, measured = Model(), threading.Event()

    def open_model(wanted: Wanted) -> Generator:
        while wanted():
            measured.wait(0.001)
        return model

    Opening(open_model).give_up()
    assert model.closed
    with pytest.raises(Interrupted):
        still_wanted(lambda: False)


def test_each_is_opened_once() -> None:
    opened: list[Model] = []

    def make(*_: object) -> Generator:
        opened.append(Model())
        return opened[-1]

    settings, generators = GeneratorSettings(), Generators(make)
    generators.open_ahead(settings)
    generators.open_ahead(settings)
    model = generators.opened(settings)
    assert opened == [model]
    generators.open_ahead(settings)
    assert generators.opened(settings) is model
    generators.close()
    assert opened[0].closed
    generators.open_ahead(settings)
    generators.close()  # nobody has taken it
    assert [one.closed for one in opened] == [True, True]


def test_after_a_fault_it_is_tried_anew() -> None:
    tries: list[object] = [NotReady("busy"), Model()]

    def make(*_: object) -> Generator:
        made = tries.pop(0)
        if isinstance(made, Exception):
            raise made
        return made

    settings, generators = GeneratorSettings(), Generators(make)
    generators.open_ahead(settings)
    with pytest.raises(NotReady):
        generators.opened(settings)
    assert isinstance(generators.opened(settings), Model)


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_is_loaded", False)
    monkeypatch.setattr(environment, "_is_patient", False)
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "GGML_NO_BACKTRACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("unloaded")
def test_the_environment_is_set_before_loading_and_not_for_children() -> None:
    set_environment()
    assert os.environ["GOMP_SPINCOUNT"] == "1000"
    with environment_for_loading():
        assert os.environ["GOMP_SPINCOUNT"] == "1000"
    assert "GOMP_SPINCOUNT" not in os.environ
    assert os.environ["GGML_NO_BACKTRACE"] == "1"
    set_environment()  # loaded: it would be read by nobody
    assert "GOMP_SPINCOUNT" not in os.environ


@pytest.mark.usefixtures("unloaded")
def test_who_has_said_how_threads_wait_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    with environment_for_loading():
        assert "GOMP_SPINCOUNT" not in os.environ
    assert os.environ["OMP_WAIT_POLICY"] == "active"
