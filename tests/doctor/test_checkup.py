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
from ragkit.cli.door import Door
from ragkit.config import Config, load_config
from ragkit.doctor.stores import look_at_stores
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


def two_pipelines(place: Path) -> Config:
    (place / "pipelines.yaml").write_text(
        "pipelines: {p: {folders: [files]}, q: {folders: [files]}}\n", encoding="utf-8"
    )
    Catalog.open_for_writing(place / ".ragkit" / "q").close()
    return load_config(place / "pipelines.yaml")


def test_a_file_that_goes_away_meanwhile_hides_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the log of a catalog does when an ingest ends."""
    config = two_pipelines(place)
    (place / ".ragkit" / "p" / "gone-wal").touch()
    real = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path.name == "gone-wal":
            raise FileNotFoundError(2, "gone", str(path))
        return real(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    found = {(each.area, each.name): each.state for each in look_at_stores(config)}
    assert found["pipeline p", "permissions"] == found["pipeline q", "permissions"] == "ok"
    assert ("pipeline p", "not seen") not in found


def test_what_cannot_be_looked_at_in_one_store_hides_no_other(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = two_pipelines(place)
    (place / ".ragkit" / "p" / "kept").touch(mode=0o600)
    real = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path.name == "kept":
            raise PermissionError(13, "no permission", str(path))
        return real(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    found = {(each.area, each.name): each.state for each in look_at_stores(config)}
    assert found["pipeline p", "not seen"] == "warning"
    assert found["pipeline p", "catalog"] == "ok"
    assert found["pipeline q", "permissions"] == "ok"


def test_commands_that_mend_name_the_settings_file_where_it_is_another(place: Path) -> None:
    (place / "pipelines.yaml").rename(place / "other.yaml")
    _, found = doctor(place, "--config", "other.yaml")
    assert found["pipeline p", "index"]["mend"] == "ragkit ingest --config other.yaml p"


@pytest.mark.parametrize(
    ("hint", "typed"),
    [
        ("ragkit audit verify p", "ragkit audit verify --config a.yaml p"),
        ("ragkit purge p DOCUMENT", "ragkit purge --config a.yaml p DOCUMENT"),
        ("ragkit doctor --prove-offline", "ragkit doctor --config a.yaml --prove-offline"),
        ("ragkit models list", "ragkit models list"),
        ("chmod 600 x", "chmod 600 x"),
    ],
)
def test_a_command_is_hinted_at_as_it_is_typed_here(hint: str, typed: str) -> None:
    door = Door(Path("a.yaml"), as_json=False, quiet=False, verbose=False)
    assert door.with_config(hint) == typed


@pytest.mark.skipif(sys.platform != "linux", reason="the guard's filter is Linux's")
def test_a_sealed_process_leaves_nothing_and_readers_are_looked_at(place: Path) -> None:
    _, found = doctor(place)
    assert found["surroundings", "core dumps"]["state"] == "ok"
    if found["isolation", "files"]["state"] == "ok":
        assert found["surroundings", "temporary files"]["state"] == "ok"
        assert found["isolation", "readers"]["state"] == "ok"


def test_the_proof_accepts_nothing_weak(home: Path) -> None:
    code, found = doctor(home, "--prove-offline", "--accept-weak-isolation")
    assert code == 2
    assert "would change nothing" in found["error"]


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
