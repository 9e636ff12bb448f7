"""Metadata from where a document lies: "{client}/{year}/{kind}/*"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.metadata.values import Metadata, key_fault, tidy

_TOKEN = re.compile(r"\{([^{}]*)\}|(\*\*/?)|(\*)|(\?)|([{}])|([^{}*?]+)")
_EXAMPLE = "'{client}/{year}/*'"


def pattern_fault(pattern: str) -> str:
    """What is wrong with a pattern; "" for nothing."""
    keys: list[str] = []
    for match in _TOKEN.finditer(pattern):
        if match[5]:
            return f"has a brace without its partner; a pattern looks like {_EXAMPLE}"
        if match[1] is not None:
            keys.append(tidy(match[1]))
            if fault := key_fault(match[1]):
                return f"{{{match[1]}}}: {fault}"
            if set("/*?") & set(match[1]):
                return f"{{{match[1]}}}: a key in a path must not hold / * ?"
    if not keys:
        return f"names no key; a pattern looks like {_EXAMPLE}"
    if len({key.casefold() for key in keys}) < len(keys):
        return "names a key twice"
    if re.search(r"\}\{", pattern):
        return "has two keys with nothing between them"
    return ""


class PathPatterns:
    """Reads keys and values out of paths; the first pattern that fits a path holds."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """patterns: without faults, by `pattern_fault`."""
        self._patterns = [_compiled(pattern) for pattern in patterns]

    def of(self, path: str) -> Metadata:
        """path: of a file, POSIX, as ragkit shows it. Empty if no pattern fits."""
        for expression, keys in self._patterns:
            if match := expression.fullmatch(path):
                found = zip(keys, match.groups(), strict=True)
                return {key: (tidy(value),) for key, value in found if tidy(value)}
        return {}


def _compiled(pattern: str) -> tuple[re.Pattern[str], list[str]]:
    """A key and * take what stands between two slashes, ** any number of folders."""
    keys: list[str] = []
    parts: list[str] = []
    for key, deep, star, mark, _, words in _TOKEN.findall(pattern.removeprefix("./")):
        if deep:
            parts.append("(?:.*/)?" if deep.endswith("/") else ".*")
        elif star or mark:
            parts.append("[^/]*" if star else "[^/]")
        elif words:
            parts.append(re.escape(words))
        else:
            keys.append(tidy(key))
            parts.append("([^/]+?)")
    return re.compile("".join(parts), re.DOTALL), keys
