"""Text of a Word document that a reader of its pages does not see: hidden, tiny, white on white.

White text counts as hidden only where nothing can be behind it: no shading, no highlight, no table of
a style of its own, no text box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

Element = ElementTree.Element

BY_FORMAT, TINY, WHITE = "hidden by its format", "tiny", "white on white"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE = f"{_WORD}val"
_RUN, _TEXT, _BACKGROUND = f"{_WORD}r", f"{_WORD}t", f"{_WORD}background"
_RUN_LOOK = f"{_WORD}rPr"
_OFF = ("0", "false", "off")
_TINIEST = 2
"""Half points: a letter of 1 point is a third of a millimetre."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds for the runs inside an element. style: of the paragraph."""

    style: str = ""
    may_be_dark: bool = False


def hidden_styles(content: bytes) -> frozenset[str]:
    """Ids of the styles in styles.xml whose text is hidden, by themselves or by one they are based on."""
    styles = list(ElementTree.fromstring(content).iter(f"{_WORD}style"))
    based_on = {_id(style): _value(style, "basedOn") for style in styles}
    said = {_id(style): _switch(style.find(_RUN_LOOK), "vanish") for style in styles}
    return frozenset(style for style in said if _inherited(style, said, based_on))


def _inherited(style: str, said: dict[str, bool | None], based_on: dict[str, str]) -> bool:
    for _ in range(len(said)):
        if said.get(style) is not None:
            return bool(said[style])
        style = based_on.get(style, "")
    return False


def take_hidden(root: Element, styles: frozenset[str]) -> list[tuple[str, str]]:
    """Remove what is not seen from the tree; (kind, text) of each run. styles: those that hide."""
    around = _Around(may_be_dark=root.find(_BACKGROUND) is not None)
    found = [
        (run, kind) for run, where in _runs(root, around) if (kind := _kind(run, where, styles))
    ]
    taken = []
    for run, kind in found:
        texts = list(run.iter(_TEXT))
        taken.append((kind, "".join(text.text or "" for text in texts)))
        for text in texts:
            text.text = ""
    return [(kind, text) for kind, text in taken if text.strip()]


def _runs(root: Element, around: _Around) -> Iterator[tuple[Element, _Around]]:
    waiting = [(root, around)]
    while waiting:
        element, here = waiting.pop()
        if element.tag == _RUN:
            yield element, here
        here = _inside(element, here)
        waiting += [(child, here) for child in element]


def _inside(element: Element, around: _Around) -> _Around:
    match element.tag.removeprefix(_WORD):
        case "p":
            look = element.find(f"{_WORD}pPr")
            style = "" if look is None else _value(look, "pStyle")
            return _Around(style, around.may_be_dark or _is_shaded(look))
        case "tbl":
            look = element.find(f"{_WORD}tblPr")
            is_styled = look is not None and bool(_value(look, "tblStyle"))
            return _Around("", around.may_be_dark or is_styled or _is_shaded(look))
        case "tc":
            look = element.find(f"{_WORD}tcPr")
            return _Around("", around.may_be_dark or _is_shaded(look))
        case "txbxContent":
            return _Around("", may_be_dark=True)
        case _:
            return around


def _kind(run: Element, around: _Around, styles: frozenset[str]) -> str:
    """How the text of `run` is hidden, "" if it is seen."""
    look = run.find(_RUN_LOOK)
    said = _switch(look, "vanish")
    by_style = around.style in styles or (look is not None and _value(look, "rStyle") in styles)
    if said or (said is None and by_style):
        return BY_FORMAT
    if look is None:
        return ""
    size = _value(look, "sz")
    if size.isdigit() and int(size) <= _TINIEST:
        return TINY
    is_white = _value(look, "color").upper() == "FFFFFF"
    is_lifted = around.may_be_dark or _is_shaded(look) or bool(_value(look, "highlight"))
    # A character style may shade the text that it makes white.
    return WHITE if is_white and not is_lifted and not _value(look, "rStyle") else ""


def _is_shaded(look: Element | None) -> bool:
    shading = None if look is None else look.find(f"{_WORD}shd")
    if shading is None:
        return False
    fill = shading.get(f"{_WORD}fill", "auto").upper()
    return fill not in ("AUTO", "FFFFFF") or shading.get(_VALUE, "clear") not in ("clear", "nil")


def _switch(look: Element | None, name: str) -> bool | None:
    """Whether a property is on or off; None where nothing is said."""
    found = None if look is None else look.find(f"{_WORD}{name}")
    return None if found is None else found.get(_VALUE, "1") not in _OFF


def _value(element: Element, name: str) -> str:
    found = element.find(f"{_WORD}{name}")
    return "" if found is None else found.get(_VALUE, "")


def _id(style: Element) -> str:
    return style.get(f"{_WORD}styleId", "")
