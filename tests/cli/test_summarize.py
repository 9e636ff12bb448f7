"""`ragkit summarize` as a person meets it, with the starter embedder."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

import pytest

from tests.cli.test_commands import LEASE, LETTER, Shell

pytestmark = pytest.mark.real

EVIL = "evil <b>![x](http:..evil.example).txt"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Shell:
    """A folder with a contract, a letter, a file that means harm and one that cannot be read."""
    folder = tmp_path_factory.mktemp("summaries")
    files = folder / "files"
    (files / "es").mkdir(parents=True)
    (files / "lease.txt").write_text(LEASE, encoding="utf-8")
    (files / "es" / "alta.txt").write_text(LETTER, encoding="utf-8")
    (files / EVIL).write_text(
        "The fine is \x1b[31m900 euros\x1b[0m \u202eorue\u202c a month, see "
        "![here](http://evil.example/x.png) and <script>alert(1)</script> for more of it.\n",
        encoding="utf-8",
    )
    (files / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    shell = Shell(folder)
    assert shell("init", "files").code == 0
    assert shell("ingest", "-q").code == 3
    return shell


def test_json_has_exact_quotes_and_a_second_run_reuses(shell: Shell) -> None:
    run = shell("summarize", "files", "--json")
    assert run.code == 3, run.err
    assert run.data["version"] == 1
    assert [item["document"] for item in run.data["unreadable"]] == ["old.doc"]
    texts = {"lease.txt": LEASE, "es/alta.txt": LETTER}
    checked = 0
    for part in (*run.data["documents"], run.data["folder"]):
        for citation in part["citations"]:
            if citation["document"] in texts:
                text = texts[citation["document"]]
                assert text[citation["start"] : citation["end"]] == citation["quote"]
                checked += 1
    assert checked >= 6
    again = shell("summarize", "files", "--json")
    assert all(document["reused"] for document in again.data["documents"])
    assert "summarizing" in run.err
    assert "3 documents summarized, 3 of them before" in again.err


def test_markdown_begins_with_the_folder_and_is_inert(shell: Shell) -> None:
    run = shell("summarize", "files", "-q")
    assert run.out.startswith("# files\n\n> **Could not be read")
    assert "4,200 euros" in run.out
    assert "900 euros" in run.out
    assert not any(sign in run.out for sign in "\x1b\x9b\u202e")
    bare = re.sub(r"\\.", "", run.out)  # without what is escaped
    assert not any(sign in bare for sign in ("<script", "<b>", "![", "](", "://"))


def test_files_are_written_and_those_of_gone_documents_removed(shell: Shell) -> None:
    output = shell.folder / "out"
    run = shell("summarize", "files", "--output", "out", "--json")
    assert (run.code, run.data["documents"], run.data["removed"]) == (3, 3, [])
    names = {path.relative_to(output).as_posix() for path in output.rglob("*.md")}
    assert {"summary.md", "lease.txt.md", "es/alta.txt.md"} < names
    assert len(names) == 4
    assert json.loads((output / "es/alta.txt.json").read_text())["document"] == "es/alta.txt"
    assert json.loads((output / "summary.json").read_text())["folder"]["sentences"]
    extra = shell.folder / "files" / "extra.txt"
    extra.write_text("The warranty lasts for two years from the day of delivery.", encoding="utf-8")
    shell("ingest", "files", "-q")
    assert shell("summarize", "files", "extra.txt", "--output", "out").code == 0
    assert (output / "extra.txt.md").is_file()
    extra.unlink()
    shell("ingest", "files", "-q")
    run = shell("summarize", "files", "--output", "out", "--json")
    assert run.data["removed"] == ["extra.txt"]
    assert not (output / "extra.txt.md").exists()


def test_pages_lead_to_each_other_and_to_the_files(shell: Shell) -> None:
    output = shell.folder / "pages"
    assert shell("summarize", "files", "--output", "pages", "-q").code == 3
    above = (output / "summary.html").read_text(encoding="utf-8")
    assert 'href="./es/alta.txt.html"' in above
    assert "old.doc" in above
    page = (output / "es" / "alta.txt.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert 'href="../summary.html"' in page
    assert f'href="{(shell.folder / "files/es/alta.txt").resolve().as_uri()}"' in page
    written = [path.read_text(encoding="utf-8") for path in output.rglob("*.html")]
    assert not any(re.search(r"<(?:script|img|link|iframe|object)|src=", text) for text in written)
    marked = (output / "lease.txt.md").read_text(encoding="utf-8")
    assert f"\n[1]: <{(shell.folder / 'files/lease.txt').resolve().as_uri()}>" in marked
    assert "whole text read" in marked


def test_a_dry_run_measures_and_keeps_nothing(shell: Shell) -> None:
    asked = ("summarize", "files", "--words", "44", "--dry-run")
    for _ in range(2):
        run = shell(*asked, "--json")
        assert run.code == 0, run.err
        assert (run.data["documents"], run.data["to_make"], run.data["reused"]) == (3, 3, 0)
        assert (run.data["basis"], run.data["unreadable"]) == ("sample", 1)
        assert run.data["seconds"] > 0
    assert "summarized now to measure it" in shell(*asked).out
    assert shell("summarize", "files", "--words", "44", "-q").code == 3
    assert "There is nothing to make." in shell(*asked).out


def test_a_language_can_be_asked_for(shell: Shell) -> None:
    output = shell.folder / "spanish"
    run = shell("summarize", "files", "--language", "es", "--output", "spanish", "-q")
    assert run.code == 3, run.err
    marked = (output / "lease.txt.md").read_text(encoding="utf-8")
    assert "texto leído entero" in marked
    assert "## Datos clave" in marked
    assert "Key facts" not in marked
    assert "## Documentos" in (output / "summary.md").read_text(encoding="utf-8")
    shown = shell("summarize", "files", "es/alta.txt", "--language", "en")
    assert "whole text read" in shown.out
    assert "1 document summarized, 1 of them before." in shown.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("files", "lose.txt"), 2, "Did you mean lease.txt"),
        (("nowhere",), 2, "no pipeline 'nowhere'"),
        (("files", "--output", "files/out"), 2, "would mix"),
        (("files", "--words", "3"), 2, "--words"),
        (("files", "--focus", " "), 2, "question is empty"),
        (("files", "old.doc"), 3, "0 documents"),
    ],
)
def test_wrong_input_is_one_sentence(
    shell: Shell, arguments: tuple[str, ...], code: int, words: str
) -> None:
    run = shell("summarize", *arguments)
    assert run.code == code
    assert words in run.err
    assert "Traceback" not in run.err


def test_nothing_indexed_and_nothing_said(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "a.txt").write_text("12 / 13 / 14\n")
    own = Shell(tmp_path)
    assert own("init", "few").code == 0
    run = own("summarize", "few")
    assert run.code == 4
    assert "ragkit ingest few" in run.err
    own("ingest", "-q")
    assert own("summarize", "few").code == 6


def test_focus_leads_and_can_come_from_standard_input(shell: Shell) -> None:
    asked = ("summarize", "files", "lease.txt", "--words", "30", "--json", "--focus")
    given = shell(*asked, "How much is the monthly rent?")
    assert any("4,200" in said["text"] for said in given.data["documents"][0]["sentences"])
    piped = shell(*asked, "-", stdin="How much is the monthly rent?\n")
    assert piped.data["documents"][0]["reused"]


def test_composed_sentences_are_checked(shell: Shell) -> None:
    asked = ("--style", "compose", "--words", "10", "--json")
    run = shell("summarize", "files", "es/alta.txt", *asked)
    assert run.code == 0, run.err
    (document,) = run.data["documents"]
    assert document["model"]
    statuses = {sentence["status"] for sentence in document["sentences"]}
    assert statuses <= {"kept", "repaired", "replaced", "quoted"}


def test_interrupted_it_ends_with_130_and_goes_on(shell: Shell, tmp_path: Path) -> None:
    files = tmp_path / "many"
    files.mkdir()
    for number in range(60):
        (files / f"{number}.txt").write_text(LEASE.replace("4,200", f"{number},200") * 3)
    own = Shell(tmp_path)
    own("init", "many")
    assert own("ingest", "-q").code == 0
    process = own.start("summarize", "many")
    assert process.stderr is not None
    line = process.stderr.readline()  # "summarizing 0 of 60"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, line + rest
    assert "Traceback" not in rest
    run = own("summarize", "many", "--json")
    assert run.code == 0
    assert len(run.data["documents"]) == 60
