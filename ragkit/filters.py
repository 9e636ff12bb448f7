"""Checking the filters of a question before anything is opened: each fault says what would be valid."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ragkit.errors import UsageFault
from ragkit.metadata.values import folded, key_fault
from ragkit.periods import Period, likely_meant, period
from ragkit.types.scope import Scope

DATE_FORM = "a date here is a year, a month or a day: 2024, 2024-03 or 2024-03-05"
SCOPE_KEYS = ("documents", "types", "since", "until", "where")


def checked(scope: Scope) -> Scope:
    """The same. Raises UsageFault for a date that is none, or a filter that is empty."""
    _require_unicode(scope)
    since, until = period_of("--since", scope.since), period_of("--until", scope.until)
    if since and until and since.first > until.last:
        raise UsageFault(
            f"--since {scope.since} is after --until {scope.until}: no day lies between them.",
            hint=f"--since {scope.until} --until {scope.since}",
        )
    for option, given in (("--document", scope.documents), ("--type", scope.types)):
        if not all(one.strip() for one in given):
            raise UsageFault(
                f"{option} is empty.", hint=f"Leave {option} out to ask all documents."
            )
    for key, values in scope.conditions():
        if fault := key_fault(key):
            raise UsageFault(f"--where {key!r}: {fault}.", hint="--where client=Acme")
        if not values or not all(one.strip() for one in values):
            raise UsageFault(
                f"--where {key}= names no value.", hint=f'--where "{key}=*" takes any value.'
            )
    return scope


def _require_unicode(scope: Scope) -> None:
    """Of a command line: bytes that are no UTF-8 fit nothing, and cannot be shown again."""
    for words in scope.in_words():
        try:
            words.encode()
        except UnicodeEncodeError:
            option = words.partition(" ")[0]
            raise UsageFault(f"What {option} is given is not valid UTF-8 text.") from None


def period_of(option: str, given: str) -> Period | None:
    """None where no date is given. Raises UsageFault for what is none, with what may be meant."""
    if not given:
        return None
    found = period(given)
    if found is None:
        meant = " or ".join(f"{option} {iso}" for iso in likely_meant(given))
        raise UsageFault(
            f"{option} {given!r} cannot be taken: {DATE_FORM}.",
            hint=meant or f"{option} 2024-03-05",
        )
    return found


def where_of(given: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """ "KEY=VALUE" texts by key, as Scope takes them; keys that differ in capitals are one.

    Raises UsageFault for a text without "=".
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign:
            raise UsageFault(
                f"--where {text!r} has no '=' between key and value.", hint="--where client=Acme"
            )
        name = next((known for known in found if folded(known) == folded(key)), key.strip())
        found[name] = (*found.get(name, ()), value.strip())
    return found


def scope_from_plain(data: object, below: Scope) -> Scope:
    """The "scope" of a line of questions; a key that is not there is taken from `below`.

    Raises UsageFault that says which part is wrong.
    """
    if not isinstance(data, Mapping):
        raise UsageFault(f"'scope' must be an object with some of {', '.join(SCOPE_KEYS)}.")
    for key in data:
        if key not in SCOPE_KEYS:
            near = difflib.get_close_matches(str(key), SCOPE_KEYS, n=1)
            known = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SCOPE_KEYS)}."
            raise UsageFault(f"'scope' has no filter {key!r}; {known}")
    return checked(
        Scope(
            documents=_texts(data, "documents", below.documents),
            types=_texts(data, "types", below.types),
            since=_text(data, "since", below.since),
            until=_text(data, "until", below.until),
            where=_where(data, below.where),
        )
    )


def _texts(data: Mapping[str, Any], key: str, below: tuple[str, ...]) -> tuple[str, ...]:
    given = data.get(key, list(below))
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise UsageFault(f"'{key}' of a scope must be text or a list of text.")
    return tuple(listed)


def _text(data: Mapping[str, Any], key: str, below: str) -> str:
    given = data.get(key, below)
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)  # a year without quotes
    if not isinstance(given, str):
        raise UsageFault(f"'{key}' of a scope must be a date in quotes: {DATE_FORM}.")
    return given


def _where(
    data: Mapping[str, Any], below: Mapping[str, str | tuple[str, ...]]
) -> Mapping[str, str | tuple[str, ...]]:
    given = data.get("where", below)
    if not isinstance(given, Mapping):
        raise UsageFault("'where' of a scope must map keys to values.")
    return given if given is below else {key: _texts(given, key, ()) for key in given}
