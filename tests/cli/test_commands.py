"""The commands as a person meets them: new processes, the starter embedder, a small folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.catalog import WriterLock

pytestmark = pytest.mark.real

LEASE = (
    "LEASE AGREEMENT\n\nThis lease is made between Alder Holdings Ltd and Birch Foods Inc on "
    "3 March 2021.\n\n1. Rent\nThe monthly rent is 4,200 euros, payable on the first day of the month.\n\n"
    "2. Termination\nEither party may terminate this lease with ninety days' written notice.\n"
)
LETTER = (
    "Informe de alta\n\nPaciente: Lucía Romero Vidal\n\nTratamiento al alta: apixabán 5 mg cada 12 horas "
    "y bisoprolol 2,5 mg al día.\n\nPróxima revisión en consulta el 14 de mayo de 2024.\n"
)


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    folder: Path

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "ragkit", *arguments],
            cwd=self.folder,
            env={**os.environ, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ragkit", *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Shell:
    """A folder with a contract and a letter, indexed."""
    folder = tmp_path_factory.mktemp("shell")
    files = folder / "files"
    files.mkdir()
    (files / "lease.txt").write_text(LEASE, encoding="utf-8")
    (files / "alta.txt").write_text(LETTER, encoding="latin-1")
    (files / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    shell = Shell(folder)
    assert shell("init", "files").code == 0
    run = shell("ingest", "--json")
    assert run.code == 3, run.err
    assert run.data["added"] == 2
    assert [item["document"] for item in run.data["unreadable"]] == ["old.doc"]
    return shell


def test_second_ingest_changes_nothing(shell: Shell) -> None:
    run = shell("ingest", "files", "--json")
    assert (run.code, run.data["files_read"], run.data["embedded"]) == (3, 0, 0)
    assert run.data["new_failures"] == []


def test_search_gives_passages_with_exact_offsets(shell: Shell) -> None:
    run = shell("search", "files", "How much is the rent?", "-k", "2", "--json")
    assert run.code == 0
    first = run.data["passages"][0]
    assert first["document"] == "lease.txt"
    assert LEASE[first["start"] : first["end"]] == first["text"]
    assert set(first) == {"document", "page", "start", "end", "heading", "text", "score", "rank"}


def test_answer_is_a_quote_that_stands_in_the_file(shell: Shell) -> None:
    run = shell("ask", "files", "What notice is needed to terminate the lease?", "--json")
    assert run.code == 0, run.err
    assert run.data["outcome"] == "found"
    texts = {"lease.txt": LEASE, "alta.txt": LETTER}
    for citation in run.data["citations"]:
        text = texts[citation["document"]]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert any("ninety days" in citation["quote"] for citation in run.data["citations"])


def test_spanish_question(shell: Shell) -> None:
    run = shell("ask", "files", "¿Qué dosis de apixabán toma Lucía Romero?", "--json")
    assert run.data["outcome"] == "found"
    assert any("5 mg cada 12 horas" in c["quote"] for c in run.data["citations"])


def test_compose_shows_nothing_unchecked(shell: Shell) -> None:
    run = shell("ask", "files", "How much is the monthly rent?", "--style", "compose", "--json")
    assert run.code == 0, run.err
    assert run.data["style"] == "compose"
    assert run.data["model"]
    assert {s["status"] for s in run.data["sentences"]} <= {"kept", "repaired", "replaced"}
    assert all(sentence["citations"] for sentence in run.data["sentences"])


def test_what_the_documents_say_is_shown_before_the_model_writes(shell: Shell) -> None:
    run = shell("ask", "files", "How much is the monthly rent?", "--style", "compose")
    lines = run.err.splitlines()
    quoted = [at for at, line in enumerate(lines) if "lease" in line and "“" in line]
    written = [at for at, line in enumerate(lines) if line.endswith((" (kept)", " (replaced)"))]
    assert quoted, run.err
    assert not written or quoted[-1] < written[0]


def test_question_outside_the_files_is_not_answered(shell: Shell) -> None:
    run = shell("ask", "files", "Which submarine won the chess tournament in Reykjavik?", "--json")
    assert run.code == 6
    assert run.data["outcome"] == "not_found"
    assert run.data["sentences"] == []
    assert run.data["coverage"]["documents"] == 3


def test_text_for_people_names_document_and_coverage(shell: Shell) -> None:
    run = shell("ask", "files", "How much is the monthly rent?")
    assert "lease.txt" in run.out
    assert "4,200 euros" in run.out
    assert "old.doc" in run.out


def test_question_from_standard_input(shell: Shell) -> None:
    assert shell("search", "files", "-", "--json", stdin="monthly rent\n").code == 0
    assert shell("search", "files", "-", stdin="  \n").code == 2


def test_many_questions_in_one_process(shell: Shell, tmp_path: Path) -> None:
    questions, results = tmp_path / "q.jsonl", tmp_path / "r.jsonl"
    rows = [{"id": 7, "question": "monthly rent", "more": 1}, {"id": "x", "question": "apixabán"}]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    files = ("--questions", str(questions), "--output", str(results))
    assert shell("search", "files", *files).code == 0
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == [7, "x"]
    assert lines[1]["passages"][0]["document"] == "alta.txt"
    assert shell("ask", "files", *files).code == 0
    questions.write_text('{"id": 1}\n', encoding="utf-8")
    run = shell("ask", "files", *files)
    assert run.code == 2
    assert "Line 1" in run.err


def test_status_shows_level_and_counts(shell: Shell) -> None:
    run = shell("status", "--json")
    assert run.code == 0
    (entry,) = run.data["pipelines"]
    assert (entry["pipeline"], entry["documents"], entry["quarantined"]) == ("files", 2, 1)
    assert entry["isolation"].startswith(("level A", "level B"))


def test_runs_are_listed(shell: Shell) -> None:
    run = shell("runs", "files", "--json")
    assert run.data["runs"][-1]["outcome"] == "done"
    assert run.data["runs"][-1]["figures"]["added"] == 2


def test_dry_run_writes_nothing(shell: Shell) -> None:
    extra = shell.folder / "files" / "extra.txt"
    extra.write_text("More.", encoding="utf-8")
    try:
        run = shell("ingest", "files", "--dry-run", "--json")
        assert run.data["new"] == ["extra.txt"]
        assert shell("status", "--json").data["pipelines"][0]["documents"] == 2
    finally:
        extra.unlink()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("ask", "nowhere", "x"), 2, "no pipeline 'nowhere'"),
        (("ask", "files", "  "), 2, "question is empty"),
        (("ask", "files"), 2, "question is missing"),
        (("ask", "files", "x", "--config", "absent.yaml"), 2, "ragkit init"),
        (("models", "path", "no-such-model"), 2, "no-such-model"),
        (("ingest", "files", "--nonsense"), 2, "No such option"),
    ],
)
def test_wrong_input_is_one_sentence(
    shell: Shell, arguments: tuple[str, ...], code: int, words: str
) -> None:
    run = shell(*arguments)
    assert run.code == code
    assert words in run.err
    assert "Traceback" not in run.err


def test_errors_are_json_too(shell: Shell) -> None:
    run = shell("ask", "nowhere", "x", "--json")
    assert run.code == 2
    assert run.data["error"] == "UnknownPipeline"
    run = shell("ask", "nowhere", "x", "--json", "--nonsense")
    assert (run.code, run.data["error"]) == (2, "UsageFault")
    assert "--nonsense" in run.data["message"]


def test_missing_models_name_the_command(shell: Shell, tmp_path: Path) -> None:
    run = shell("ask", "files", "rent?", RAGKIT_MODELS=str(tmp_path))
    assert run.code == 4
    assert "ragkit models pull all-MiniLM-L6-v2" in run.err


def test_missing_index_names_the_command(shell: Shell, tmp_path: Path) -> None:
    config = tmp_path / "pipelines.yaml"
    config.write_text(f"pipelines: {{p: {{folders: [{shell.folder / 'files'}]}}}}\n")
    run = shell("ask", "p", "rent?", "--config", str(config))
    assert run.code == 4
    assert f"ragkit ingest --config {config} p" in run.err


def test_second_writer_gets_busy_at_once(shell: Shell) -> None:
    with WriterLock(shell.folder / ".ragkit" / "files"):
        run = shell("ingest", "files")
    assert run.code == 5
    assert str(os.getpid()) in run.err


def test_interrupted_ingest_ends_with_130_and_goes_on(shell: Shell, tmp_path: Path) -> None:
    files = tmp_path / "many"
    files.mkdir()
    for number in range(60):
        (files / f"{number}.txt").write_text(LEASE.replace("Alder", f"Alder{number}") * 6)
    own = Shell(tmp_path)
    assert own("init", "many").code == 0
    process = own.start("ingest", "many")
    store = tmp_path / ".ragkit" / "many" / "catalog.db"
    while not store.exists():
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    run = own("ingest", "many", "--json")
    assert (run.code, run.data["documents"]) == (0, 60)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What monthly rent does Omar Haddad pay?", "EUR 600"),
        ("Why did the bridge collapse?", "corroded bolts"),
        ("How long does the supplier's warranty last?", "24 months"),
        ("For how long does confidentiality survive?", "seven years"),
    ],
)
def test_short_documents_answer_short_questions(tiny: Shell, question: str, words: str) -> None:
    run = tiny("ask", "tiny", question, "--json")
    assert run.code == 0, run.out
    assert words in run.data["text"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Shell:
    """Documents of one or two sentences."""
    folder = tmp_path_factory.mktemp("tiny")
    files = folder / "Tiny"
    files.mkdir()
    (files / "a.txt").write_text("Omar Haddad pays EUR 600 monthly rent for the garage.\n")
    (files / "b.txt").write_text("The bridge collapsed because of corroded bolts.\n")
    (files / "c.txt").write_text(
        "The supplier limited warranty lasts 24 months from delivery.\n"
        "The confidentiality obligation survives for seven years after termination.\n"
    )
    shell = Shell(folder)
    assert shell("init", "Tiny").code == 0
    assert shell("ingest", "-q").code == 0
    return shell


def test_results_never_overwrite_the_questions(tiny: Shell, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": 1, "question": "Why did the bridge collapse?"}\n')
    run = tiny("ask", "tiny", "--questions", str(questions), "--output", str(questions))
    assert run.code == 2
    assert "question" in questions.read_text()
    link, real = tmp_path / "link.jsonl", tmp_path / "real.jsonl"
    link.symlink_to(real)
    assert tiny("ask", "tiny", "--questions", str(questions), "--output", str(link)).code == 0
    assert link.is_symlink()
    assert json.loads(real.read_text())["outcome"] == "found"


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "tiny", "x", "--output", "out.jsonl"),
        ("ingest", "tiny", "--all"),
        ("ask", "tiny", "x", "--style", "prose"),
    ],
)
def test_options_that_would_have_no_effect_are_refused(
    tiny: Shell, arguments: tuple[str, ...]
) -> None:
    assert tiny(*arguments).code == 2


def test_a_full_output_is_no_bug(tiny: Shell) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ragkit", "status"],
            cwd=tiny.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 4
    assert "No space left" in done.stderr


def test_another_settings_file_with_the_same_names_is_walled_off(tiny: Shell) -> None:
    other = tiny.folder / "other.yaml"
    (tiny.folder / "elsewhere").mkdir()
    (tiny.folder / "elsewhere" / "x.txt").write_text("Nothing of it.")
    other.write_text("pipelines: {tiny: {folders: [elsewhere]}}\n")
    question = "Why did the bridge collapse?"
    for command in (("ask", "tiny", question), ("ingest", "tiny"), ("status",), ("runs", "tiny")):
        run = tiny(*command, "--config", "other.yaml")
        assert run.code == 2
        assert "belongs to" in run.err
        assert "bolts" not in run.out


def test_text_of_documents_cannot_steer_the_terminal(
    tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    (tmp_path / "files").mkdir()
    evil = "The fine is \x1b[31m900 euros\x1b[0m \x9b2J \u202eorue\u202c a month.\n"
    (tmp_path / "files" / "a.txt").write_text(evil, encoding="utf-8")
    shell = Shell(tmp_path)
    shell("init", "files")
    shell("ingest", "-q")
    shown = shell("search", "files", "How much is the fine?").out
    assert "900 euros" in shown
    assert not any(sign in shown for sign in "\x1b\x9b\u202e")
