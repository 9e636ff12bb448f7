"""Outlook messages: the same document that the mail would be as .eml; nested messages; what is odd."""

from __future__ import annotations

import struct

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.message import ENCRYPTED
from ragkit.parsers.registry import identify, in_process_parse
from ragkit.parsers.richtext import decompressed, has_words
from tests.parsers import samples

TRANSPORT = "__substg1.0_007D001F"
RICH = "__substg1.0_10090102"
WORLD = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af32068656c090020627705b06c647d0a800fa0"
)
"""The first example of [MS-OXRTFCP]."""


def test_headers_and_body() -> None:
    data = samples.compound(samples.outlook("Señal de pago", "Hola.\r\n\r\nAdjunto.\r\n"))
    document = in_process_parse(data, "m.msg")
    assert document.text == (
        "From: Ana Núñez <ana@a.org>\nTo: Luis <luis@a.org>\nCc: Eva <eva@a.org>\n"
        "Date: Mon, 29 Jul 2024 20:38:11 +0000\nSubject: Señal de pago\n\nHola.\n\nAdjunto.\n"
    )
    assert document.title == "Señal de pago"


def test_headers_as_they_were_sent_are_taken() -> None:
    tree = samples.outlook("Fwd", "Text.")
    sent = (
        "Microsoft Mail Internet Headers Version 2.0\r\nFrom: =?utf-8?q?N=C3=BA=C3=B1ez?= <n@a.org>\r\n"
        "To: a@a.org,\r\n b@a.org\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\n\r\n"
    )
    tree[TRANSPORT] = sent.encode("utf-16-le")
    lines = in_process_parse(samples.compound(tree), "m.msg").text.splitlines()
    assert lines[:3] == [
        "From: Núñez <n@a.org>",
        "To: a@a.org, b@a.org",
        "Cc: Eva <eva@a.org>",
    ]
    assert lines[3:5] == ["Date: Mon, 02 Mar 2026 10:00:00 +0100", "Subject: Fwd"]


def test_html_keeps_its_tables() -> None:
    html = "<html><body><p>Año:</p><table><tr><td>a</td><td>b</td></tr></table>".encode("cp1252")
    data = samples.compound(samples.outlook("x", "Año:\r\na b", html=html))
    assert in_process_parse(data, "m.msg").text.endswith("Subject: x\n\nAño:\n\na | b\n")


def test_nested_message_with_attachments() -> None:
    inner = samples.outlook("Inner/one", "See the agreement.", header=24)
    samples.attach(inner, "..\\sow\\agreement.docx", samples.word())
    outer = samples.outlook("Outer", "Forwarded.")
    samples.attach(outer, "inner", inner, 5)
    samples.attach(outer, "notes.txt", b"word " * 1_000)
    document = in_process_parse(samples.compound(outer), "m.msg")
    message, notes = document.children
    assert (message.name, notes.name) == ("Inner-one.msg", "notes.txt")
    assert notes.document is not None
    assert notes.document.text == "word " * 1_000
    assert message.document is not None
    assert "Subject: Inner/one\n\nSee the agreement." in message.document.text
    (attachment,) = message.document.children
    assert attachment.name == "agreement.docx"
    assert attachment.document is not None
    assert "EUR 900 per month" in attachment.document.text
    again = in_process_parse(samples.compound(outer), "m.msg")
    assert again.children[0].sha256 == message.sha256


def test_depth_is_limited() -> None:
    tree = samples.outlook("0", "deepest", header=24)
    for level in (24, 24, 32):
        outer = samples.outlook("x", "outer", header=level)
        samples.attach(outer, "inner", tree, 5)
        tree = outer
    child = in_process_parse(samples.compound(tree), "m.msg", ParseLimits(child_depth=2)).children[
        0
    ]
    assert child.document is not None
    assert child.document.children[0].document is not None
    assert child.document.children[0].document.children[0].kind == "too_large"


def test_a_broken_nested_message_does_not_take_the_outer_one_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inner = samples.outlook("Inner", html=b"<html><body>broken", header=24)
    outer = samples.outlook("Outer", "Readable.")
    samples.attach(outer, "inner", inner, 5)

    def fail(*_: object) -> None:
        raise ValueError("secret words")

    monkeypatch.setattr("ragkit.parsers.html.add_page", fail)
    document = in_process_parse(samples.compound(outer), "m.msg")
    assert document.children[0].reason == "It is damaged: its msg reader failed (ValueError)."


def test_attachments_that_cannot_be_read_are_named() -> None:
    tree = samples.outlook("x", "Text.")
    samples.attach(tree, "cloud.docx", b"", 7)
    samples.attach(tree, "Bitmap Image", {"CONTENTS": b"abc"}, 6)
    linked, embedded = in_process_parse(samples.compound(tree), "m.msg").children
    assert (linked.name, linked.kind) == ("cloud.docx", "unsupported")
    assert "only linked" in linked.reason
    assert "another program" in embedded.reason


def test_pictures_within_the_text_are_no_attachments() -> None:
    tree = samples.outlook("x", html=b'<html><body><p>Hi<img src="cid:logo@1">')
    for name, content_id in (("logo.png", "logo@1"), ("photo.png", "photo@1")):
        samples.attach(tree, name, b"\x89PNG\r\n\x1a\n")
        attached = tree[f"__attach_version1.0_#{name == 'photo.png':08X}"]
        assert isinstance(attached, dict)
        attached["__substg1.0_370E001F"] = "image/png".encode("utf-16-le")
        attached["__substg1.0_3712001F"] = content_id.encode("utf-16-le")
    children = in_process_parse(samples.compound(tree), "m.msg").children
    assert [child.name for child in children] == ["photo.png"]


def test_encrypted_and_signed_messages() -> None:
    sealed = samples.outlook("x", kind="IPM.Note.SMIME")
    samples.attach(sealed, "smime.p7m", b"\x30\x80")
    (child,) = in_process_parse(samples.compound(sealed), "m.msg").children
    assert (child.reason, child.kind) == (ENCRYPTED, "password")
    signed = samples.outlook("x", kind="IPM.Note.SMIME.MultipartSigned")
    content = samples.mail("x", "The signed words.").as_bytes()
    samples.attach(signed, "smime.p7m", content)
    (child,) = in_process_parse(samples.compound(signed), "m.msg").children
    assert child.document is not None
    assert "The signed words." in child.document.text


def test_a_body_of_rich_text_only_is_named() -> None:
    tree = samples.outlook("x")
    tree[RICH] = WORLD
    (child,) = in_process_parse(samples.compound(tree), "m.msg").children
    assert (child.name, child.kind) == ("message.rtf", "unsupported")


def test_rich_text_is_decompressed() -> None:
    """The examples of [MS-OXRTFCP], one of which copies what it is still writing."""
    assert decompressed(WORLD) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    repeated = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompressed(repeated) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert decompressed(struct.pack("<II4sI", 16, 5, b"MELA", 0) + b"{\\rtf") == b"{\\rtf"
    assert decompressed(WORLD[:30]) == decompressed(WORLD)[: len(decompressed(WORLD[:30]))]
    assert decompressed(b"") == decompressed(b"x" * 40) == b""


def test_an_empty_shell_of_rich_text_has_no_words() -> None:
    shell = (
        rb"{\rtf1\ansi{\fonttbl{\f0\fswiss Arial;}}{\*\generator Riched20 5.1;}\pard\f0\fs20\par}"
    )
    assert not has_words(shell)
    assert has_words(shell[:-1] + b" x}")
    assert has_words(rb"{\rtf1 \'cd\'de}")


def test_what_the_directory_says_is_believed() -> None:
    """The words of other formats' streams also stand in files that are attached."""
    tree = samples.outlook("x", "Text.")
    samples.attach(tree, "a.docx", samples.compound({"EncryptedPackage": b"x" * 5_000}))
    data = samples.compound(tree)
    assert identify(data, ".msg").name == identify(data, ".docx").name == "msg"
    (child,) = in_process_parse(data, "m.msg").children
    assert child.kind == "password"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated(share: float) -> None:
    tree = samples.outlook("x", "words " * 2_000)
    data = samples.compound(tree)
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data[: int(share * len(data))], "m.msg")
    assert caught.value.kind == "damaged"


def test_what_is_no_message() -> None:
    with pytest.raises(UnreadableDocument, match="no msg file"):
        in_process_parse(b"\x00\x01 no message", "m.msg")
    with pytest.raises(UnreadableDocument, match="old Word document"):
        in_process_parse(samples.compound({"WordDocument": b"x"}), "m.msg")
