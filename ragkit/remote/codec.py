"""Values <-> plain JSON. What is read back is what its annotation says, or BadFrame.

Known are None, bool, int, float, str, Path, tuples, lists, mappings with texts as keys, the frozen
dataclasses of ragkit.types and two small ones of the guard and the errors. A dataclass is written as
{"is": "Page", "fields": {...}}; nothing is ever imported or called by a name that arrives.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import importlib
import numbers
import pkgutil
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import ragkit.types
from ragkit.errors import Fault
from ragkit.isolation import Attempt, Isolation
from ragkit.remote.frames import BadFrame

_SEQUENCES = (
    collections.abc.Iterable,
    collections.abc.Sequence,
    collections.abc.Collection,
)
_MAPPINGS = (dict, collections.abc.Mapping)


@cache
def known_names() -> dict[str, Any]:
    """What annotations of carried values may name: the words of ragkit.types, and two more."""
    names: dict[str, Any] = {"Isolation": Isolation, "Attempt": Attempt, "Fault": Fault}
    for module in pkgutil.iter_modules(ragkit.types.__path__):
        words = vars(importlib.import_module(f"ragkit.types.{module.name}"))
        names |= {name: word for name, word in words.items() if not name.startswith("_")}
    return names


@cache
def known_dataclasses() -> dict[str, type]:
    """The dataclasses that may arrive, by name; only frozen ones, which are values."""
    return {
        name: word
        for name, word in known_names().items()
        if isinstance(word, type) and dataclasses.is_dataclass(word) and _is_frozen(word)
    }


def to_plain(value: object) -> Any:
    """For JSON. Raises TypeError for what cannot be carried."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Integral):  # numpy's too
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, PurePath):
        return str(value)
    if known_dataclasses().get(type(value).__name__) is type(value):
        return {"is": type(value).__name__, "fields": _fields_to_plain(value)}
    if isinstance(value, Mapping):
        return {_key(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return [to_plain(item) for item in value]
    raise TypeError(f"a value of type {type(value).__name__} cannot be handed over")


def from_plain(plain: Any, annotation: Any) -> Any:
    """The value of that type. Raises BadFrame if `plain` is none."""
    try:
        return _decoded(plain, annotation)
    except RecursionError as error:
        raise BadFrame("too deep") from error


def _fields_to_plain(value: Any) -> dict[str, Any]:
    return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("the keys of a mapping must be texts")
    return key


def _decoded(plain: Any, annotation: Any) -> Any:
    if annotation in (Any, object):
        return plain  # JSON's own values, and nothing else
    if annotation in (bool, int, str):
        return plain if type(plain) is annotation else _refuse(annotation)
    if annotation is float:
        return plain if type(plain) in (int, float) else _refuse(annotation)
    if annotation in (None, types.NoneType):
        return plain if plain is None else _refuse(annotation)
    if annotation is Path:
        return Path(plain) if isinstance(plain, str) else _refuse(annotation)
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return _dataclass(plain, annotation)
    if isinstance(annotation, type) and issubclass(annotation, tuple):
        return _named_tuple(plain, annotation)
    return _composed(plain, typing.get_origin(annotation), typing.get_args(annotation))


def _composed(plain: Any, origin: Any, inner: tuple[Any, ...]) -> Any:
    if origin is typing.Literal:
        found = [one for one in inner if type(one) is type(plain) and one == plain]
        return found[0] if found else _refuse("one of its words")
    if origin in (typing.Union, types.UnionType):
        return _one_of(plain, inner)
    if origin in _MAPPINGS and isinstance(plain, dict):
        return {_decoded(key, inner[0]): _decoded(one, inner[1]) for key, one in plain.items()}
    if not isinstance(plain, list):
        return _refuse(origin)
    if origin is list:
        return [_decoded(one, inner[0]) for one in plain]
    if origin in _SEQUENCES or (origin is tuple and inner[-1:] == (...,)):
        return tuple(_decoded(one, inner[0]) for one in plain)
    if origin is tuple and len(inner) == len(plain):
        return tuple(_decoded(one, kind) for one, kind in zip(plain, inner, strict=True))
    return _refuse(origin)


def _one_of(plain: Any, kinds: tuple[Any, ...]) -> Any:
    for kind in kinds:
        try:
            return _decoded(plain, kind)
        except BadFrame:
            continue
    return _refuse("one of its types")


def _dataclass(plain: Any, kind: type) -> Any:
    if known_dataclasses().get(kind.__name__) is not kind:
        return _refuse(kind)
    if not isinstance(plain, dict) or plain.keys() != {"is", "fields"}:
        return _refuse(kind)
    fields = plain["fields"]
    if plain["is"] != kind.__name__ or not isinstance(fields, dict):
        return _refuse(kind)
    hints = _hints(kind)
    if fields.keys() != hints.keys():
        return _refuse(kind)
    return kind(**{name: _decoded(fields[name], hint) for name, hint in hints.items()})


def _named_tuple(plain: Any, kind: Any) -> Any:
    hints = typing.get_type_hints(kind)
    if kind is not Attempt or not isinstance(plain, list) or len(plain) != len(hints):
        return _refuse(kind)
    return kind(*(_decoded(one, hint) for one, hint in zip(plain, hints.values(), strict=True)))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _is_frozen(kind: Any) -> bool:
    return bool(kind.__dataclass_params__.frozen)


def _refuse(expected: object) -> Any:
    """What arrived is not repeated: it may be text of a document."""
    raise BadFrame(f"not {getattr(expected, '__name__', expected)}")
