"""The owner of `lxml`: HTML and XML as trees. Nothing is fetched, and no entity is expanded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers.text import decode

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that lxml reads but refuses to write."""
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_WIDE = re.compile(r"(?:utf|ucs)[-_]?(?:16|32|2|4)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*\ufeff?\s*<\?xml\s[^>]*>")


def preload() -> None:
    import lxml.html  # type: ignore[import-untyped]  # noqa: F401 - to be there before the fork


def decode_markup(data: bytes) -> str:
    """Text by the byte order mark, else by the declared encoding if it holds, else by its bytes."""
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = None if marked else _DECLARED.search(data[:4096])
    encoding = declared[1].decode("ascii") if declared else ""
    # A declaration that can be read in single bytes is not in UTF-16, whatever it says.
    if encoding and not _WIDE.match(encoding):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            # A wrong declaration is common; the bytes themselves then decide.
            return decode(data)
    return decode(data)


def without_controls(text: str) -> str:
    """`text` without the characters that no markup may hold."""
    return _NOT_XML.sub("", text)


def html_tree(html: str) -> tuple[Any, bool]:
    """The tree of `html`, and whether it is all of it: libxml2 stops at 2,048 levels.

    Raises UnreadableDocument where there is nothing in it.
    """
    import lxml.html

    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.ParserError as error:
        raise UnreadableDocument("There is no text in it.", kind="empty") from error
    return root, all(fault.type_name != "ERR_RESOURCE_LIMIT" for fault in parser.error_log)


def html_text(root: Any) -> str:
    """The tree as HTML again."""
    import lxml.html

    written: str = lxml.html.tostring(root, encoding="unicode")
    return written


def deeper_than(root: Any, levels: int) -> list[Any]:
    """The elements below more than so many others, outermost first."""
    from lxml import etree

    found, depth = [], 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and depth > levels:
            found.append(element)
    return found


def xml_tree(text: str) -> Any:
    """The root element of an XML document; entities stand in it as they are written.

    Raises UnreadableDocument with the place of the first fault.
    """
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    body = _XML_DECLARATION.sub(_as_blank, without_controls(text), count=1)
    try:
        return etree.fromstring(body.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place = f"line {line}, column {column}"
        if any(fault.type_name == "ERR_RESOURCE_LIMIT" for fault in parser.error_log):
            message = f"It is nested too deep, or a part of it is too large (at {place})."
            raise UnreadableDocument(message, kind="too_large") from None
        # The library's message quotes the document.
        raise UnreadableDocument(f"It is no well-formed XML: see {place}.") from None


def _as_blank(found: re.Match[str]) -> str:
    """The lines that are left out, so that places stay those of the file."""
    return "\n" * found[0].count("\n")


def name_of(element: Any) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def parts_of(element: Any) -> Iterator[tuple[str, Any]]:
    """What is in an element in order: (name, child) for elements, ("", text) for texts."""
    if element.text:
        yield "", element.text
    for child in element:
        if isinstance(child.tag, str):
            yield name_of(child), child
        elif child.text:
            # A reference to an entity, as written.
            yield "", child.text
        if child.tail:
            yield "", child.tail
