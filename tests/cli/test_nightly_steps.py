"""`ragkit nightly` with steps after the ingest, as the engineer meets it: with the starter embedder."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ragkit import Workspace
from tests.cli.test_commands import LEASE, Shell

pytestmark = pytest.mark.real

SETTINGS = """\
pipelines:
  legal:
    folders: [files]
    after_ingest:
      - summarize: {output: work/summaries, words: 40}
      - sweep: {questions: due-diligence, output: work/rows.xlsx}
      - sweep: {questions: asked.yaml, output: work/rows.jsonl}
"""
ASKED = (
    'questions: [{id: monthly-rent, question: "How much is the rent?", look_for: [monthly rent]}]'
)
DOCUMENTS = 12


@pytest.fixture
def shell(tmp_path: Path, starter_models: dict[str, Path]) -> Shell:
    (tmp_path / "files").mkdir()
    for number in range(DOCUMENTS):
        lease = LEASE.replace("4,200", f"{number + 1},200")
        (tmp_path / "files" / f"lease {number:02}.txt").write_text(lease, encoding="utf-8")
    (tmp_path / "pipelines.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "asked.yaml").write_text(ASKED, encoding="utf-8")
    return Shell(tmp_path)


def steps(data: dict) -> list[tuple[str, int, int]]:
    return [(step["outcome"], step["made"], step["reused"]) for step in data["after_ingest"]]


def latest(shell: Shell) -> dict:
    path = shell.folder / ".ragkit" / "legal" / "runs" / "latest.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_summaries_of_a_night_are_told_in_the_language_that_the_step_asks_for(
    shell: Shell,
) -> None:
    settings = SETTINGS.replace("words: 40", "words: 40, language: es")
    (shell.folder / "pipelines.yaml").write_text(settings, encoding="utf-8")
    night = shell("nightly", "--json", "-q")
    assert night.code == 0, night.err
    summaries = shell.folder / "work" / "summaries"
    assert "12 documentos" in (summaries / "summary.md").read_text(encoding="utf-8")
    told = json.loads((summaries / "lease 03.txt.json").read_text(encoding="utf-8"))
    assert any("4,200" in each["quote"] for each in told["citations"])  # as the document has it


def test_three_nights(shell: Shell) -> None:
    files, work = shell.folder / "files", shell.folder / "work"
    first = shell("nightly", "--json", "-q")
    assert first.code == 0, first.err
    assert steps(first.data) == [("done", 12, 0), ("done", 144, 0), ("done", 12, 0)]
    assert first.data == latest(shell)
    assert len(list((work / "summaries").glob("lease*.md"))) == DOCUMENTS
    assert {path.stat().st_mode & 0o777 for path in work.glob("rows.*")} == {0o600}
    assert work.stat().st_mode & 0o777 == 0o700

    (files / "lease 03.txt").unlink()
    (files / "lease 04.txt").rename(files / "moved.txt")
    (files / "new.txt").write_text("The tenant keeps a dog, and the landlord agrees to it.")
    (files / "broken.pdf").write_bytes(b"%PDF-1.4 cut off")
    second = shell("nightly", "--json", "-q")
    assert second.code == 3
    assert steps(second.data) == [("done", 1, 11), ("done", 12, 132), ("done", 1, 11)]
    summarized = second.data["after_ingest"][0]
    assert (summarized["removed"], summarized["unreadable"]) == (2, 1)
    names = {path.name for path in (work / "summaries").iterdir()}
    assert {"moved.txt.md", "new.txt.md"} <= names
    assert not any(name.startswith(("lease 03", "lease 04")) for name in names)
    lines = [json.loads(line) for line in (work / "rows.jsonl").read_text("utf-8").splitlines()]
    assert len([line for line in lines if "verdict" in line]) == DOCUMENTS + 1

    third = shell("nightly", "--json", "-q")
    assert third.code == 0
    assert steps(third.data) == [("done", 0, 12), ("done", 0, 144), ("done", 0, 12)]
    shown = shell("runs", "legal", "--report", "--json")
    assert shown.data == third.data
    page = (shell.folder / ".ragkit/legal/runs/latest.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]*)"', page)
    assert len(links) == 3
    assert all((shell.folder / ".ragkit/legal/runs" / link).is_file() for link in links)


def test_ingest_does_no_steps(shell: Shell) -> None:
    assert shell("ingest", "-q").code == 0
    assert not (shell.folder / "work").exists()


def test_a_purged_document_leaves_the_files_in_the_next_night(shell: Shell) -> None:
    assert shell("nightly", "-q").code == 0
    (shell.folder / "files" / "lease 07.txt").unlink()
    purged = shell("purge", "legal", "lease 07.txt", "--json", "-q")
    assert purged.code == 0, purged.err
    work = (shell.folder / "work").resolve()
    told = set(purged.data["exported"])  # what purge does not reach
    assert told == {str(work / name) for name in ("summaries", "rows.xlsx", "rows.jsonl")}
    assert (work / "summaries" / "lease 07.txt.md").exists()
    assert shell("nightly", "-q").code == 0
    left = [path for path in work.rglob("*") if path.is_file() and _tells_of(path, "lease 07")]
    assert left == []


def test_a_document_called_as_a_question_is_purged_for_good(shell: Shell) -> None:
    """What a report counts under the question's name is not the document's."""
    settings = shell.folder / "pipelines.yaml"
    lines = [
        line for line in SETTINGS.splitlines() if "summarize" not in line and "due" not in line
    ]
    settings.write_text("\n".join(lines), encoding="utf-8")
    document = shell.folder / "files" / "monthly-rent.txt"
    document.write_text("A parrot lives here.", encoding="utf-8")
    assert shell("nightly", "-q").code == 0
    assert latest(shell)["after_ingest"][0]["counts"][0]["id"] == "monthly-rent"
    document.unlink()
    purged = shell("purge", "legal", "monthly-rent.txt", "--json", "-q")
    assert purged.code == 0, purged.err


def _tells_of(path: Path, words: str) -> bool:
    if path.suffix == ".xlsx":
        shown = subprocess.run(["unzip", "-p", path], capture_output=True, check=True).stdout
        return words.encode() in shown
    return words in path.name or words in path.read_text(encoding="utf-8")


def test_a_step_with_a_wrong_output(shell: Shell) -> None:
    """Among documents: refused before anything. Where a file is: that step's fault, with its code."""
    settings = shell.folder / "pipelines.yaml"
    settings.write_text(SETTINGS.replace("work/summaries", "files/summaries"), encoding="utf-8")
    refused = shell("nightly")
    assert refused.code == 2
    assert "line 5, pipelines.legal.after_ingest.0.summarize.output:" in refused.err
    assert not (shell.folder / ".ragkit").exists()
    settings.write_text(SETTINGS, encoding="utf-8")
    (shell.folder / "work").mkdir()
    (shell.folder / "work" / "summaries").write_text("mine", encoding="utf-8")
    run = shell("nightly", "--json")
    assert run.code == 2
    assert [step["outcome"] for step in run.data["after_ingest"]] == ["failed", "done", "done"]
    assert (run.data["outcome"], len(run.data["added"])) == ("done", DOCUMENTS)
    assert "legal: summarize failed (UsageFault)." in run.err
    assert (shell.folder / "work" / "summaries").read_text(encoding="utf-8") == "mine"


def test_a_model_that_is_missing_fails_its_step_alone(shell: Shell) -> None:
    settings = SETTINGS.replace("words: 40", "style: compose").replace(
        ".yaml,", ".yaml, style: quote,"
    )
    settings = settings.replace("diligence,", "diligence, style: quote,")
    settings = settings.replace("    after", "    generator: {model: gone.gguf}\n    after")
    (shell.folder / "pipelines.yaml").write_text(settings, encoding="utf-8")
    run = shell("nightly", "--json")
    assert run.code == 4
    assert [step["outcome"] for step in run.data["after_ingest"]] == ["failed", "done", "done"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["summarizing", "sweeping"])
def test_ended_in_a_step_the_next_night_does_the_rest_and_nothing_twice(
    shell: Shell, sent: signal.Signals, moment: str
) -> None:
    process = shell.start("nightly")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(moment):
            break
    process.send_signal(sent)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (-sent if sent == signal.SIGKILL else 130), said
    assert "Traceback" not in said
    _until_free(shell)
    told = latest(shell)
    assert len(told["added"]) == DOCUMENTS
    assert told["after_ingest"][-1]["outcome"] == "not finished"
    kept = shell("summarize", "legal", "--words", "40", "--json", "-q")
    made = sum(not document["reused"] for document in kept.data["documents"])
    if moment == "sweeping":
        assert made == 0
    night = shell("nightly", "--catch-up", "00:00", "--json", "-q")
    assert (night.code, night.data["added"]) == (0, [])
    assert [step["outcome"] for step in night.data["after_ingest"]] == ["done"] * 3
    assert steps(night.data)[0] == ("done", 0, DOCUMENTS)
    left = [path.name for path in (shell.folder / "work").rglob(".*") if ".new" in path.name]
    assert left == []
    again = shell("nightly", "--catch-up", "00:00", "--json", "-q")
    assert again.data["left_out"] == "is done already"


def _until_free(shell: Shell) -> None:
    """The work of a killed command ends a moment after the one who watches it."""
    from ragkit.catalog import NightLock

    for _ in range(100):
        if not NightLock.is_held(shell.folder / ".ragkit" / "legal"):
            return
        time.sleep(0.1)
    pytest.fail("the work goes on alone")


def test_from_python(shell: Shell) -> None:
    (shell.folder / "work").mkdir(mode=0o755)  # one that was there before stays as it is
    with Workspace(shell.folder / "pipelines.yaml") as workspace:
        report = workspace.nightly("legal")
    assert [step.outcome for step in report.after_ingest] == ["done"] * 3
    assert (shell.folder / "work" / "rows.jsonl").is_file()
