"""The styles that a page of HTML states for its elements, as far as the page alone tells them.

Read are style attributes, and rules of <style> for one tag, class or id. A rule that depends on more
(`ul li`, `.pane.active`, `@media`) is not worked out: what it may set is unknown for every element that
it may be for, unless it could only hide. So a text is never lost to a rule that was not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Style = dict[str, str]
UNKNOWN = "?"
"""A value that is none of those that hide."""
COLOURS = ("color", "background-color", "background-image")
MOVING = ("animation", "animation-name", "transition", "transition-property")
LIFTING = ("text-shadow", "-webkit-text-stroke", "-webkit-text-fill-color", "mix-blend-mode")
PLACING = (
    "position",
    "transform",
    "translate",
    "grid-area",
    "grid-row",
    "grid-column",
    "margin",
    "margin-top",
    "margin-left",
    "margin-right",
    "margin-bottom",
    "z-index",
)
_SHOWING = ("display", "visibility", "opacity", "font-size", "left", "top", "height", "overflow")
_READ = frozenset((*_SHOWING, *COLOURS, *MOVING, *LIFTING, *PLACING))
_BACKGROUNDS = frozenset(COLOURS[1:])
_INVISIBLE = {"display": ("none",), "visibility": ("hidden", "collapse"), "opacity": ("0",)}
_PRINTED = frozenset(("display", "visibility"))

# What is not closed runs to the end, so that no search begins again and again.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_STRING = re.compile(r'(\\.)|"(?:[^"\\\n]|\\.)*"?|\'(?:[^\'\\\n]|\\.)*\'?', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[0-9a-fA-F]{1,6} ?|.)")
_SIMPLE = re.compile(r"[a-z][\w-]*|[.#][\w-]+|[a-z][\w-]*[.#][\w-]+", re.IGNORECASE)
_CONDITION = re.compile(r"::?[\w-]+(?:\([^()]*\))?|\[[^\]]*\]|&")
_BESIDE = re.compile(r"::|:before|:after")
_STEP = re.compile(r"[\s>+~]+")
_COMPOUND = re.compile(r"([a-z][\w-]*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_NAME = re.compile(r"[.#][\w-]+")
_ODD = re.compile(r"[^\w-]")
_DEEPEST, _LONGEST = 8, 1_000
"""Blocks around a block, and characters of a selector, that are looked at."""
_KEYFRAMES = re.compile(r"@(?:-\w+-)?keyframes\b")
_FOR_PRINT = re.compile(r"@media (?:only )?print$")
_OF_NO_ELEMENT = ("@font-face", "@page", "@property", "@counter-style", "@-ms-viewport")

_Value = tuple[bool, int, int, str]
"""(whether it is !important, how special its selector is, its place, the value): the highest wins."""


class Sheet:
    """What the rules of a page say of each of its elements."""

    def __init__(self, root: Any) -> None:
        self._said: dict[str, dict[str, _Value]] = {}
        self._doubted: dict[str, dict[str, bool]] = {}
        self._count = 0
        links = root.iter("link")
        if any("stylesheet" in (link.get("rel") or "").lower() for link in links):
            self._doubt_all()
        for element in root.iter("style"):
            css = _STRING.sub(r"\1", _COMMENT.sub("", element.text or ""))
            for preludes, declared in _blocks(css):
                self._read(preludes, declared)

    def style(self, element: Any) -> Style:
        """What holds for `element`; UNKNOWN for what a rule that was not worked out may set."""
        keys = list(_keys(element))
        best: dict[str, _Value] = {}
        for key in keys:
            for name, said in self._said.get(key, {}).items():
                best[name] = max(best.get(name, said), said)
        own = _declarations(element.get("style") or "")
        style = _by_attributes(element) | {name: said[3] for name, said in best.items()}
        for name, (value, is_important) in own.items():
            is_overruled = not is_important and name in best and best[name][0]
            # In doubt shown: a script may have set what is there, so what shows wins over a rule.
            if not is_overruled or _may_show(name, value):
                style[name] = value
        for key in keys:
            for name, is_important in self._doubted.get(key, {}).items():
                if is_important or name not in own:
                    style[name] = UNKNOWN
        return style

    def _doubt_all(self) -> None:
        """A sheet beside the page may say anything."""
        self._doubted.setdefault("*", {}).update(dict.fromkeys((*_SHOWING, *COLOURS), False))

    def _read(self, preludes: list[str], declared: str) -> None:
        """Take in one block of rules. preludes: what stands before it and those around it."""
        self._count += 1
        last = preludes[-1]
        if last.startswith("@import"):
            self._doubt_all()
        if any(_KEYFRAMES.match(prelude) for prelude in preludes) or last.startswith(
            _OF_NO_ELEMENT
        ):
            return
        found = {name: said for name, said in _declarations(declared).items() if name in _READ}
        if not found:
            return
        selectors = ["*"] if last.startswith("@") else _selectors(last)
        for selector in selectors:
            if len(preludes) == 1 and _SIMPLE.fullmatch(selector):
                self._say(selector, found)
            else:
                self._doubt(selector, found, is_printed=_is_for_print(preludes))

    def _say(self, selector: str, found: dict[str, tuple[str, bool]]) -> None:
        tag, mark, name = re.split(r"([.#]|$)", selector, maxsplit=1)
        weight = {"#": 4, ".": 2}.get(mark, 0) + bool(tag)
        said = self._said.setdefault(f"{tag.lower()}{mark}{name}", {})
        for prop, (value, is_important) in found.items():
            given = (is_important, weight, self._count, value)
            said[prop] = max(said.get(prop, given), given)

    def _doubt(
        self, selector: str, found: dict[str, tuple[str, bool]], *, is_printed: bool
    ) -> None:
        kept = _BACKGROUNDS if _BESIDE.search(selector) else _PRINTED if is_printed else _READ
        for key in _subjects(selector):
            doubted = self._doubted.setdefault(key, {})
            for name, (value, is_important) in found.items():
                if name in kept and _may_show(name, value):
                    doubted[name] = doubted.get(name, False) or is_important


def _may_show(name: str, value: str) -> bool:
    return value not in _INVISIBLE.get(name, ())


def _is_for_print(preludes: list[str]) -> bool:
    return any(_FOR_PRINT.match(prelude) for prelude in preludes)


def _keys(element: Any) -> Iterator[str]:
    """By what a rule may name `element`."""
    tag = element.tag.lower()
    yield from ("*", tag)
    names = [f".{_ODD.sub('_', name)}" for name in (element.get("class") or "").split()]
    for name in (*names, f"#{_ODD.sub('_', element.get('id') or '')}"):
        yield name
        yield f"{tag}{name}"


def _by_attributes(element: Any) -> Style:
    """What attributes of old say, which any rule overrules."""
    style = {}
    if element.tag == "font" and element.get("color"):
        style["color"] = element.get("color")
    if element.tag == "font" and element.get("size"):
        style["font-size"] = UNKNOWN
    if element.get("bgcolor"):
        style["background-color"] = element.get("bgcolor")
    if element.get("background"):
        style["background-image"] = UNKNOWN
    return style


def _blocks(css: str) -> Iterator[tuple[list[str], str]]:
    """(what stands before the block and those around it, its declarations), also of an open end."""
    opened: list[tuple[str, list[str]]] = []
    start, css = 0, css + "}" * css.count("{")
    for mark in re.finditer("[{};]", css):
        piece = css[start : mark.start()].strip()
        start = mark.end()
        if mark[0] == "{":
            opened.append((piece, []))
            continue
        if opened:
            opened[-1][1].append(piece)
        elif piece.startswith("@import"):
            yield [piece], ""
        if mark[0] == "}" and opened:
            around = [prelude for prelude, _ in opened[-_DEEPEST:]]
            yield around, ";".join(opened.pop()[1])


def _selectors(prelude: str) -> list[str]:
    plain = re.sub(r"\([^()]*\)", "()", _ESCAPE.sub("_", prelude))
    return [selector.strip() for selector in plain.split(",")]


def _subjects(selector: str) -> list[str]:
    """Keys of the elements that a rule may be for, "*" for any. One of its names is enough.

    ".pane.active" may be for each ".pane", since scripts add the other name.
    """
    if len(selector) > _LONGEST:
        return ["*"]
    bare = _CONDITION.sub("", selector.replace(":root", "html"))
    found = _COMPOUND.fullmatch(_STEP.split(bare)[-1])
    if found is None:
        return ["*"]
    tag = (found[1] or "").lower()
    return [f"{tag}{name}" for name in _NAME.findall(found[2])] or [tag or "*"]


def _declarations(css: str) -> dict[str, tuple[str, bool]]:
    """Property -> (value, whether it is !important); shorthands as what they set."""
    found: dict[str, tuple[str, bool]] = {}
    for part in css.lower().split(";"):
        name, _, value = part.partition(":")
        said = value.partition("!")[0].strip(), "important" in value.partition("!")[2]
        match name.strip():
            case "font":
                found["font-size"] = UNKNOWN, said[1]
            case "background":
                found["background-color"] = said
            case "all":
                found.update(dict.fromkeys((*_SHOWING, *COLOURS), (UNKNOWN, said[1])))
            case "opacity" if re.fullmatch(r"0*\.?0*%?", said[0]):
                found["opacity"] = "0", said[1]
            case plain:
                found[plain] = said
    return found
