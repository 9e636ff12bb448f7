"""`ragkit doctor`: it says what is wrong, with the command that mends it, and never fails itself."""

from __future__ import annotations

import html.parser
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ragkit.catalog import Catalog
from ragkit.rendering.doctor import show_proof
from ragkit.rendering.doctor_page import as_html
from ragkit.types.doctor import PhaseDone, Proof, Sent, Tried

ROOT = Path(__file__).parents[2]
SETTINGS = "pipelines: {p: {folders: [files]}}\n"


@pytest.fixture
def place(home: Path) -> Path:
    """A settings file, a folder of documents, and an empty catalog."""
    (home / "files").mkdir(mode=0o700)
    (home / "pipelines.yaml").write_text(SETTINGS, encoding="utf-8")
    Catalog.open_for_writing(home / ".ragkit" / "p").close()
    (home / ".ragkit" / "p" / "catalog.db").chmod(0o600)
    return home


def doctor(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit code, and findings by area and name."""
    ended = subprocess.run(
        [sys.executable, "-m", "ragkit", "doctor", "--json", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    told = json.loads(ended.stdout)
    assert told["version"] == 1
    found = {(each["area"], each["name"]): each for each in told.get("findings", [])}
    return ended.returncode, {**found, "error": told.get("message", "")}


def test_without_a_settings_file_it_tells_the_rest(home: Path) -> None:
    code, found = doctor(home)
    assert code == 0
    assert "nothing is said about stores" in found["settings", "file"]["text"]
    assert found["settings", "file"]["mend"].startswith("ragkit init")
    assert "without a graphics card" in found["machine", "models that fit"]["text"]
    for name in ("isolation", "versions", "surroundings", "other users"):
        assert [key for key in found if key[0] == name]


def test_a_faulty_settings_file_is_a_fault(home: Path) -> None:
    (home / "pipelines.yaml").write_text("pipelines: {p: {folder: [files]}}\n", encoding="utf-8")
    code, found = doctor(home)
    assert code == 9
    assert "folder" in found["settings", "file"]["text"]


def test_a_sound_store_is_said_to_be_sound(place: Path) -> None:
    _, found = doctor(place)
    assert found["pipeline p", "catalog"]["state"] == "ok"
    assert found["pipeline p", "permissions"]["state"] == "ok"
    assert found["pipeline p", "index"]["mend"] == "ragkit ingest p"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_open_to_others_is_a_fault(place: Path, mode: int) -> None:
    left = place / ".ragkit" / "p" / "runs" / "deep"
    left.mkdir(mode=0o700, parents=True)
    left.parent.chmod(0o700)
    (left / "report.html").touch()
    (left / "report.html").chmod(mode)
    code, found = doctor(place)
    finding = found["pipeline p", "permissions"]
    assert (code, finding["state"]) == (9, "fault")
    subprocess.run(["sh", "-c", finding["mend"]], check=True)
    assert doctor(place)[1]["pipeline p", "permissions"]["state"] == "ok"


def test_a_damaged_catalog_is_a_fault_and_no_crash(place: Path) -> None:
    catalog = place / ".ragkit" / "p" / "catalog.db"
    data = bytearray(catalog.read_bytes())
    data[4096:12288] = b"\xa5" * 8192
    catalog.write_bytes(data)
    code, found = doctor(place)
    assert code == 9
    assert found["pipeline p", "catalog"]["state"] == "fault"
    assert found["pipeline p", "catalog"]["mend"]


def test_a_store_in_a_cloud_is_a_fault(home: Path) -> None:
    settings = "store: Dropbox/.ragkit\n" + SETTINGS
    (home / "pipelines.yaml").write_text(settings, encoding="utf-8")
    (home / "files").mkdir()
    code, found = doctor(home)
    assert code == 9
    assert "Dropbox" in found["surroundings", "synchronised folders"]["text"]


def test_missing_documents_are_a_warning(place: Path) -> None:
    (place / "files").rmdir()
    _, found = doctor(place)
    assert found["pipeline p", "documents"]["state"] == "warning"


def test_it_is_sealed_itself(place: Path) -> None:
    _, found = doctor(place)
    if sys.platform == "linux":
        assert found["isolation", "level"]["text"].startswith(("level A", "level B"))
        assert "refused by the kernel" in found["isolation", "ways out"]["text"]


def test_output_is_for_the_proof_and_has_two_formats(home: Path) -> None:
    assert doctor(home, "--output", "a.html")[0] == 2
    code, found = doctor(home, "--prove-offline", "--output", "a.pdf")
    assert code == 2
    assert ".html" in found["error"]


EVIL = "<script src=//evil.example>\x1b[31m\u202e&"


def proof(verdict: Any = "violated") -> Proof:
    tried = Tried(EVIL, EVIL, seen=False, needed=True)
    phase = PhaseDone("control", 1.0, 1, {"internet sockets": 2}, tried=(tried,), level=EVIL)
    sent = Sent("control", EVIL, EVIL, 443, 2)
    return Proof(verdict, EVIL, EVIL, "2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00", 60.0,
                 (phase,), (sent,), {"system": {"kernel": EVIL}}, (EVIL,))  # fmt: skip


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_page_is_inert_and_needs_nothing_else() -> None:
    page = as_html(proof())
    tags = Tags()
    tags.feed(page)
    assert not tags.tags & {"script", "img", "link", "iframe", "object", "form", "a"}
    assert not tags.attributes & {"src", "href", "style", "onclick", "onload"}
    assert "default-src 'none'" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "What this does not prove" in page
    assert "NoNewPrivs" in page


def test_the_text_names_each_packets_place() -> None:
    shown = show_proof(proof())
    assert "Violated" in shown
    assert "port 443, in: control" in shown
    assert "\x1b" not in shown
    assert "Repeat it yourself" in shown
    assert "What this does not prove" in shown
