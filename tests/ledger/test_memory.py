"""A ledger that is gone, or was switched off meanwhile, leaves a trace: the index remembers it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, UsageFault
from ragkit.rendering.ledger import show_ledger, show_verdict
from ragkit.workspace import Workspace
from tests.hygiene.desk import LEASE, LETTER, RENT, Desk
from tests.hygiene.models import FakeBuilder

OFF = ", ledger: off, parsing: {ocr: off}"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
    desk = Desk(tmp_path)
    desk.write("a", "lease.md", LEASE)
    with opened(desk) as workspace:
        workspace.ingest("a")
    return desk


def opened(desk: Desk) -> Workspace:
    return Workspace(desk.root / "pipelines.yaml", models=desk.root / "home")


def outcomes(desk: Desk) -> list[str]:
    return [f"{entry['command']}: {entry['outcome']}" for entry in desk.entries()]


def lose(desk: Desk) -> None:
    for path in desk.store().glob("ledger.*"):
        path.unlink()


def test_a_ledger_that_was_deleted_is_missed(desk: Desk) -> None:
    lose(desk)
    with opened(desk) as workspace:
        fault = workspace.verify_ledger("a").fault
        assert fault is not None
        assert fault.problem == "dropped"
        for ask in (
            lambda: workspace.search("a", RENT),
            lambda: workspace.ask("a", RENT),
            lambda: workspace.ingest("a"),
        ):
            with pytest.raises(CheckFailed, match="is gone, and the index remembers entry 1"):
                ask()
    assert not (desk.store() / "ledger.jsonl").exists()


def test_a_new_one_is_begun_by_a_person_only_and_says_so(desk: Desk) -> None:
    with opened(desk) as workspace:
        with pytest.raises(UsageFault, match="is still in"):
            workspace.begin_ledger("a")
        lost = workspace.ledger("a").head.hash
        lose(desk)
        assert workspace.begin_ledger("a").sound
        workspace.search("a", RENT)
        assert workspace.verify_ledger("a").sound
    assert outcomes(desk) == [f"ledger: begun anew after entry 1 ({lost})", "search: found"]


def test_one_put_back_from_before_the_last_ingest_is_missed(desk: Desk) -> None:
    kept = desk.root / "kept"
    kept.mkdir()
    for path in desk.store().glob("ledger.*"):
        shutil.copy(path, kept)
    desk.write("a", "letter.md", LETTER)
    with opened(desk) as workspace:
        workspace.search("a", RENT)
        workspace.ingest("a")
        for path in kept.iterdir():
            shutil.copy(path, desk.store())
        fault = workspace.verify_ledger("a").fault
        assert fault is not None
        assert (fault.problem, "index remembers entry 3" in fault.says) == ("dropped", True)
        with pytest.raises(CheckFailed, match="ends at entry 1"):
            workspace.search("a", RENT)


def test_a_purge_is_remembered_too(desk: Desk) -> None:
    (desk.root / "a/lease.md").unlink()
    with opened(desk) as workspace:
        assert workspace.purge("a", ["lease.md"]).is_clean
        lose(desk)
        fault = workspace.verify_ledger("a").fault
    assert fault is not None
    assert "index remembers entry 2" in fault.says


def test_switching_off_and_on_again_is_noted(desk: Desk) -> None:
    without = Desk(desk.root, settings=OFF)
    with opened(without) as workspace:
        workspace.search("a", RENT)
        workspace.search("a", RENT)
        assert "switched off in pipelines.yaml" in show_ledger(workspace.ledger("a"))
        assert "switched off in pipelines.yaml" in show_verdict(workspace.verify_ledger("a"))
    with opened(Desk(desk.root)) as workspace:
        workspace.search("a", RENT)
        workspace.search("a", RENT)
        assert "switched off in" not in show_ledger(workspace.ledger("a"))
        assert workspace.verify_ledger("a").sound
    assert outcomes(desk) == [
        "ingest: done",
        "ledger: switched off",
        "ledger: switched on again",
        "search: found",
        "search: found",
    ]


def test_an_ingest_without_a_ledger_is_remembered_when_it_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
    without = Desk(tmp_path, settings=OFF)
    without.write("a", "lease.md", LEASE)
    with opened(without) as workspace:
        workspace.ingest("a")
    assert not list(without.store().glob("ledger*"))
    with opened(Desk(tmp_path)) as workspace:
        workspace.search("a", RENT)
        workspace.ingest("a")
        workspace.search("a", RENT)
    assert outcomes(without) == [
        "ledger: switched on again",
        "search: found",
        "ingest: done",
        "search: found",
    ]


def test_a_report_notes_the_documents_that_went(desk: Desk) -> None:
    digest = hashlib.sha256(LEASE.encode()).hexdigest()
    with opened(desk) as workspace:
        workspace.nightly("a")
        (desk.root / "a/lease.md").unlink()
        desk.write("a", "letter.md", LETTER)
        assert workspace.nightly("a").changes.removed == ("lease.md",)
        workspace.nightly_report("a")
    night, again = desk.entries()[-2:]
    assert (night["command"], again["command"]) == ("nightly", "report")
    assert digest in night["documents"]
    assert digest in again["documents"]
