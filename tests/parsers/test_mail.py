"""Messages: headers first, every inline part, attachments as children of their own."""

from __future__ import annotations

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.names import child_names
from ragkit.parsers.registry import in_process_parse
from ragkit.types import NEEDS_OCR
from tests.parsers import samples

WORD = "vnd.openxmlformats-officedocument.wordprocessingml.document"


def test_headers_and_body() -> None:
    data = samples.mail("Señal de pago", "Hola.\n\nAdjunto.\n").as_bytes()
    document = in_process_parse(data, "m.eml")
    assert document.text == (
        "From: Ana Núñez <ana@example.org>\nTo: Legal <legal@example.org>\n"
        "Date: Mon, 02 Mar 2026 09:00:00 +0000\nSubject: Señal de pago\n\nHola.\n\nAdjunto.\n"
    )
    assert document.title == "Señal de pago"


def test_alternatives_are_not_told_twice() -> None:
    html = "<html><body><p>Pay the <b>invoice</b> today.</p><table><tr><td>a</td><td>b</td></tr>"
    data = samples.mail("x", "Pay the invoice today.\na b\n", html=html).as_bytes()
    assert in_process_parse(data, "m.eml").text.endswith("\n\nPay the invoice today.\n\na | b\n")


def test_alternatives_that_differ_are_both_told() -> None:
    html = "<html><body><p>Something else entirely.</p></body></html>"
    text = in_process_parse(
        samples.mail("x", "The plain words.", html=html).as_bytes(), "m.eml"
    ).text
    assert "The plain words." in text
    assert "Something else entirely." in text


def test_nested_message_with_attachments() -> None:
    inner = samples.mail("Inner", "See the agreement.")
    inner.add_attachment(
        samples.word(), maintype="application", subtype=WORD, filename="../sow/agreement.docx"
    )
    outer = samples.mail("Outer", "Forwarded.")
    outer.add_attachment(inner)
    outer.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="x.png")
    document = in_process_parse(outer.as_bytes(), "m.eml")
    message, image = document.children
    assert (message.name, image.name, image.kind) == ("Inner.eml", "x.png", NEEDS_OCR)
    assert message.document is not None
    (attachment,) = message.document.children
    assert attachment.name == "agreement.docx"
    assert attachment.document is not None
    assert "EUR 900 per month" in attachment.document.text
    assert len(attachment.sha256) == 64


def test_depth_is_limited() -> None:
    message = samples.mail("0", "deepest")
    for level in range(1, 4):
        outer = samples.mail(str(level), "outer")
        outer.add_attachment(message)
        message = outer
    child = in_process_parse(message.as_bytes(), "m.eml", ParseLimits(child_depth=2)).children[0]
    assert child.document is not None
    assert child.document.children[0].document is not None
    assert child.document.children[0].document.children[0].kind == "too_large"


def test_what_is_no_message() -> None:
    with pytest.raises(UnreadableDocument, match="no headers"):
        in_process_parse(b"just some words\n", "m.eml")


def test_child_names_are_safe_and_unique() -> None:
    names = child_names(["a.pdf", "C:\\x\\A.pdf", "..", "b\u202efdp.exe", "x" * 300 + ".pdf"])
    assert names[:4] == ["a.pdf", "A (2).pdf", "attachment 3", "bfdp.exe"]
    assert len(names[4]) <= 120
    assert names[4].endswith(".pdf")
