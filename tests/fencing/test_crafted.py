"""Thirty crafted files: what is planted in them is marked with its page, and their contracts are not."""

from __future__ import annotations

from functools import lru_cache

import pytest

from ragkit.fencing import find_instructions
from ragkit.parsers.registry import in_process_parse
from ragkit.types import ParsedDocument
from tests.fencing.crafted import Crafted, contract, crafted

UNREAD_TITLE = "umber.docx"
"""Its instruction is a title that no page shows: the reader takes none of it, so there is nothing to mark."""


@lru_cache
def read(name: str) -> ParsedDocument:
    data = next(file.data for file in crafted() if file.name == name)
    return in_process_parse(data, name)


def marked_pages(document: ParsedDocument) -> set[int | None]:
    """Pages with hidden text or an instruction."""
    pages = {hidden.page for hidden in document.hidden}
    for passage in find_instructions(document.text):
        pages |= {page.number for page in document.pages if page.start <= passage.start < page.end}
    return pages


@pytest.mark.parametrize("file", crafted(), ids=lambda file: file.name)
def test_every_crafted_file_is_marked_with_its_page(file: Crafted) -> None:
    document = read(file.name)
    if file.name == UNREAD_TITLE:
        assert "gnore" not in f"{document.title} {document.text}"
    else:
        assert marked_pages(document) == {file.page}


def test_what_is_ordinary_in_them_is_not_marked() -> None:
    for number, file in enumerate(crafted()):
        document = read(file.name)
        fenced = [document.text[it.start : it.end] for it in find_instructions(document.text)]
        assert not [line for line in contract(number) if any(line in each for each in fenced)]


def test_without_what_is_planted_nothing_is_marked() -> None:
    for file in crafted(hostile=False):
        document = in_process_parse(file.data, file.name)
        assert not document.hidden
        assert not find_instructions(f"{document.title}\n\n{document.text}")
