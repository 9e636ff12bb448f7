"""What can be asked of a Workspace: its public methods, read from their files without running them.

Importing ragkit.workspace loads numpy and most of ragkit, which the caller's process needs not. What
is read here is our own source; a method that someone adds there can be called from here at once.
"""

from __future__ import annotations

import ast
import collections.abc
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from ragkit.remote.codec import known_names

_FOLDER = Path(__file__).parent.parent / "workspace"
_CLASSES = {
    "base.py": "Opened",
    "indexing.py": "Indexing",
    "asking.py": "Asking",
    "sweeping.py": "Sweeping",
    "nights.py": "Nights",
    "learning.py": "Learning",
    "auditing.py": "Auditing",
}
"""Files in which the classes stand that a Workspace is made of."""
LOCAL = frozenset({"close", "converse"})
"""What the client does itself."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One public method, or property. hints: of its arguments and its "return".

    callbacks: names of the arguments that are functions, with what they are given.
    """

    name: str
    signature: Signature
    hints: dict[str, Any]
    callbacks: dict[str, Any]
    doc: str
    is_property: bool


class _AsWritten:
    """A default that is a name in its file: shown by help(), never sent."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __repr__(self) -> str:
        return self._source


@cache
def operations() -> dict[str, Operation]:
    """All public methods and properties by name, in the order of the files."""
    return {
        node.name: _operation(node)
        for file, name in _CLASSES.items()
        for node in _class(_FOLDER / file, name).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.name not in LOCAL
    }


def _class(file: Path, name: str) -> ast.ClassDef:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise AssertionError(f"{file} has no class {name}")


def _operation(node: ast.FunctionDef) -> Operation:
    parameters = list(_parameters(node.args))
    assert node.returns is not None
    written = {p.name: p.annotation for p in parameters[1:]} | {"return": ast.unparse(node.returns)}
    hints = _resolved(written)
    callbacks = {name: given for name, hint in hints.items() if (given := _given_to(hint))}
    return Operation(
        name=node.name,
        signature=Signature(parameters, return_annotation=written["return"]),
        hints={name: hint for name, hint in hints.items() if name not in callbacks},
        callbacks={name: given[0] for name, given in callbacks.items()},
        doc=ast.get_docstring(node) or "",
        is_property=any(ast.unparse(one) == "property" for one in node.decorator_list),
    )


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    """Those of a plain signature: by position or name, and by name only."""
    assert arguments.vararg is None
    assert arguments.kwarg is None
    assert not arguments.posonlyargs
    missing = len(arguments.args) - len(arguments.defaults)
    defaults = [None] * missing + list(arguments.defaults)
    for argument, default in zip(arguments.args, defaults, strict=True):
        yield _parameter(argument, default, Parameter.POSITIONAL_OR_KEYWORD)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(argument, default, Parameter.KEYWORD_ONLY)


def _parameter(argument: ast.arg, default: ast.expr | None, kind: Any) -> Parameter:
    annotation = ast.unparse(argument.annotation) if argument.annotation else Parameter.empty
    shown = Parameter.empty if default is None else _default(default)
    return Parameter(argument.arg, kind, default=shown, annotation=annotation)


def _default(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _AsWritten(ast.unparse(node))


def _resolved(written: dict[str, Any]) -> dict[str, Any]:
    """The types behind annotations. Raises NameError for one that cannot be carried."""

    def signature() -> None:
        """Bears the annotations."""

    signature.__annotations__ = written
    names = {**vars(collections.abc), **known_names(), "Path": Path, "Any": Any}
    return typing.get_type_hints(signature, globalns=names)


def _given_to(hint: Any) -> list[Any]:
    """What a callback is given, as a list of one; empty if `hint` is no callback."""
    for kind in (hint, *typing.get_args(hint)):
        if typing.get_origin(kind) is collections.abc.Callable:
            (given,) = typing.get_args(kind)[0]
            return [given]
    return []


def bound(
    operation: Operation, arguments: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by name, only those that were given. Raises TypeError as the method would."""
    found = operation.signature.bind(None, *arguments, **named).arguments
    return {name: value for name, value in found.items() if name != "self"}
