"""Encrypted Office files open with their password, and with nothing else."""

from __future__ import annotations

import io

import pytest
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]

from ragkit.errors import UnreadableDocument
from ragkit.parsers.decrypting import WRITE_PROTECTED
from ragkit.parsers.registry import in_process_parse
from tests.parsers import samples


def encrypted(data: bytes, password: str) -> bytes:
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, target)
    return target.getvalue()


def test_presentations_open_with_their_password() -> None:
    read = in_process_parse(encrypted(samples.slides(), "right"), "a.pptx", passwords=("right",))
    assert read == in_process_parse(samples.slides(), "a.pptx")


def test_a_password_is_needed_and_is_the_right_one() -> None:
    locked = encrypted(samples.word(), "pässwört")
    read = in_process_parse(locked, "without suffix", passwords=("wrong", "pässwört"))
    assert read == in_process_parse(samples.word(), "a.docx")
    for passwords, told in (
        ((), "by a password."),
        (("wrong",), "the one given does not open it."),
    ):
        with pytest.raises(UnreadableDocument) as caught:
            in_process_parse(locked, "a.docx", passwords=passwords)
        assert caught.value.kind == "password"
        assert caught.value.message.endswith(told)
        assert "wrong" not in caught.value.message


def test_a_workbook_that_is_only_protected_against_changes_opens_unasked() -> None:
    locked = encrypted(samples.workbook({"S": [("a", "b"), (1, 2)]}), WRITE_PROTECTED)
    assert "S: a: 1 | b: 2" in in_process_parse(locked, "a.xlsx").text


def test_a_cut_off_one_is_damaged_or_asks_for_a_password() -> None:
    locked = encrypted(samples.word(), "right")
    for end in (1500, len(locked) - 600):
        with pytest.raises(UnreadableDocument) as caught:
            in_process_parse(locked[:end], "a.docx", passwords=("right",))
        assert caught.value.kind in ("damaged", "password")


@pytest.mark.parametrize("password", ["secret", "pässwört"])
def test_a_pdf_opens_with_its_password(password: str) -> None:
    locked = samples.pdf(["Locked words."], password=password)
    document = in_process_parse(locked, "a.pdf", passwords=("wrong", password))
    assert document.text.split() == ["Locked", "words."]
    for passwords, told in (((), "by a password."), (("x", "y"), "none of 2 given opens it.")):
        with pytest.raises(UnreadableDocument, match=told) as caught:
            in_process_parse(locked, "a.pdf", passwords=passwords)
        assert caught.value.kind == "password"


def test_an_encrypted_attachment_opens_too() -> None:
    mail = samples.mail("Files", "See attached.")
    locked = encrypted(samples.word(), "right")
    mail.add_attachment(locked, maintype="application", subtype="x", filename="a.docx")
    (child,) = in_process_parse(mail.as_bytes(), "m.eml", passwords=("right",)).children
    assert child.document is not None
    assert "EUR 900" in child.document.text
