"""Pages of summaries in a real browser: they can be seen, and ask nothing of the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.rendering.summary_folder_page import folder_page
from ragkit.rendering.summary_page import document_page
from tests.rendering.test_evidence_browser import BROWSER, listener, opened
from tests.rendering.test_summary_page import LEASE, LINKS, hostile, summary_of

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine"),
]


def test_pages_are_seen_and_complain_of_nothing(tmp_path: Path) -> None:
    for shown in (document_page(LEASE, "the rent", LINKS), folder_page(summary_of(LEASE), LINKS)):
        image, said = opened(shown, tmp_path)
        colours = image.getcolors(1 << 24) or []
        assert len(colours) > 20, "there is writing on it"
        assert "Content Security Policy" not in said


def test_not_even_what_a_document_says_is_loaded(tmp_path: Path) -> None:
    with listener() as (port, heard):
        address = f"http://127.0.0.1:{port}"
        text = (
            f"</li><img src={address}/a><script src={address}/b></script>"
            f"<meta http-equiv=refresh content='0;url={address}/c'><iframe src={address}/d>"
        )
        forgotten = document_page(hostile(text), text, LINKS).replace("<main>", f"<main>{text}")
        opened(forgotten.replace("http-equiv=refresh", ""), tmp_path)
        opened(document_page(hostile(text), text, LINKS), tmp_path)
        opened(folder_page(summary_of(hostile(text), text=text), LINKS), tmp_path)
    assert b"".join(heard) == b"", "Chromium may connect ahead, and then asks for nothing"
