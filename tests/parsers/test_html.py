"""HTML: what a browser shows is there, in order; scripts and menus are not."""

from __future__ import annotations

from ragkit.parsers.registry import in_process_parse

PAGE = """<!DOCTYPE html><html><head><title>Late payment</title><style>p {}</style></head><body>
<nav><a href="/">Home</a></nav><form><h1>Late payment</h1><p>Before <b>H</b><sub>2</sub>O.<br>Next
line.</p></form><main><h2>Rates</h2><table><tr><th>Year</th><th>Rate</th></tr>
<tr><td>2025</td><td>4.<b>15</b> %</td></tr></table><ul><li>one</li><li>two</li></ul></main>
<figure><figcaption>A caption.</figcaption></figure><script>alert(1)</script>
<footer>Clause 7 applies.</footer></body></html>"""


def test_structure() -> None:
    document = in_process_parse(PAGE.encode(), "guide.html")
    assert document.text == (
        "Late payment\n\nBefore H2O.\nNext line.\n\nRates\n\nYear | Rate\n2025 | 4.15 %\n\n"
        "- one\n- two\n\nA caption.\n\nClause 7 applies.\n"
    )
    assert [(h.level, h.text) for h in document.headings] == [(1, "Late payment"), (2, "Rates")]
    assert document.title == "Late payment"


def test_layout_tables_are_taken_apart() -> None:
    page = "<table><tr><td><h1>Title</h1><p>Text.</p><table><tr><td>a</td><td>b</td></tr></table>"
    document = in_process_parse(f"<html><body>{page}</td></tr></table>".encode(), "old.htm")
    assert document.text == "Title\n\nText.\n\na | b\n"


def test_declared_encoding_and_wrong_declaration() -> None:
    page = '<html><head><meta charset="{}"></head><body><p>Año próximo</p></body></html>'
    latin = page.format("iso-8859-1").encode("iso-8859-1")
    wrong = page.format("utf-8").encode("cp1252")
    utf16 = page.format("utf-16").encode("utf-16")
    for data in (latin, wrong, utf16):
        assert in_process_parse(data, "a.html").text == "Año próximo\n"


def test_deep_nesting_is_read() -> None:
    page = "<html><body>" + "<div>" * 20_000 + "deepest" + "</div>" * 20_000 + "</body></html>"
    assert in_process_parse(page.encode(), "deep.html").text == "deepest\n"


def test_control_characters_are_removed() -> None:
    page = "<html><body><p>a\u200bb<br>\x07c\x0c &#64257;ne soft\u00adhyphen</p></body></html>"
    assert in_process_parse(page.encode(), "a.html").text == "ab\nc fine softhyphen\n"
