"""Text of a web page that a browser does not show, by the styles that say so in the page itself.

What a style sheet beside the page, a script or an animation would change is not known, nor what lies
behind a text that is placed over something; in doubt a text counts as shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ragkit.parsers.page_styles import LIFTING, MOVING, PLACING, UNKNOWN, Sheet, Style

_FAR_OFF = re.compile(r"-\d{4,}(?:\.\d*)?px")
"""A thousand pixels beside a page: where a text is put that is not to be seen."""
BY_FORMAT, TINY, SAME_COLOUR = "hidden by its format", "tiny", "white on white"
OFF = "off the page"
_ZERO_SIZE = re.compile(r"[01](\.\d*)?(px|pt)?|0?\.\d+(px|pt)|(0|0?\.0\d*)(em|rem|%)")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgba?\((\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[^)]*\)")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "snow": (255, 250, 250)}
_NAMED |= {"blue": (0, 0, 255), "yellow": (255, 255, 0), "transparent": None}  # type: ignore[dict-item]
_FILED = "ix:header"
"""Facts of a filed report (inline XBRL): never displayed, and part of what was filed."""
_SILENT = ("head", "title", "style", "script")
_WHOLE = ("html", "body")
"""Never switched off: a page that hides all of itself is shown by a script."""
_OWN_COLOUR = ("a", "mark", "button", "select", "textarea", "input")
_OWN_SIZE = _OWN_COLOUR[2:]
_PLAIN = ("", "none", "static", "auto", "normal", "initial", "0", "0px")
_PICTURES = ("img", "picture", "video", "canvas", "svg", "iframe", "object", "embed")
_NEAR = 8
"""Levels of 256 by which colours must differ to be seen apart."""

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element hands down to those inside it; a colour is None where it cannot be told."""

    behind: Colour | None
    colour: Colour | None = None
    is_tiny: bool = False
    is_invisible: bool = False
    is_lifted: bool = False
    """Whether a shadow or the like shows letters of any colour."""

    @property
    def kind(self) -> str:
        """How text is hidden, "" if it is shown."""
        if self.is_invisible:
            return BY_FORMAT
        if self.is_tiny:
            return TINY
        if self.is_lifted or not self.colour or not self.behind:
            return ""
        return SAME_COLOUR if self._is_near() else ""

    def _is_near(self) -> bool:
        pairs = zip(self.colour or (), self.behind or (), strict=True)
        return all(abs(mine - its) < _NEAR for mine, its in pairs)


def take_hidden(root: Any) -> list[tuple[str, str]]:
    """Remove what is not shown from the tree; (kind, text) of each piece."""
    sheet = Sheet(root)
    taken: list[tuple[str, str]] = []
    waiting = [(root, sheet.style(root), _Look(behind=(255, 255, 255)))]
    while waiting:
        element, style, around = waiting.pop()
        off = OFF if _is_off_page(style) else BY_FORMAT if _is_switched_off(element, style) else ""
        if off and element.tag not in _WHOLE and element.getparent() is not None:
            taken.append((off, element.text_content()))
            element.drop_tree()
            continue
        look = _look(element, style, around)
        if look.kind and element.tag not in _SILENT:
            taken.append((look.kind, _take_own_text(element)))
        children = [(each, sheet.style(each)) for each in element if isinstance(each.tag, str)]
        if any(_may_lie_behind(each, its) for each, its in children):
            look = replace(look, behind=None)
        waiting += [(each, its, look) for each, its in children]
    return [(kind, text) for kind, text in taken if text.strip()]


def _may_lie_behind(element: Any, style: Style) -> bool:
    """Whether `element` may be behind what stands beside it."""
    return style.get("position") in ("absolute", "fixed", UNKNOWN) and (
        element.tag in _PICTURES
        or next(element.iter(*_PICTURES), None) is not None
        or bool(style.keys() & {"background-color", "background-image"})
    )


def _take_own_text(element: Any) -> str:
    """Remove the text that stands directly in `element`; what is inside it may look otherwise."""
    own = [element.text or "", *(child.tail or "" for child in element)]
    element.text = None
    for child in element:
        child.tail = " " if child.tail else None
    return "".join(own)


def _is_switched_off(element: Any, style: Style) -> bool:
    is_off = style["display"] == "none" if "display" in style else _has_hidden(element)
    is_clear = style.get("opacity") == "0" and not _is_said(style, MOVING)
    return (is_off or is_clear) and next(element.iter(_FILED), None) is None


def _is_off_page(style: Style) -> bool:
    """Whether it is placed far beside the page, to the left or above, where nobody scrolls to."""
    is_placed = style.get("position") in ("absolute", "fixed") and not _is_said(style, MOVING)
    return is_placed and any(_FAR_OFF.fullmatch(style.get(side, "")) for side in ("left", "top"))


def _has_hidden(element: Any) -> bool:
    """By its attribute; "until-found" is shown to who searches for it."""
    return "hidden" in element.attrib and element.get("hidden") != "until-found"


def _is_said(style: Style, names: tuple[str, ...]) -> bool:
    return any(style.get(name, "") not in _PLAIN for name in names)


def _look(element: Any, style: Style, around: _Look) -> _Look:
    behind = _background(element, style, around.behind)
    if element.tag in _WHOLE or _is_said(style, MOVING):
        return _Look(behind, None if _is_said(style, MOVING) else _ink(element, style, around))
    size, seen = style.get("font-size"), style.get("visibility")
    is_relative = size is not None and size.endswith(("em", "%")) and not size.endswith("rem")
    is_tiny = size is not None and _ZERO_SIZE.fullmatch(size) is not None
    if size is None:
        is_tiny = around.is_tiny and element.tag not in _OWN_SIZE
    return _Look(
        behind=behind,
        colour=_ink(element, style, around),
        is_tiny=is_tiny or (is_relative and around.is_tiny),
        is_invisible=around.is_invisible if seen is None else seen in ("hidden", "collapse"),
        is_lifted=around.is_lifted or _is_said(style, LIFTING),
    )


def _ink(element: Any, style: Style, around: _Look) -> Colour | None:
    """The colour of its letters. Links and controls have one of their own, whatever is around them."""
    if "color" in style:
        return around.colour if style["color"] == "inherit" else _colour(style["color"])
    return None if element.tag in _OWN_COLOUR else around.colour


def _background(element: Any, style: Style, behind: Colour | None) -> Colour | None:
    """The colour behind the text of `element`; None if it cannot be told, as with a picture."""
    if style.get("background-image", "none") != "none":
        return None
    said = style.get("background-color", "")
    if said and said not in ("transparent", "none", "inherit", "initial", "unset", "0 0"):
        return _colour(said)
    is_over = any(
        "-" in style.get(name, "") if name.startswith("margin") else _is_said(style, (name,))
        for name in PLACING
    )
    # A placed text may stand on anything, and so may one of a cell that a control draws.
    return None if is_over or element.tag in _OWN_COLOUR[1:] else behind


def _colour(said: str) -> Colour | None:
    said = said.strip().lower()
    if found := _HEX.fullmatch(said):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.fullmatch(said):
        return int(found[1]), int(found[2]), int(found[3])
    return _NAMED.get(said)
