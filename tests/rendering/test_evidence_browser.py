"""The evidence page in a real browser: the marks are seen, and nothing is asked of the network."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ragkit.parsers.drawing import drawn
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr import NO_OCR
from ragkit.rendering.evidence_page import as_html
from ragkit.types.drawings import PageWanted, QuoteToFind
from ragkit.types.packs import EvidencePack
from tests.parsers.samples import pdf
from tests.rendering.test_evidence_page import PACK

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or ""
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine"),
]
RENT = "The monthly rent is 4,200 euros."


@contextmanager
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine and what was sent to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection, suppress(TimeoutError, ConnectionError):
                    connection.settimeout(1)
                    heard.append(connection.recv(1000))
                    connection.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            ended.set()
            thread.join()


def opened(page: str, folder: Path) -> tuple[Image.Image, str]:
    """A picture of the page as the browser shows it, and what it complained of."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}", f"--screenshot={folder / 'page.png'}",
            "--window-size=900,1800", f"file://{folder / 'page.html'}",
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Image.open(folder / "page.png").convert("RGB"), done.stderr


def pack() -> EvidencePack:
    wanted = PageWanted(1, (QuoteToFind(RENT),))
    (picture,) = drawn(pdf([f"Lease\n{RENT}\nThe end."]), "a.pdf", [wanted], ParseLimits(), NO_OCR)
    return replace(PACK, pages=(replace(PACK.pages[0], picture=picture),))


def test_a_page_shows_its_marks_and_complains_of_nothing(tmp_path: Path) -> None:
    image, said = opened(as_html(pack()), tmp_path)
    marked = [
        p for _, p in image.getcolors(1 << 24) or [] if p[0] > 220 and p[1] > 180 and p[2] < 190
    ]
    assert marked, "yellow is seen"
    assert "Content Security Policy" not in said
    plain, _ = opened(as_html(replace(pack(), pages=())), tmp_path)
    unmarked = [
        p for _, p in plain.getcolors(1 << 24) or [] if p[0] > 220 and p[1] > 180 and p[2] < 150
    ]
    assert not unmarked


def test_not_even_what_got_into_the_page_is_loaded(tmp_path: Path) -> None:
    """Were something forgotten to be escaped, the browser still would not load it."""
    with listener() as (port, heard):
        hostile = (
            f'<img src="http://127.0.0.1:{port}/img"><script>fetch("http://127.0.0.1:{port}/x")</script>'
            f'<style>@import url("http://127.0.0.1:{port}/css");</style>'
            f'<iframe src="http://127.0.0.1:{port}/frame"></iframe>'
        )
        opened(as_html(pack()).replace("</main>", f"{hostile}</main>"), tmp_path)
        assert b"".join(heard) == b"", "Chromium may connect ahead, and then asks for nothing"
        opened(f"<!DOCTYPE html><body>{hostile}</body>", tmp_path)
        assert b"".join(heard), "without the policy the same page loads all that"
