"""What a Word document says around its body: headers, footers and comments.

A letterhead may be the only place that names the patient, and a comment the only one that objects.
Word repeats headers on every page; here each one that differs is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from ragkit.parsers.archive import read_member
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.relations import related, relations

Element = ElementTree.Element

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PARAGRAPH, _TEXT, _CODE = f"{_WORD}p", f"{_WORD}t", f"{_WORD}instrText"
_TABLE, _ROW, _CELL = f"{_WORD}tbl", f"{_WORD}tr", f"{_WORD}tc"
_SPACES = {f"{_WORD}tab": " ", f"{_WORD}ptab": " ", f"{_WORD}br": "\n", f"{_WORD}cr": "\n"}
_HYPHEN = f"{_WORD}noBreakHyphen"
_PAGE_FIELD = re.compile(r"\b(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
_PAGE_WORD = re.compile(
    r"page|pages|pg|p|seite|s|blatt|página|pagina|pág|pag|strona|sivu|side|sida|blz"
    r"|of|out|von|de|di|sur|van|z|av|af|[ivxlc]+"
)

Block = str | tuple[tuple[str, ...], ...]
"""A paragraph, or the cells of a table by row."""


@dataclass(frozen=True, slots=True)
class Margins:
    """The roots of these parts, in the order of the sections; comments: one element for each."""

    headers: tuple[Element, ...] = ()
    footers: tuple[Element, ...] = ()
    comments: tuple[Element, ...] = ()

    @property
    def parts(self) -> tuple[Element, ...]:
        return (*self.headers, *self.footers, *self.comments)


def read_margins(data: bytes, main_part: str, document: Element) -> Margins:
    """document: the root of `main_part`, whose sections name their headers and footers.

    A section that goes on with the header of the one before names none.
    """
    paths = {relation.id: relation.part for relation in relations(data, main_part)}

    def named(kind: str) -> tuple[Element, ...]:
        references = document.iter(f"{_WORD}{kind}Reference")
        found = dict.fromkeys(paths.get(reference.get(_ID, ""), "") for reference in references)
        contents = (read_member(data, path) for path in found if path)
        return tuple(_as_shown(ElementTree.fromstring(part)) for part in contents if part)

    comments = related(data, main_part, "comments")
    return Margins(
        named("header"),
        named("footer"),
        tuple(comment for part in comments for comment in part.iter(f"{_WORD}comment")),
    )


def _as_shown(root: Element) -> Element:
    """Empty the cells that a merged one above covers, and keep what simple fields compute.

    Those fields are about to be unwrapped, and only others say it in their text.
    """
    for cell in root.iter(_CELL):
        merged = cell.find(f"{_WORD}tcPr/{_WORD}vMerge")
        if merged is not None and merged.get(f"{_WORD}val") != "restart":
            cell.clear()
    for field in root.iter(f"{_WORD}fldSimple"):
        ElementTree.SubElement(field, _CODE).text = field.get(f"{_WORD}instr", "")
    return root


def add_repeated(parts: tuple[Element, ...], assembler: Assembler) -> None:
    """Headers or footers, simplified: each one that differs once, as paragraphs and tables."""
    for blocks in dict.fromkeys(tuple(_blocks(part)) for part in parts):
        for block in blocks:
            if isinstance(block, str):
                assembler.add("paragraph", block)
            else:
                assembler.add_table(block)


def add_comments(comments: tuple[Element, ...], assembler: Assembler) -> None:
    """Each with a word in it, simplified, as a paragraph: "Comment (author): text"."""
    for comment in comments:
        text = "\n".join(filter(None, map(_words, comment.iter(_PARAGRAPH))))
        author = comment.get(f"{_WORD}author", "").strip()
        if text:
            assembler.add(
                "paragraph", f"Comment ({author}): {text}" if author else f"Comment: {text}"
            )


def _blocks(part: Element) -> Iterator[Block]:
    for child in part:
        if child.tag == _PARAGRAPH:
            if text := _words(child):
                yield text
        elif child.tag == _TABLE:
            rows = tuple(tuple(map(_cell, row.findall(_CELL))) for row in child.findall(_ROW))
            if any(map(any, rows)):
                yield rows


def _cell(cell: Element) -> str:
    return " ".join(filter(None, map(_words, cell.iter(_PARAGRAPH))))


def _words(paragraph: Element) -> str:
    """The text of a paragraph; "" if it only counts pages."""
    text = "".join(map(_shown, paragraph.iter())).strip()
    codes = " ".join(code.text or "" for code in paragraph.iter(_CODE))
    counts = bool(_PAGE_FIELD.search(codes))
    said = _LETTERS.findall(text.lower())
    return "" if counts and all(map(_PAGE_WORD.fullmatch, said)) else text


def _shown(part: Element) -> str:
    if part.tag == _TEXT:
        return part.text or ""
    return "-" if part.tag == _HYPHEN else _SPACES.get(part.tag, "")
