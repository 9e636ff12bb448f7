"""Errors <-> plain JSON: only classes of ragkit.errors, made by their own constructors."""

from __future__ import annotations

import inspect
import typing
from typing import Any

from ragkit import errors
from ragkit.errors import RagkitError
from ragkit.remote.codec import from_plain, to_plain
from ragkit.remote.frames import BadFrame


def error_to_plain(error: RagkitError) -> dict[str, Any]:
    """The class, the message, and what its constructor takes by name (hint, faults, kind)."""
    details = {name: to_plain(getattr(error, name)) for name in _details(type(error))}
    return {"is": type(error).__name__, "message": error.message, "details": details}


def error_from_plain(plain: Any) -> RagkitError:
    """Raises BadFrame unless it is an error of the tree, with the details of its class."""
    if not isinstance(plain, dict) or plain.keys() != {"is", "message", "details"}:
        raise BadFrame("not an error")
    found = vars(errors).get(str(plain["is"]))
    if not (isinstance(found, type) and issubclass(found, RagkitError)):
        raise BadFrame("not an error of ragkit")
    details, hints = plain["details"], _details(found)
    if not isinstance(details, dict) or details.keys() != hints.keys():
        raise BadFrame("not the details of this error")
    given = {name: from_plain(details[name], hint) for name, hint in hints.items()}
    return found(from_plain(plain["message"], str), **given)


def _details(kind: type[RagkitError]) -> dict[str, Any]:
    """The keyword arguments of an error's constructor, each kept as an attribute, with their types."""
    hints = typing.get_type_hints(kind.__init__)
    parameters = inspect.signature(kind).parameters.values()
    return {p.name: hints[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}
