"""What is kept of files and of the documents inside them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Contents
from ragkit.types import Page, ParsedChild, ParsedDocument


def mail(attached: str, claimed: str) -> ParsedDocument:
    """A mail whose reader says that its attachment has the digest `claimed` and this text."""
    inside = ParsedDocument(pages=(Page(None, 0, attached),))
    child = ParsedChild("contract.txt", claimed, len(attached), document=inside)
    return ParsedDocument(pages=(Page(None, 0, "See the attachment."),), children=(child,))


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    return Contents(Catalog.open_for_writing(tmp_path / "store"))


def attached_text(contents: Contents, content_id: int) -> str:
    (child,) = contents.get(content_id).children
    assert child.content_id is not None
    return contents.document(child.content_id).text


def test_what_a_hostile_file_says_of_its_attachment_stays_its_own(contents: Contents) -> None:
    genuine = "The rent is 900 euros."
    forged = contents.keep(
        digest("a"), "eml 2", "eml 2", mail("The rent is 9 euros.", digest(genuine))
    )
    honest = contents.keep(digest("b"), "eml 2", "eml 2", mail(genuine, digest(genuine)))
    assert attached_text(contents, forged) == "The rent is 9 euros."
    assert attached_text(contents, honest) == genuine


def test_the_same_mail_read_twice_is_kept_once(contents: Contents) -> None:
    text = "The rent is 900 euros."
    first = contents.keep(digest("a"), "eml 2", "eml 2", mail(text, digest(text)))
    assert contents.keep(digest("a"), "eml 2", "eml 2", mail(text, digest(text))) == first
