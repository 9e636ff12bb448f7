"""`ragkit eval` as its user meets it: exit codes, files, what a log and the ledger hold."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

import ragkit
from ragkit.cli.door import Door
from ragkit.cli.rivals import rival_of
from ragkit.errors import UsageFault
from tests.cli.test_commands import LEASE, Shell

pytestmark = pytest.mark.real

QUESTIONS = """questions:
  - id: rent
    question: How much is the monthly rent of the lease?
    document: lease.txt
    quote: The monthly rent is 4,200 euros
    category: money
  - id: notice
    question: With what notice may the lease be terminated?
    document: lease.txt
    quote: ninety days' written notice
    category: terms
  - id: door
    question: What colour is the door?
    answerable: false
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Shell:
    """Two pipelines over the same lease, one of them with passages of another model's making."""
    folder = tmp_path_factory.mktemp("eval")
    (folder / "docs").mkdir()
    (folder / "docs" / "lease.txt").write_text(LEASE, encoding="utf-8")
    (folder / "questions.yaml").write_text(QUESTIONS, encoding="utf-8")
    (folder / "pipelines.yaml").write_text("pipelines: {p: {folders: [docs]}}\n", encoding="utf-8")
    (folder / "other.yaml").write_text(
        "store: other\npipelines: {q: {folders: [docs]}}\n", encoding="utf-8"
    )
    shell = Shell(folder)
    assert shell("ingest", "p").code == 0
    return shell


def entries(shell: Shell, *options: str) -> list[dict]:
    shown = shell("audit", "show", *options, "--json").data
    return [entry for entry in shown["entries"] if entry["command"] == "eval"]


def test_reports_and_one_entry_in_the_ledger(shell: Shell) -> None:
    before = len(entries(shell, "p"))
    outputs = [f"report.{suffix}" for suffix in ("json", "md", "html")]
    options = [word for name in outputs for word in ("--output", name)]
    run = shell("eval", "p", *options)
    assert run.code == 0, run.err
    assert "p: 3 gold questions" in run.out
    assert f"The questions: {shell.folder / 'questions.yaml'}" in run.err
    data = json.loads((shell.folder / "report.json").read_text(encoding="utf-8"))
    assert (data["version"], data["kind"], data["comparison"]) == (1, "evaluation", None)
    assert data["figures"]["recall@8"]["value"] == 1.0
    assert [group["name"] for group in data["groups"]] == ["(none)", "money", "terms"]
    for name in outputs:
        file = shell.folder / name
        assert "4,200" not in file.read_text(encoding="utf-8")
        assert file.stat().st_mode & 0o777 == 0o600
    noted = entries(shell, "p")
    assert len(noted) == before + 1
    assert noted[-1]["exported"].count(str(shell.folder)) == 3
    assert len(noted[-1]["documents"]) == 1


def test_against_an_earlier_run(shell: Shell) -> None:
    """With text, since it is asked for; the earlier run is not written over."""
    assert shell("eval", "p", "--output", "before.json", "-q").code == 0
    run = shell("eval", "p", "--against", "before.json", "--json", "--show-text")
    compared = run.data["comparison"]
    assert compared["differences"]["recall@8"]["difference"] == 0.0
    assert (compared["same"], compared["better"], compared["worse"]) == (2, [], [])
    assert "4,200 euros" in str(run.data["questions"][0]["found"])
    over = shell("eval", "p", "--against", "before.json", "--output", "before.json")
    assert over.code == 2
    assert "needs another file" in over.err


def test_against_another_settings_file(shell: Shell) -> None:
    """Whose ledger tells of it too; without an index that is said before anything is asked."""
    early = shell("eval", "p", "--against", "other.yaml:q")
    assert early.code == 4
    assert "asking" not in early.err
    assert shell("ingest", "q", "--config", "other.yaml").code == 0
    run = shell("eval", "p", "--against", "other.yaml:q", "--output", "pair.html")
    assert run.code == 0, run.err
    assert "p against q" in run.out
    (theirs,) = entries(shell, "q", "--config", "other.yaml")
    assert theirs["with_pipelines"] == ["p"]
    assert entries(shell, "p")[-1]["with_pipelines"] == ["q"]


def test_against_the_usual_stack(shell: Shell) -> None:
    run = shell("eval", "p", "--against", "usual-stack", "--json")
    assert run.code == 0, run.err
    compared = run.data["comparison"]
    assert compared["before"] == "usual-stack on p"
    assert compared["differences"]["doc_mrr"]["before"] == 1.0
    assert "refused_wrongly" not in compared["differences"]
    assert "the usual stack encodes 1 of 1" in run.err
    left = [path.name for path in (shell.folder / ".ragkit").iterdir()]
    assert left == ["p"]


def test_a_minimum(shell: Shell) -> None:
    assert shell("eval", "p", "--minimum-recall", "0.9").code == 0
    hard = shell.folder / "hard.jsonl"
    lost = {"question": "What is the monthly rent?", "document": "lease.txt", "quote": "a b c d e"}
    hard.write_text(json.dumps(lost), encoding="utf-8")
    run = shell("eval", "p", "--questions", "hard.jsonl", "--minimum-recall", "0.5", "-q")
    assert run.code == 9
    assert "recall in 8 passages is 0.000, below 0.5" in run.err
    assert "question 1 (line 1)" in run.out


def test_wrong_words_are_told_before_anything_is_opened(shell: Shell) -> None:
    run = shell("eval", "p", "--output", "report.pdf")
    assert (run.code, run.out) == (2, "")
    assert "written as .html, .md or .json" in run.err
    run = shell("eval", "p", "--questions", "docs/lease.txt")
    assert (run.code, run.out) == (2, "")
    assert "line 1, question 1: is not valid JSON" in run.err


@pytest.mark.parametrize(
    ("against", "words"),
    [
        ("gone.json", "cannot be read"),
        ("list.json", "is not the JSON of an evaluation"),
        ("half.json", "is not the JSON of an evaluation"),
        ("p", "that is measured itself"),
        ("pipelines.yaml", "that is measured itself"),
        ("pipelines.yaml:p", "that is measured itself"),
        ("else", "There is no pipeline 'else'"),
        ("other.yaml", "There is no pipeline 'p'"),
        ("gone.yaml:p", "There is no .*gone.yaml"),
    ],
)
def test_what_cannot_be_compared_with(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, against: str, words: str
) -> None:
    monkeypatch.chdir(shell.folder)
    (shell.folder / "list.json").write_text("[1, 2]", encoding="utf-8")
    half = {"version": 1, "kind": "evaluation", "pipeline": "p"}
    (shell.folder / "half.json").write_text(json.dumps(half), encoding="utf-8")
    door = Door(Path("pipelines.yaml"), as_json=False, quiet=False, verbose=False)
    with pytest.raises(UsageFault, match=words):
        rival_of(door, "p", against)


def test_from_python(shell: Shell) -> None:
    with ragkit.Workspace(shell.folder / "pipelines.yaml") as workspace:
        now = workspace.evaluate("p", shell.folder / "questions.yaml", limit=2)
        assert (len(now.results), now.left_out) == (2, 1)
        assert workspace.compare(now, now).same == len([r for r in now.results if r.answerable])


def test_interrupted_it_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    """And the ledger tells that it was asked."""
    many = tmp_path / "many.jsonl"
    lines = [{"question": f"What is clause {n}?", "document": "lease.txt"} for n in range(3_000)]
    many.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    report = tmp_path / "report.json"
    process = shell.start("eval", "p", "--questions", str(many), "--output", str(report))
    assert process.stderr is not None
    for line in process.stderr:
        if "asking" in line:
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "of 3000 questions; nothing was written" in err
    assert list(tmp_path.iterdir()) == [many]
    assert entries(shell, "p")[-1]["outcome"] == "interrupted"
