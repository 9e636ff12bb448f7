"""Keys and values: how they are compared, and what they may be."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

Values = tuple[str, ...]
Metadata = Mapping[str, Values]
"""By key, as it was written first, the values; every one of them holds."""

DATE_KEY = "date"
"""Whose value goes before the date in a document's text."""
LONGEST_KEY = 64
LONGEST_VALUE = 500
"""Characters. Longer ones are text, which belongs into the document."""
NO_VALUE = ("", "~", "null")
"""What YAML and tables write where there is none."""
_WILD = set("*?[")


def tidy(text: str) -> str:
    """One form of every letter, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """How keys and values are compared: capitals and the way a letter is coded make no difference."""
    return unicodedata.normalize("NFC", tidy(text).casefold())


def fits(pattern: str, value: str) -> bool:
    """Whether a value is the one asked for, or fits it as a pattern ("2024/*")."""
    wanted, given = folded(pattern), folded(value)
    return wanted == given or (not _WILD.isdisjoint(wanted) and fnmatchcase(given, wanted))


def key_fault(key: object) -> str:
    """Why something is no key; "" if it is one. A key must be one that --where KEY=VALUE can ask for."""
    if not isinstance(key, str) or not tidy(key):
        return "a key must be text"
    if "=" in key:
        return "a key must not hold '=', which stands between key and value in --where"
    if not all(sign.isprintable() for sign in key):
        return "a key must not hold line breaks or characters that cannot be seen"
    return f"a key has at most {LONGEST_KEY} characters" if len(key) > LONGEST_KEY else ""


def values_of(given: object) -> tuple[Values, str]:
    """(values, fault) of what stands behind a key: text, or a list of it, as it was written."""
    listed = given if isinstance(given, list) else [given]
    texts = [one for one in listed if isinstance(one, str)]
    if len(texts) < len(listed):
        return (), "must be text or a list of text; a mapping within it is not read"
    values = tuple(dict.fromkeys(tidy(one) for one in texts if one.strip() not in NO_VALUE))
    if any(len(value) > LONGEST_VALUE for value in values):
        return (), f"must have at most {LONGEST_VALUE} characters"
    return values, ""


def overlaid(layers: Iterable[Metadata]) -> dict[str, Values]:
    """One over the other, the last on top. Keys that differ in capitals only are one key."""
    spelled: dict[str, str] = {}
    found: dict[str, Values] = {}
    for layer in layers:
        for key, values in layer.items():
            name = spelled.setdefault(folded(key), key)
            found[name] = values
    return found


def pairs(metadata: Metadata) -> Iterator[tuple[str, str]]:
    """(key, value), in order, as the catalog keeps them."""
    for key in sorted(metadata):
        yield from ((key, value) for value in metadata[key])
