"""One setting: a field of a dataclass that says what it is for, in which range, and what its default is."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, field, fields, is_dataclass
from typing import Any, Literal


def setting(
    default: Any = MISSING,
    about: str = "",
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    pattern: str = "",
) -> Any:
    """A field that can stand in pipelines.yaml; `about` says what it does, in which unit.

    pattern: what each entry of a list must be like; such a list has at least one.
    """
    metadata = {"about": about, "minimum": minimum, "maximum": maximum, "pattern": pattern}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def described(kind: type, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(dotted key, default as YAML, description) of every setting of a class of settings, in order."""
    types = typing.get_type_hints(kind)
    for item in fields(kind):
        name = f"{prefix}{item.name}"
        if is_dataclass(types[item.name]):
            yield from described(typing.cast(type, types[item.name]), f"{name}.")
            continue
        default = "required" if item.default is MISSING else _as_yaml(item.default)
        yield name, default, item.metadata["about"] + _range_of(item, types[item.name])


def _range_of(item: Field[Any], kind: Any) -> str:
    if typing.get_origin(kind) is Literal:
        return f" One of: {', '.join(typing.get_args(kind))}."
    if item.metadata["minimum"] is None:
        return ""
    return f" {item.metadata['minimum']} to {item.metadata['maximum']}."


def _as_yaml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value) if value != "" else '""'
