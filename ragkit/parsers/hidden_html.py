"""Text of a web page that a browser does not show, by the styles that say so in the page itself.

Read are style attributes, and rules of <style> for one tag, class or id. What a style sheet beside the
page or a script would change is not known, so in doubt a text counts as shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BY_FORMAT, TINY, SAME_COLOUR = "hidden by its format", "tiny", "white on white"
_RULE = re.compile(r"([^{}@/]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"[a-z][\w-]*|[.#][\w-]+|[a-z][\w-]*[.#][\w-]+", re.IGNORECASE)
_ZERO_SIZE = re.compile(r"[01](\.\d*)?(px|pt)?|0?\.\d+(px|pt)|(0|0?\.0\d*)(em|rem|%)")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgba?\((\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[^)]*\)")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "snow": (255, 250, 250)}
_NAMED |= {"blue": (0, 0, 255), "yellow": (255, 255, 0), "transparent": None}  # type: ignore[dict-item]
_FILED = "ix:header"
"""Facts of a filed report (inline XBRL): never displayed, and part of what was filed."""
_MOST_RULES = 5_000
_SILENT = ("head", "title", "style", "script")
_NEAR = 8
"""Levels of 256 by which colours must differ to be seen apart."""

Style = dict[str, str]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element hands down to those inside it; a colour is None where it cannot be told."""

    behind: Colour | None
    colour: Colour | None = None
    is_tiny: bool = False
    is_invisible: bool = False

    @property
    def kind(self) -> str:
        """How text is hidden, "" if it is shown."""
        if self.is_invisible:
            return BY_FORMAT
        if self.is_tiny:
            return TINY
        return SAME_COLOUR if self.colour and self.behind and self._is_near() else ""

    def _is_near(self) -> bool:
        pairs = zip(self.colour or (), self.behind or (), strict=True)
        return all(abs(mine - its) < _NEAR for mine, its in pairs)


def take_hidden(root: Any) -> list[tuple[str, str]]:
    """Remove what is not shown from the tree; (kind, text) of each piece."""
    sheet = _sheet(root)
    taken: list[tuple[str, str]] = []
    # Whether a sheet beside the page may colour its background.
    is_known = not any("stylesheet" in (link.get("rel") or "") for link in root.iter("link"))
    waiting = [(root, _Look((255, 255, 255) if is_known else None))]
    while waiting:
        element, around = waiting.pop()
        style = _style(element, sheet)
        if _is_switched_off(element, style) and element.getparent() is not None:
            taken.append((BY_FORMAT, element.text_content()))
            element.drop_tree()
            continue
        look = _look(element, style, around)
        if look.kind and element.tag not in _SILENT:
            taken.append((look.kind, _take_own_text(element)))
        waiting += [(child, look) for child in element if isinstance(child.tag, str)]
    return [(kind, text) for kind, text in taken if text.strip()]


def _take_own_text(element: Any) -> str:
    """Remove the text that stands directly in `element`; what is inside it may look otherwise."""
    own = [element.text or "", *(child.tail or "" for child in element)]
    element.text = None
    for child in element:
        child.tail = " " if child.tail else None
    return "".join(own)


def _is_switched_off(element: Any, style: Style) -> bool:
    return (
        style.get("display") == "none"
        or "hidden" in element.attrib
        or style.get("opacity") in ("0", "0.0", "0%")
    ) and next(element.iter(_FILED), None) is None


def _look(element: Any, style: Style, around: _Look) -> _Look:
    size, seen = style.get("font-size"), style.get("visibility")
    is_relative = size is not None and size.endswith(("em", "%")) and not size.endswith("rem")
    is_tiny = size is not None and _ZERO_SIZE.fullmatch(size) is not None
    return _Look(
        behind=_background(element, style, around.behind),
        colour=_colour(style["color"]) if "color" in style else around.colour,
        is_tiny=around.is_tiny if size is None else is_tiny or (is_relative and around.is_tiny),
        is_invisible=around.is_invisible if seen is None else seen in ("hidden", "collapse"),
    )


def _background(element: Any, style: Style, behind: Colour | None) -> Colour | None:
    """The colour behind the text of `element`; None if it cannot be told, as with a picture."""
    said = style.get("background-color") or style.get("background") or element.get("bgcolor")
    if "background-image" in style or element.get("background"):
        return None
    return behind if not said or said in ("transparent", "none") else _colour(said)


def _colour(said: str) -> Colour | None:
    said = said.strip().lower()
    if found := _HEX.fullmatch(said):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.fullmatch(said):
        return int(found[1]), int(found[2]), int(found[3])
    return _NAMED.get(said)


def _style(element: Any, sheet: dict[str, Style]) -> Style:
    """What the page says of `element`, the more special rule last; its own attribute wins."""
    tag, names = element.tag.lower(), (element.get("class") or "").split()
    style: Style = {}
    for key in (tag, *_both(".", names, tag), *_both("#", [element.get("id") or ""], tag)):
        style |= sheet.get(key, {})
    if element.tag == "font" and element.get("color"):
        style["color"] = element.get("color")
    return style | _declarations(element.get("style") or "")


def _both(mark: str, names: list[str], tag: str) -> Iterator[str]:
    for name in names:
        yield f"{mark}{name}"
        yield f"{tag}{mark}{name}"


def _sheet(root: Any) -> dict[str, Style]:
    """Simple selector -> what its rules declare. Rules for print or for screens of a size are not read."""
    sheet: dict[str, Style] = {}
    for element in root.iter("style"):
        rules = _without_at_rules(_COMMENT.sub("", element.text or ""))
        for count, rule in enumerate(_RULE.finditer(rules)):
            if count > _MOST_RULES:
                break
            for selector in map(str.strip, rule[1].split(",")):
                if _SELECTOR.fullmatch(selector):
                    sheet.setdefault(selector, {}).update(_declarations(rule[2]))
    return sheet


def _without_at_rules(css: str) -> str:
    """Drop what stands within @media and the like, which holds in some cases only."""
    kept, depth, start = [], 0, 0
    for mark in re.finditer(r"@[^{};]*\{|[{}]", css):
        if depth == 0 and mark[0][0] == "@":
            kept.append(css[start : mark.start()])
            depth = 1
        elif depth:
            depth += 1 if mark[0][-1] == "{" else -1
            start = mark.end()
    return "".join((*kept, css[start:] if depth == 0 else ""))


def _declarations(css: str) -> Style:
    pairs = (part.partition(":") for part in css.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}
