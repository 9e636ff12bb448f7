"""`ragkit doctor`: it says what is wrong, with the command that mends it, and never fails itself."""

from __future__ import annotations

import html
import html.parser
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ragkit.build import Builder
from ragkit.catalog import Catalog
from ragkit.catalog.state import note_state
from ragkit.cli.door import Door
from ragkit.cli.outputs import require_writable_file, require_writable_folder
from ragkit.config import Config, load_config
from ragkit.doctor.stores import look_at_stores
from ragkit.errors import UsageFault
from ragkit.flows.owning import owner_of
from ragkit.ledger import Ledger
from ragkit.models import ModelStore, load_registry
from ragkit.rendering.doctor import (
    CALLS_AND_PACKETS,
    REFUSED_UNCOUNTED,
    show_proof,
    show_verdict,
)
from ragkit.rendering.doctor_page import as_html
from ragkit.types.doctor import PhaseDone, Proof, Sent, StepDone, Tried
from ragkit.types.ledger import LedgerEntry
from ragkit.vectors import manifest

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


def entry(number: int, generation: int = 1) -> LedgerEntry:
    at = f"2026-01-0{number}T00:00:00+00:00"
    return LedgerEntry(at, "ana", "search", "p", generation, "found", "A")


def with_ledger(place: Path) -> Path:
    """The file of a ledger with three entries."""
    ledger = Ledger(place / ".ragkit" / "p")
    for number in (1, 2, 3):
        ledger.append(entry(number))
    return place / ".ragkit" / "p" / "ledger.jsonl"


def test_an_altered_ledger_is_a_fault(place: Path) -> None:
    file = with_ledger(place)
    code, found = doctor(place)
    assert found["pipeline p", "ledger"]["state"] == "ok"
    file.write_text(file.read_text().replace("2026-01-03", "2026-01-04"))
    code, found = doctor(place)
    finding = found["pipeline p", "ledger"]
    assert (code, finding["state"]) == (9, "fault")
    assert "line 3" in finding["text"]
    assert finding["mend"] == "ragkit audit verify p"


def test_a_ledger_that_is_off_is_said(place: Path) -> None:
    settings = "pipelines: {p: {folders: [files], ledger: off}}\n"
    (place / "pipelines.yaml").write_text(settings, encoding="utf-8")
    assert doctor(place)[1]["pipeline p", "ledger"]["text"].startswith("Off")


@pytest.mark.parametrize("emptied", [True, False])
@pytest.mark.parametrize("left", ["ledger", "vectors", "report"])
def test_a_lost_catalog_is_a_fault(place: Path, left: str, emptied: bool) -> None:
    store = place / ".ragkit" / "p"
    for path in store.glob("catalog.db*"):
        path.unlink()
    if emptied:
        (store / "catalog.db").touch(mode=0o600)
    assert doctor(place)[1]["pipeline p", "index"]["state"] == "note", "nothing was lost"
    if left == "ledger":
        with_ledger(place)
    elif left == "vectors":
        (store / "chroma" / "1").mkdir(mode=0o700, parents=True)
        (store / "chroma").chmod(0o700)
    else:
        (store / "runs").mkdir(mode=0o700)
        (store / "runs" / "3.md").touch(mode=0o600)
    code, found = doctor(place)
    assert (code, found["pipeline p", "catalog"]["state"]) == (9, "fault")
    assert "lost" in found["pipeline p", "catalog"]["text"]


def test_flipped_bytes_of_the_vector_index_are_told(place: Path) -> None:
    store = place / ".ragkit" / "p"
    folder = store / "chroma" / "1"
    folder.mkdir(mode=0o700, parents=True)
    (store / "chroma").chmod(0o700)
    (folder / "data_level0.bin").write_bytes(bytes(4096))
    manifest.write_manifest(folder, parts=[1], dimension=4, made_by="chromadb")
    for path in folder.iterdir():
        path.chmod(0o600)
    with Catalog.open_for_writing(store) as catalog, catalog.transaction() as connection:
        connection.execute("INSERT INTO vector_indexes VALUES (1, 'e', 1, 1, '')")
    assert doctor(place)[1]["pipeline p", "vector index"]["state"] == "ok"
    (folder / "data_level0.bin").write_bytes(bytes(2048) + b"\1" + bytes(2047))
    finding = doctor(place)[1]["pipeline p", "vector index"]
    assert (finding["state"], finding["mend"]) == ("warning", "ragkit ingest p")


def test_a_store_that_another_pipeline_owns_is_a_fault(place: Path) -> None:
    config = two_pipelines(place)
    for name in ("p", "q"):
        with (
            Catalog.open_for_writing(place / ".ragkit" / name) as catalog,
            catalog.transaction() as connection,
        ):
            note_state(connection, owner_of(config.pipelines[name]))
    assert doctor(place)[0] == 0
    copied = place / ".ragkit" / "q" / "catalog.db"
    copied.write_bytes((place / ".ragkit" / "p" / "catalog.db").read_bytes())
    code, found = doctor(place)
    assert (code, found["pipeline q", "owner of the store"]["state"]) == (9, "fault")
    shutil.rmtree(place / ".ragkit" / "q")
    (place / ".ragkit" / "q").symlink_to(place / ".ragkit" / "p")
    code, found = doctor(place)
    assert code == 9
    for name in ("p", "q"):
        assert "kept apart" in found[f"pipeline {name}", "owner of the store"]["text"]


def test_a_store_that_cannot_be_written_is_a_fault(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(place / "pipelines.yaml")
    found = {each.name: each.state for each in look_at_stores(config)}
    assert "access" not in found
    real = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: not str(path).endswith("catalog.db") and real(path, mode),
    )
    (finding,) = [each for each in look_at_stores(config) if each.name == "access"]
    assert finding.state == "fault"
    assert "exit code 4" in finding.text
    assert finding.mend.startswith("chmod")


@pytest.mark.parametrize(("noted", "is_told"), [("this one", False), ("another", True)])
def test_an_index_of_another_embedder_is_a_fault(
    place: Path, monkeypatch: pytest.MonkeyPatch, noted: str, is_told: bool
) -> None:
    with (
        Catalog.open_for_writing(place / ".ragkit" / "p") as catalog,
        catalog.transaction() as connection,
    ):
        note_state(connection, {"embedder": noted})
    monkeypatch.setattr(Builder, "embedder_fingerprint", lambda self, pipeline: "this one")
    models = ModelStore(place / "models", load_registry())
    found = look_at_stores(load_config(place / "pipelines.yaml"), models)
    told = [(each.state, each.mend) for each in found if each.name == "embedder"]
    assert told == ([("fault", "ragkit ingest p")] if is_told else [])


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


def test_idle_is_for_the_proof(home: Path) -> None:
    code, found = doctor(home, "--idle", "3")
    assert (code, found["error"]) == (2, "--idle is for the proof.")


def test_a_place_that_cannot_hold_the_proof_is_told_before_the_work(home: Path) -> None:
    code, found = doctor(home, "--prove-offline", "--output", str(home / "missing" / "p.html"))
    assert code == 2
    assert f"no folder {home / 'missing'}" in found["error"]
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["summarize", "p", "--output", "files/letter.txt/below"],
        ["runs", "p", "--report", "--format", "json", "--output", "missing/r.html"],
        ["runs", "p", "--report", "--output", "files/letter.txt"],
    ],
)
def test_a_place_that_cannot_hold_a_result_is_told_before_the_store_is_opened(
    place: Path, command: list[str]
) -> None:
    """The store is a damaged one, which would be told of otherwise."""
    (place / "files" / "letter.txt").write_text("A letter.", encoding="utf-8")
    (place / ".ragkit" / "p" / "catalog.db").write_bytes(b"\xa5" * 8192)
    ended = subprocess.run(
        [sys.executable, "-m", "ragkit", *command, "--json"],
        cwd=place,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert ended.returncode == 2, ended.stdout
    assert "letter.txt" in ended.stdout or "missing" in ended.stdout


def test_a_folder_without_permission_to_write_holds_no_result(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_writable_file(home / "a.html")
    require_writable_folder(home / "new" / "folder")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != home)
    with pytest.raises(UsageFault, match="Nothing can be written"):
        require_writable_file(home / "a.html")
    with pytest.raises(UsageFault, match="Nothing can be written"):
        require_writable_folder(home / "new" / "folder")


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


CALLS = {"internet sockets": 2, "connections to local services": 22}


def test_calls_beside_no_packets_are_explained() -> None:
    step = StepDone("ingest", 0, 1.0, CALLS)
    phase = PhaseDone("workload without the guard", 1.0, 0, CALLS, (step,), level="level D",
                      callers={"urllib3.util.connection, AF_INET6, bound": 2},
                      services={"/var/run/nscd/socket": 22})  # fmt: skip
    guarded = PhaseDone(
        "workload under the guard", 1.0, 0, {"internet sockets": 0}, level="level A"
    )
    made = replace(proof("proved"), phases=(phase, guarded))
    for shown in (show_proof(made), html.unescape(as_html(made))):
        for told in (
            "urllib3.util.connection, AF_INET6, bound: 2",
            "/var/run/nscd/socket: 22",
            "calls of ingest: 2 internet sockets",
            CALLS_AND_PACKETS,
        ):
            assert told in shown
        assert shown.count(CALLS_AND_PACKETS) == shown.count(REFUSED_UNCOUNTED) == 1


def test_a_proof_that_was_written_is_not_told_twice() -> None:
    facts = {"libraries": {"chromadb": "its digest"}}
    shown = show_verdict(replace(proof("violated"), facts=facts), "proof.html")
    assert "Violated" in shown
    assert "control: 1 packet" in shown
    assert "port 443" in shown
    assert "proof.html" in shown
    assert "chromadb" not in shown
    assert "Repeat it yourself" not in shown
    assert "\x1b" not in shown


def test_the_text_names_each_packets_place() -> None:
    shown = show_proof(proof())
    assert "Violated" in shown
    assert "port 443, in: control" in shown
    assert "\x1b" not in shown
    assert "Repeat it yourself" in shown
    assert "What this does not prove" in shown
