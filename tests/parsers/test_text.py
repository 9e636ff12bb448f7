"""Text files keep their own text; encodings are found; what is not text is refused."""

from __future__ import annotations

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers.registry import in_process_parse
from ragkit.parsers.text import decode, markdown_headings

SPANISH = "El contrato se resolverá el año próximo: ¿cláusula 5ª? «Sí», señaló Núñez.\r\n"


def test_offsets_are_those_of_the_file() -> None:
    written = "Uno\r\n\r\nDos\rtres\n  cuatro\t\r\n"
    document = in_process_parse(written.encode(), "nota.txt")
    assert document.text == written
    assert [page.number for page in document.pages] == [None]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "cp1252", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings(encoding: str) -> None:
    data = (SPANISH * 3).encode(encoding, "ignore")
    assert decode(data) == (SPANISH * 3)


def test_cyrillic_is_guessed() -> None:
    russian = "Однажды, в студеную зимнюю пору, я из лесу вышел; был сильный мороз. " * 4
    assert decode(russian.encode("cp1251")) == russian


def test_utf8_byte_order_mark_counts_as_a_character() -> None:
    assert decode(b"\xef\xbb\xbfabc") == "\ufeffabc"


def test_nul_becomes_a_space_of_the_same_length() -> None:
    assert in_process_parse(b"dose\x00 5 mg", "note.txt").text == "dose  5 mg"


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 64, b"\x00\x01\x02\x03" * 500, b"\xff\xfe\x00\xd8\x00"]
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data, "data.txt")
    assert caught.value.kind == "damaged"


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf\n"])
def test_empty(data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data, "empty.md")
    assert caught.value.kind == "empty"


def test_markdown_headings_cover_their_words() -> None:
    text = "# One #\r\ntext\r\n\r\nTwo\r\n---\r\n```\r\n# not this\r\n```\r\n- item\r\n---\r\n### Three\n"
    headings = list(markdown_headings(text))
    assert [(heading.level, heading.text) for heading in headings] == [
        (1, "One"),
        (2, "Two"),
        (3, "Three"),
    ]
    assert all(text[heading.start : heading.end] == heading.text for heading in headings)


def test_csv_is_kept_and_has_no_title() -> None:
    document = in_process_parse(b'name,"a, b"\r\nx,y\r\n', "t.csv")
    assert document.text == 'name,"a, b"\r\nx,y\r\n'
    assert document.title == ""


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.yaml"])
def test_data_has_no_title(name: str) -> None:
    written = "drug\tdose\r\nApixaban\t5 mg\r\n"
    document = in_process_parse(written.encode(), name)
    assert (document.text, document.title) == (written, "")


RST = """\
=======
 Guide
=======

Uno
===
text
that goes on

Dos
---

.. note:: A directive.

   Not a title
   ===========

Tres
====
Cuatro
----
::

  code

Not a title: the line before is text
over
----
"""


def test_restructured_text() -> None:
    written = RST.replace("\n", "\r\n")
    document = in_process_parse(written.encode(), "guide.rst")
    assert document.text == written
    assert document.title == "Guide"
    assert [(heading.level, heading.text) for heading in document.headings] == [
        (1, "Guide"),
        (2, "Uno"),
        (3, "Dos"),
        (2, "Tres"),
        (3, "Cuatro"),
    ]
    found = [written[heading.start : heading.end] for heading in document.headings]
    assert found == [heading.text for heading in document.headings]
