"""`ragkit nightly` and `ragkit runs` as the engineer meets them: exit codes, files, what a log may hold."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import pytest

from ragkit.catalog import WriterLock
from tests.cli.test_commands import LEASE, LETTER, Shell

pytestmark = pytest.mark.real

BROKEN = b"%PDF-1.4 cut off"


@pytest.fixture
def shell(tmp_path: Path, starter_models: dict[str, Path]) -> Shell:
    """Two pipelines; a file of the first cannot be read."""
    for name, text in (("legal", LEASE), ("medical", LETTER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "legal" / "secret-scan.pdf").write_bytes(BROKEN)
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines: {legal: {folders: [legal]}, medical: {folders: [medical]}}\n", encoding="utf-8"
    )
    return Shell(tmp_path)


def latest(shell: Shell, pipeline: str) -> dict:
    path = shell.folder / ".ragkit" / pipeline / "runs" / "latest.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_nights(shell: Shell) -> None:
    """Code 3 for what is newly unreadable, 0 once it is known; every report in its file."""
    first = shell("nightly", "--all", "--json", "-q")
    assert first.code == 3
    legal, medical = first.data["reports"]
    assert legal == latest(shell, "legal")
    assert medical == latest(shell, "medical")
    assert (legal["added"], medical["added"]) == (["legal.txt"], ["medical.txt"])
    assert [failure["document"] for failure in legal["failures"]] == ["secret-scan.pdf"]
    assert "1 document newly could not be read" in first.err
    assert "secret-scan" not in first.err

    second = shell("nightly", "legal", "--json")
    assert second.code == 0
    (failure,) = second.data["failures"]
    assert (failure["new"], failure["since"]) == (False, legal["failures"][0]["since"])

    (shell.folder / "legal" / "fax.pdf").write_bytes(BROKEN + b" too")
    third = shell("nightly", "legal")
    assert third.code == 3
    assert third.out.index("NEW: fax.pdf") < third.out.index("secret-scan.pdf")

    shown = shell("runs", "legal", "--report", "2", "--json")
    assert (shown.code, shown.data) == (0, second.data)
    assert shell("runs", "legal", "--report").out == third.out
    table = shell("runs").out
    assert "legal:\n" in table
    assert "medical:\n" in table
    assert [run["id"] for run in shell("runs", "legal", "-n", "2", "--json").data["runs"]] == [3, 2]


def test_one_pipeline_that_fails_does_not_take_the_others_night(shell: Shell) -> None:
    shutil.rmtree(shell.folder / "legal")
    run = shell("nightly", "--all", "--json")
    assert run.code == 2
    legal, medical = run.data["reports"]
    assert (legal["outcome"], legal["error"]["exit_code"]) == ("failed", 2)
    assert legal == latest(shell, "legal")
    assert (medical["outcome"], medical["added"]) == ("done", ["medical.txt"])
    assert "legal: failed (UsageFault)" in run.err


def test_busy_beats_newly_unreadable_and_both_are_told(shell: Shell) -> None:
    with WriterLock(shell.folder / ".ragkit" / "medical"):
        run = shell("nightly", "--all")
    assert run.code == 5
    assert "NEW: secret-scan.pdf" in run.out
    assert "Failed: Another process writes" in run.out
    assert latest(shell, "medical")["error"]["error"] == "Busy"
    report = shell("runs", "medical", "--report", "--json")
    assert report.data["error"]["error"] == "Busy"


def test_missing_model_is_a_failed_night(shell: Shell, tmp_path: Path) -> None:
    run = shell("nightly", "medical", "--json", RAGKIT_MODELS=str(tmp_path / "none"))
    assert run.code == 4
    assert run.data["error"]["error"] == "ModelMissing"
    assert [run["outcome"] for run in shell("runs", "medical", "--json").data["runs"]] == ["failed"]
    assert shell("nightly", "medical", "--json").data["added"] == ["medical.txt"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nightly",), "Which pipeline?"),
        (("nightly", "legal", "--all"), "--all"),
        (("nightly", "nowhere"), "no pipeline 'nowhere'"),
        (("runs", "nowhere"), "no pipeline 'nowhere'"),
        (("runs", "legal", "--report"), "no nightly report yet"),
        (("runs", "--report", "legal"), "ragkit runs legal --report"),
    ],
)
def test_wrong_input_is_one_sentence(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    run = shell(*arguments)
    assert run.code == 2
    assert words in run.err


def test_runs_before_the_first(shell: Shell) -> None:
    run = shell("runs", "legal")
    assert (run.code, run.out) == (0, "legal: no ingest yet.\n")


def test_stopped_by_the_service_manager_it_ends_with_130_and_goes_on(shell: Shell) -> None:
    for number in range(60):
        (shell.folder / "medical" / f"{number}.txt").write_text(
            LEASE.replace("Alder", f"Alder{number}") * 6
        )
    process = shell.start("nightly", "medical")
    store = shell.folder / ".ragkit" / "medical" / "catalog.db"
    while not store.exists():
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert len(shell("nightly", "medical", "--json").data["added"]) == 61
