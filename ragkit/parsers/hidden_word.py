"""Text of a Word document that a reader of its pages does not see: hidden, tiny, white on white.

White text counts as hidden only where nothing can be behind it: no shading, of its own or of a style,
no highlight, no table of a style of its own, no text box, and no placed picture or shape in the document.
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
_EFFECTS = {
    f"{_WORD}{name}" for name in ("highlight", "bdr", "outline", "shadow", "emboss", "imprint")
}
_ANCHOR = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}anchor"
_PICTURE = f"{_WORD}pict"
_DEEPEST = 50
"""Styles on which a style is based in turn; Word allows fewer."""
_OFF = ("0", "false", "off")
_TINIEST = 2
"""Half points: a letter of 1 point is a third of a millimetre."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds for the runs inside an element. style: of the paragraph."""

    style: str = ""
    may_be_dark: bool = False


@dataclass(frozen=True, slots=True)
class Styles:
    """Ids of the styles whose text is hidden, of those that may shade what is behind it, and so on.

    default: of paragraphs that name none.
    """

    hiding: frozenset[str] = frozenset()
    shading: frozenset[str] = frozenset()
    tiny: frozenset[str] = frozenset()
    white: frozenset[str] = frozenset()
    default: str = ""


def read_styles(content: bytes) -> Styles:
    """What styles.xml says of hiding and shading, by the styles themselves or one they are based on."""
    root = ElementTree.fromstring(content)
    styles = list(root.iter(f"{_WORD}style"))
    based_on = {_id(style): _value(style, "basedOn") for style in styles}
    looks = {_id(style): style.find(_RUN_LOOK) for style in styles}
    said = {name: _switch(look, "vanish") for name, look in looks.items()}
    shaded: dict[str, bool | None] = {
        _id(style): any(map(_is_shaded, style.iter())) or None for style in styles
    }
    is_all_shaded = any(map(_is_shaded, root.findall(f"{_WORD}docDefaults/*/*")))
    defaults = (_id(style) for style in styles if _is_default(style))

    def saying(said: dict[str, bool | None]) -> frozenset[str]:
        return frozenset(style for style in said if _inherited(style, said, based_on))

    return Styles(
        hiding=saying(said),
        shading=frozenset(said) if is_all_shaded else saying(shaded),
        tiny=saying({name: _is_tiny(look) for name, look in looks.items()}),
        white=saying({name: _is_white(look) for name, look in looks.items()}),
        default=next(defaults, ""),
    )


def _is_default(style: Element) -> bool:
    kind, default = style.get(f"{_WORD}type"), style.get(f"{_WORD}default", "0")
    return kind == "paragraph" and default not in _OFF


def _inherited(style: str, said: dict[str, bool | None], based_on: dict[str, str]) -> bool:
    for _ in range(_DEEPEST):
        if said.get(style) is not None:
            return bool(said[style])
        style = based_on.get(style, "")
    return False


def may_be_dark(root: Element) -> bool:
    """Whether something may lie behind the text of a part: a page colour, a placed picture or shape."""
    found = (_BACKGROUND, _ANCHOR, _PICTURE)
    return any(next(root.iter(tag), None) is not None for tag in found)


def take_hidden(root: Element, styles: Styles, *, is_dark: bool = False) -> list[tuple[str, str]]:
    """Remove what is not seen from the tree; (kind, text) of each run.

    is_dark: whether a part that every page repeats may lie behind it.
    """
    around = _Around(may_be_dark=is_dark or may_be_dark(root))
    found = [
        (run, kind)
        for run, where in _runs(root, around, styles)
        if (kind := _kind(run, where, styles))
    ]
    taken = []
    for run, kind in found:
        texts = list(run.iter(_TEXT))
        taken.append((kind, "".join(text.text or "" for text in texts)))
        for text in texts:
            text.text = ""
    return [(kind, text) for kind, text in taken if text.strip()]


def _runs(root: Element, around: _Around, styles: Styles) -> Iterator[tuple[Element, _Around]]:
    waiting = [(root, around)]
    while waiting:
        element, here = waiting.pop()
        if element.tag == _RUN:
            yield element, here
        here = _inside(element, here, styles)
        waiting += [(child, here) for child in element]


def _inside(element: Element, around: _Around, styles: Styles) -> _Around:
    match element.tag.removeprefix(_WORD):
        case "p":
            look = element.find(f"{_WORD}pPr")
            style = (_value(look, "pStyle") if look is not None else "") or styles.default
            is_dark = _is_shaded(look) or style in styles.shading or _is_framed(look)
            return _Around(style, around.may_be_dark or is_dark)
        case "tbl":
            look = element.find(f"{_WORD}tblPr")
            is_styled = look is not None and bool(_value(look, "tblStyle"))
            return _Around("", around.may_be_dark or is_styled or _is_shaded(look))
        case "tr":
            look = element.find(f"{_WORD}tblPrEx")
            return _Around("", around.may_be_dark or _is_shaded(look))
        case "tc":
            look = element.find(f"{_WORD}tcPr")
            return _Around("", around.may_be_dark or _is_shaded(look))
        case "txbxContent":
            return _Around("", may_be_dark=True)
        case _:
            return around


def _kind(run: Element, around: _Around, styles: Styles) -> str:
    """How the text of `run` is hidden, "" if it is seen."""
    look = run.find(_RUN_LOOK)
    said = _switch(look, "vanish")
    named = "" if look is None else _value(look, "rStyle")
    by_style = around.style in styles.hiding or named in styles.hiding
    if said or (said is None and by_style):
        return BY_FORMAT
    tiny = _is_tiny(look)
    if tiny or (tiny is None and (named or around.style) in styles.tiny):
        return TINY
    # A character style may shade the text that it makes white.
    is_lifted = around.may_be_dark or bool(named) or _is_shaded(look) or _is_drawn(look)
    white = _is_white(look)
    is_white = around.style in styles.white if white is None else white
    return WHITE if is_white and not is_lifted else ""


def _is_tiny(look: Element | None) -> bool | None:
    """None where nothing is said, as with `_is_white`."""
    size = "" if look is None else _value(look, "sz")
    return int(size) <= _TINIEST if size.isdigit() else None


def _is_white(look: Element | None) -> bool | None:
    """A colour of the theme is believed only where it is that of the page."""
    colour = None if look is None else look.find(f"{_WORD}color")
    if colour is None:
        return None
    is_of_page = colour.get(f"{_WORD}themeColor", "background1") == "background1"
    return is_of_page and colour.get(_VALUE, "").upper() == "FFFFFF"


def _is_drawn(look: Element | None) -> bool:
    """Whether letters of any colour show by a highlight, a border, an outline or an effect."""
    return any(
        part.tag in _EFFECTS or not part.tag.startswith(_WORD)
        for part in ([] if look is None else look)
    )


def _is_framed(look: Element | None) -> bool:
    """A paragraph in a frame may stand on anything."""
    return look is not None and look.find(f"{_WORD}framePr") is not None


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
