"""`ragkit nightly` and `ragkit runs` as the engineer meets them: exit codes, files, what a log may hold."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from ragkit.catalog import NightLock, WriterLock
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


def test_a_second_night_is_left_out_and_points_at_no_report(shell: Shell) -> None:
    with NightLock(shell.folder / ".ragkit" / "medical"):
        alone = shell("nightly", "medical")
        both = shell("nightly", "--all", "--json", "-q")
        caught_up = shell("nightly", "medical", "--catch-up", "02:00")
    assert alone.code == 5
    assert f"process {os.getpid()}, since " in alone.err
    assert "--report" not in alone.err
    assert not (shell.folder / ".ragkit" / "medical" / "runs").exists()
    assert both.code == 5
    assert [each.get("error") for each in both.data["reports"]] == [None, "Busy"]
    assert (caught_up.code, caught_up.out) == (0, "medical: the night is still going on.\n")


def test_nights_of_several_pipelines_never_overlap(shell: Shell) -> None:
    """One of a single pipeline may go on beside them."""
    with NightLock(shell.folder / ".ragkit"):
        both = shell("nightly", "--all")
        caught_up = shell("nightly", "--all", "--catch-up", "02:00", "--json")
        one = shell("nightly", "medical")
    assert (both.code, both.out) == (5, "")
    assert f"process {os.getpid()}, since " in both.err
    assert caught_up.code == 0
    assert {each["left_out"] for each in caught_up.data["reports"]} == {"is still going on"}
    assert one.code == 0


def test_below_the_gate_the_old_state_stays_with_exit_7(shell: Shell) -> None:
    gold = {"id": "rent", "question": "How much is the rent?", "document": "legal.txt"}
    (shell.folder / "gate.jsonl").write_text(json.dumps(gold) + "\n", encoding="utf-8")
    (shell.folder / "pipelines.yaml").write_text(
        "pipelines: {legal: {folders: [legal], gate: {questions: gate.jsonl}}}\n", encoding="utf-8"
    )
    first = shell("nightly", "--json")
    assert (first.code, first.data["gate"]["passed"]) == (3, True)
    gold = {"id": "mast", "question": "Who painted the mast?", "document": "ship.txt"}
    with (shell.folder / "gate.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(gold) + "\n")
    (shell.folder / "legal" / "new.txt").write_text("The roof is new.", encoding="utf-8")
    held = shell("nightly")
    assert held.code == 7
    assert "Held back by the quality gate: 1 added, not shown yet" in held.out
    assert "mast: “Who painted the mast?”" in held.out
    assert "mast" not in held.err.replace("gate", "")
    assert "1 of 2 questions failed" in held.err
    again = shell("ingest", "--json")
    assert (again.code, again.data["gate"]["failures"][0]["id"]) == (7, "mast")
    assert shell("status", "--json").data["pipelines"][0]["documents"] == 1


def test_a_night_is_caught_up_once(shell: Shell) -> None:
    """Every hour, and at the start of the machine, cron asks so."""
    first = shell("nightly", "medical", "--catch-up", "00:00", "--json")
    assert (first.code, first.data["added"]) == (0, ["medical.txt"])
    again = shell("nightly", "medical", "--catch-up", "00:00", "--json")
    assert (again.code, again.data["left_out"]) == (0, "is done already")
    assert [run["id"] for run in shell("runs", "medical", "--json").data["runs"]] == [1]
    assert shell("nightly", "medical", "--catch-up", "noon").code == 2


def test_a_failed_night_is_caught_up(shell: Shell) -> None:
    (shell.folder / "medical").rename(shell.folder / "not mounted")
    assert shell("nightly", "medical", "--catch-up", "00:00").code == 2
    (shell.folder / "not mounted").rename(shell.folder / "medical")
    run = shell("nightly", "medical", "--catch-up", "00:00", "--json")
    assert (run.code, run.data["added"]) == (0, ["medical.txt"])


def test_a_report_in_every_form(shell: Shell) -> None:
    shell("nightly", "legal")
    page = shell("runs", "legal", "--report", "--format", "html").out
    assert page.startswith("<!DOCTYPE html>")
    assert "secret-scan.pdf" in page
    runs = shell.folder / ".ragkit" / "legal" / "runs"
    assert page == (runs / "latest.html").read_text(encoding="utf-8")
    markdown = shell("runs", "legal", "--report", "1", "--format", "markdown").out
    assert markdown == (runs / "1.md").read_text(encoding="utf-8")
    text = shell("runs", "legal", "--report", "--format", "text").out
    assert text == shell("runs", "legal", "--report").out

    output = shell.folder / "report.json"
    written = shell("runs", "legal", "--report", "--json", "--output", "report.json")
    assert (written.code, written.out) == (0, "")
    assert output.stat().st_mode & 0o777 == 0o600
    assert json.loads(output.read_text(encoding="utf-8")) == latest(shell, "legal")
    before = output.read_bytes()
    assert shell("runs", "legal", "--report", "--output", "report.json").code == 2
    assert output.read_bytes() == before


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
        (("runs", "legal", "--format", "html"), "--format and --output are for the nightly report"),
        (("runs", "--report", "--output", "x"), "of one pipeline"),
        (("runs", "legal", "--report", "--json", "--format", "html"), "two ways"),
    ],
)
def test_wrong_input_is_one_sentence(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    run = shell(*arguments)
    assert run.code == 2
    assert words in run.err + run.out


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
