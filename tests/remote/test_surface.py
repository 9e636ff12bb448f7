"""The client has every public method of the real Workspace, with its signature, and can carry its values."""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ragkit
from ragkit import workspace as real
from ragkit.errors import IndexMissing, UsageFault
from ragkit.remote.client import Workspace
from ragkit.remote.codec import from_plain, known_dataclasses, to_plain
from ragkit.remote.frames import BadFrame
from ragkit.remote.surface import LOCAL, operations
from ragkit.types import Answer, Citation, Step, Table

ADDED = {"isolation", "attempts"}
"""What the client has besides: how well the other process is shut off, and what it tried."""


def public(kind: type) -> set[str]:
    """Also of the classes that it is made of."""
    parts = (part for part in kind.__mro__ if part.__module__.startswith("ragkit"))
    return {name for part in parts for name in vars(part) if not name.startswith("_")}


def test_both_have_the_same_public_methods() -> None:
    assert public(Workspace) - ADDED == public(real.Workspace)
    assert operations().keys() | LOCAL == public(real.Workspace)
    assert ragkit.Workspace is Workspace


@pytest.mark.parametrize("name", operations())
def test_a_method_has_the_signature_and_the_words_of_the_real_one(name: str) -> None:
    theirs, ours = getattr(real.Workspace, name), getattr(Workspace, name)
    if isinstance(theirs, property):
        assert isinstance(ours, property)
        theirs, ours = theirs.fget, ours.fget
    assert inspect.getdoc(ours) == inspect.getdoc(theirs)
    shown, wanted = inspect.signature(ours), inspect.signature(theirs)
    assert [str(p).split("=")[0] for p in shown.parameters.values()] == [
        str(p).split("=")[0] for p in wanted.parameters.values()
    ]
    assert shown.return_annotation == wanted.return_annotation


@pytest.mark.parametrize("k", [-1, 0, 1001])
def test_the_number_of_passages_has_bounds(tmp_path: Path, k: int) -> None:
    """As the command's; with a good one the fault is that nothing is indexed."""
    (tmp_path / "files").mkdir()
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    with real.Workspace(config) as workspace:
        with pytest.raises(UsageFault, match=f"k is {k}, and must be 1 to 1000"):
            workspace.search("p", "a question", k=k)
        for good in (1, 1000):
            with pytest.raises(IndexMissing):
                workspace.search("p", "a question", k=good)


def annotations() -> Iterator[Any]:
    for operation in operations().values():
        yield from operation.hints.values()
        yield from operation.callbacks.values()


@pytest.mark.parametrize("annotation", list(annotations()), ids=str)
def test_every_value_of_the_methods_can_be_carried(annotation: Any) -> None:
    for value in samples(annotation):
        carried = from_plain(json.loads(json.dumps(to_plain(value))), annotation)
        assert carried == value
        assert type(carried) is type(value)


def samples(annotation: Any) -> list[Any]:
    """Values of that type, at least one for each branch of it. Fails for one that cannot be carried."""
    simple: dict[Any, Any] = {str: "é\udcff", int: 7, float: 0.1, bool: True, Path: Path("/a b")}
    if annotation in simple:
        return [simple[annotation]]
    if annotation in (None, types.NoneType):
        return [None]
    if annotation in (Any, object):
        return [1, "x", None]
    if annotation in known_dataclasses().values():
        hints = typing.get_type_hints(annotation)
        fields = {f.name: samples(hints[f.name]) for f in dataclasses.fields(annotation)}
        most = max(map(len, fields.values()))
        return [
            annotation(**{name: found[place % len(found)] for name, found in fields.items()})
            for place in range(most)
        ]
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return list(inner)
    if origin in (typing.Union, types.UnionType):
        return [value for kind in inner for value in samples(kind)]
    if origin in (dict, collections.abc.Mapping):
        return [{}, {"k": samples(inner[1])[0]}]
    if origin is list:
        return [[], samples(inner[0])]
    if origin is tuple and inner[-1] is not Ellipsis:
        return [tuple(samples(kind)[0] for kind in inner)]
    if origin in (tuple, collections.abc.Iterable, collections.abc.Sequence):
        return [(), tuple(samples(inner[0]))]
    raise AssertionError(f"{annotation} cannot be carried to the sealed process")


STEP = {"stage": "x", "done": 1, "total": 2, "detail": "", "share": None}


@pytest.mark.parametrize(
    "fields",
    [
        {**STEP, "done": "1"},
        {**STEP, "done": True},
        {**STEP, "done": 1.0},
        {**STEP, "stage": None},
        {**STEP, "share": "0.5"},
        {**STEP, "more": 1},
        {name: value for name, value in STEP.items() if name != "detail"},
        [],
    ],
    ids=str,
)
def test_fields_are_checked_against_their_annotations(fields: Any) -> None:
    assert from_plain({"is": "Step", "fields": STEP}, Step) == Step("x", 1, 2)
    with pytest.raises(BadFrame):
        from_plain({"is": "Step", "fields": fields}, Step)


@pytest.mark.parametrize(
    ("plain", "annotation"),
    [
        ({"is": "Table", "fields": STEP}, Step),
        ({"is": "Step", "fields": STEP, "module": "os"}, Step),
        ({"is": "Popen", "fields": {}}, Answer),
        ("quoted", typing.Literal["kept"]),
        ([1], tuple[int, int]),
        ("abc", tuple[str, ...]),
        ({"a": 1}, tuple[str, ...]),
        ([[1]], dict[str, int]),
        (1, type),
        (None, Citation | Table),
    ],
    ids=str,
)
def test_what_is_of_another_type_is_refused(plain: Any, annotation: Any) -> None:
    with pytest.raises(BadFrame):
        from_plain(plain, annotation)


@pytest.mark.parametrize(
    "value", [b"x", object(), {1: 2}, len, type, [object()]], ids=lambda v: type(v).__name__
)
def test_what_has_no_plain_form_is_not_sent(value: object) -> None:
    with pytest.raises(TypeError):
        to_plain(value)


def test_numbers_of_numpy_become_numbers() -> None:
    import numpy as np

    assert to_plain({"a": np.float32(0.5), "b": [np.int64(3)]}) == {"a": 0.5, "b": [3]}


def test_only_frozen_dataclasses_may_arrive() -> None:
    assert {"Answer", "Isolation", "Fault", "Step"} <= known_dataclasses().keys()
    for kind in known_dataclasses().values():
        assert kind.__module__.startswith(("ragkit.types.", "ragkit.isolation.", "ragkit.errors"))
