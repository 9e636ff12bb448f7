"""Word documents (.docx) through unstructured, after bringing forward what it would not see.

Left to itself it loses the text of tracked insertions, content controls, text boxes, footnotes and
formulas, and splits a paragraph where Word broke a page. `_prepare` rewrites the document's XML so
that all of this stands in plain paragraphs, as the document reads with its changes accepted.
Headers stand before the body; comments, then footers, behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

from ragkit.errors import UnreadableDocument
from ragkit.parsers import elements
from ragkit.parsers.archive import check_archive, ordinary, read_member, replace_members
from ragkit.parsers.assemble import Assembler, title_from
from ragkit.parsers.hidden_word import Styles, may_be_dark, read_styles, take_hidden
from ragkit.parsers.limits import Reading
from ragkit.parsers.word_margins import Margins, add_comments, add_repeated, read_margins
from ragkit.parsers.wordtables import first_row_styles, prepare_tables
from ragkit.types import ParsedDocument

Element = ElementTree.Element

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PREFIXES = {
    "w": _WORD,
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "v": "urn:schemas-microsoft-com:vml",
}


def _tag(prefixed: str) -> str:
    prefix, name = prefixed.split(":")
    return f"{{{_PREFIXES[prefix]}}}{name}"


_DROPPED = frozenset(
    map(_tag, ("w:del", "w:moveFrom", "w:lastRenderedPageBreak", "w:sdtPr", "w:sdtEndPr"))
)
_UNWRAPPED = frozenset(
    map(
        _tag,
        (
            *("w:ins", "w:moveTo", "w:sdt", "w:sdtContent", "w:smartTag", "w:customXml"),
            *("w:fldSimple", "w:dir", "w:bdo", "m:oMathPara"),
        ),
    )
)
_PARAGRAPH, _RUN, _TEXT, _BODY = map(_tag, ("w:p", "w:r", "w:t", "w:body"))
_TEXT_BOX, _FORMULA, _FORMULA_TEXT = map(_tag, ("w:txbxContent", "m:oMath", "m:t"))
_ALTERNATIVES, _CHOICE = map(_tag, ("mc:AlternateContent", "mc:Choice"))
_SECTION, _VALUE = map(_tag, ("w:sectPr", "w:val"))
_NOTES = (
    ("footnotes.xml", _tag("w:footnote"), _tag("w:footnoteReference"), ""),
    ("endnotes.xml", _tag("w:endnote"), _tag("w:endnoteReference"), "e"),
)
_PLACED = re.compile(rb":(?:anchor|pict)\b")
_MAIN_PART = re.compile(
    r'PartName="/([^"]+)"[^>]*ContentType="[^"]*wordprocessingml\.document\.main\+xml"'
    r'|ContentType="[^"]*wordprocessingml\.document\.main\+xml"[^>]*PartName="/([^"]+)"'
)


def preload() -> None:
    elements.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The document's text as one page (Word fixes pages only when it prints).

    What nobody sees on its pages is left out and counted.
    """
    check_archive(data, reading.limits)
    assembler = Assembler(reading.limits)
    prepared, margins = _prepare(ordinary(data), assembler)
    add_repeated(margins.headers, assembler)
    start = assembler.length
    elements.add_word(prepared, assembler)
    end = assembler.length
    add_comments(margins.comments, assembler)
    add_repeated(margins.footers, assembler)
    return _titled_by_body(assembler.document(), start, end)


def _titled_by_body(document: ParsedDocument, start: int, end: int) -> ParsedDocument:
    """A letterhead is no title: the text between `start` and `end` has it, if there is any."""
    body = document.text[start:end].strip()
    if not body:
        return document
    headings = document.headings
    return replace(document, title=title_from(body) or (headings[0].text if headings else ""))


def _prepare(data: bytes, assembler: Assembler) -> tuple[bytes, Margins]:
    """The document to be read by unstructured, and what stands around its body."""
    for prefix, uri in _PREFIXES.items():
        ElementTree.register_namespace(prefix, uri)
    types = (read_member(data, "[Content_Types].xml") or b"").decode("utf-8", "replace")
    found = _MAIN_PART.search(types)
    main_part = (found[1] or found[2]) if found else "word/document.xml"
    folder = main_part.rpartition("/")[0]
    document = read_member(data, main_part)
    if document is None:
        raise UnreadableDocument("Its main part is missing from the archive.", kind="damaged")
    styles = read_member(data, f"{folder}/styles.xml")
    styled = frozenset[str]() if styles is None else first_row_styles(styles)
    root = ElementTree.fromstring(document)
    notes = _read_notes(data, folder)
    looks = Styles() if styles is None else read_styles(styles)
    is_dark = may_be_dark(root) or _have_dark_headers(data, folder)
    margins = read_margins(data, main_part, root)
    # Hidden text of notes first: they are about to become paragraphs of the document.
    for part in (*notes.values(), *margins.parts, root):
        for kind, text in take_hidden(part, looks, is_dark=is_dark):
            assembler.note_hidden(kind, text)
    for part in margins.parts:
        _simplify(part)
        _lift_text_boxes(part)
    replacements = {main_part: _prepare_document(root, notes, styled)}
    if styles is not None:
        replacements[f"{folder}/styles.xml"] = _name_heading_styles(styles)
    return replace_members(data, replacements), margins


def _read_notes(data: bytes, folder: str) -> dict[tuple[str, str], Element]:
    """Footnotes and endnotes by (tag of their reference, id)."""
    notes = {}
    for part, note_tag, reference_tag, _ in _NOTES:
        content = read_member(data, f"{folder}/{part}")
        if content is not None:
            for note in ElementTree.fromstring(content).iter(note_tag):
                if _tag("w:type") not in note.attrib:
                    notes[reference_tag, note.get(_tag("w:id"), "")] = note
    return notes


def _have_dark_headers(data: bytes, folder: str) -> bool:
    """Whether a header or footer, whose pictures lie behind every page, places something."""
    names = (f"{folder}/{part}{n}.xml" for part in ("header", "footer") for n in range(1, 10))
    # Searched as bytes: a header that is no XML is no reason to lose the document.
    return any(_PLACED.search(read_member(data, name) or b"") for name in names)


def _prepare_document(
    root: Element, notes: dict[tuple[str, str], Element], styled: frozenset[str]
) -> bytes:
    """`styled`: the table styles whose first row is one of headings."""
    _simplify(root)
    noted = _number_notes(root, notes)
    _lift_text_boxes(root)
    body = root.find(_BODY)
    if body is not None:
        last_section = body.find(_SECTION)
        place = len(body) if last_section is None else list(body).index(last_section)
        body[place:place] = noted
    prepare_tables(root, styled)
    return _serialised(root)


def _serialised(root: Element) -> bytes:
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _simplify(parent: Element) -> None:
    """Unwrap containers, drop what is deleted, choose among alternatives; all the way down."""
    parent[:] = list(_simple_children(parent))


def _simple_children(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag in _DROPPED:
            continue
        if child.tag == _ALTERNATIVES:
            yield from _simple_children(_chosen(child))
        elif child.tag in _UNWRAPPED:
            yield from _simple_children(child)
        elif child.tag == _FORMULA:
            yield _text_run("".join(part.text or "" for part in child.iter(_FORMULA_TEXT)))
        else:
            _simplify(child)
            yield child


def _chosen(alternatives: Element) -> Element:
    """The first alternative with text in it (all say the same), else the first of all."""
    with_text = (option for option in alternatives if next(option.iter(_TEXT), None) is not None)
    return next(with_text, next(iter(alternatives), Element(_CHOICE)))


def _text_run(text: str) -> Element:
    run = Element(_RUN)
    ElementTree.SubElement(run, _TEXT).text = text
    return run


def _number_notes(root: Element, notes: dict[tuple[str, str], Element]) -> list[Element]:
    """Write "[1]" where a note is referred to; returns the notes' own paragraphs, marked likewise."""
    noted: list[Element] = []
    for _, _, reference_tag, letter in _NOTES:
        for number, reference in enumerate(list(root.iter(reference_tag)), start=1):
            note = notes.get((reference_tag, reference.get(_tag("w:id"), "")))
            if note is None:
                continue
            mark = f"[{letter}{number}]"
            reference.clear()
            reference.tag, reference.text = _TEXT, mark
            _simplify(note)
            first = note.find(_PARAGRAPH)
            if first is not None:
                first.insert(_after_properties(first), _text_run(f"{mark} "))
            noted += list(note)
    return noted


def _after_properties(paragraph: Element) -> int:
    return 1 if len(paragraph) and paragraph[0].tag == _tag("w:pPr") else 0


def _lift_text_boxes(container: Element) -> None:
    """Put the paragraphs of text boxes behind the paragraph that they are anchored in."""
    children = []
    for child in container:
        children.append(child)
        if child.tag == _PARAGRAPH:
            for box in _take_text_boxes(child):
                _lift_text_boxes(box)
                children += list(box)
        else:
            _lift_text_boxes(child)
    container[:] = children


def _take_text_boxes(element: Element) -> list[Element]:
    """The outermost text boxes below `element`, removed from it."""
    taken = []
    for child in list(element):
        if child.tag == _TEXT_BOX:
            element.remove(child)
            taken.append(child)
        else:
            taken += _take_text_boxes(child)
    return taken


def _name_heading_styles(content: bytes) -> bytes:
    """Give every style with an outline level, its own or inherited, the name that tells it.

    unstructured knows headings by the built-in names only, and firms use styles of their own.
    """
    root = ElementTree.fromstring(content)
    styles = {style.get(_tag("w:styleId"), ""): style for style in root.iter(_tag("w:style"))}
    for style in styles.values():
        level = _outline_level(style, styles)
        name = style.find(_tag("w:name"))
        if name is not None and level is not None and 0 <= level <= 8:
            name.set(_VALUE, f"heading {level + 1}")
    return _serialised(root)


def _outline_level(style: Element, styles: dict[str, Element]) -> int | None:
    """The nearest outline level in the chain of styles that `style` is based on; 9 is body text."""
    seen: set[int] = set()
    current: Element | None = style
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        found = current.find(f"{_tag('w:pPr')}/{_tag('w:outlineLvl')}")
        if found is not None:
            value = found.get(_VALUE, "")
            return int(value) if value.isdigit() else None
        based_on = current.find(_tag("w:basedOn"))
        current = None if based_on is None else styles.get(based_on.get(_VALUE, ""))
    return None
