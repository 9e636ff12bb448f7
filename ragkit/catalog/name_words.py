"""Which words are part of the name of a party or a patient, as the published documents write them."""

from __future__ import annotations

import re
from collections.abc import Collection

from ragkit.catalog.store import Catalog

_WORD = re.compile(r"\w+(?:[-.&/'’]\w+)*")


def words_in_names(catalog: Catalog, words: Collection[str]) -> tuple[str, ...]:
    """Those of `words` (lower case) that stand in the names of a document. Use inside a snapshot."""
    query = "SELECT names FROM documents WHERE names LIKE ? ESCAPE '!'"
    found = []
    for word in dict.fromkeys(words):
        escaped = re.sub(r"([!%_])", r"!\1", word)
        rows = catalog.connection.execute(query, (f"%{escaped}%",))
        if any(word in _words(str(names)) for (names,) in rows):
            found.append(word)
    return tuple(found)


def _words(names: str) -> set[str]:
    return {match.group().casefold() for match in _WORD.finditer(names)}
