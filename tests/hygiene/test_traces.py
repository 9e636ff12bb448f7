"""Row 15: whatever goes wrong, no word of a document or a question is left but in the store and results.

Every document and the question hold a word that stands nowhere else. Then something breaks, with a
message that quotes what was being worked on, as libraries' messages do; afterwards HOME, the folder
for temporary files and everything that was printed are searched for the words, byte by byte.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ragkit.errors import EXIT_NOT_FOUND
from tests.hygiene.desk import Desk
from tests.hygiene.models import FAULT

IN_DOCUMENT, IN_QUESTION, IN_PASSWORD = "Quizzacious", "Zwiebelturm", "Snollygoster"
TEXT = (
    f"# Lease\n\nThe monthly rent of the {IN_DOCUMENT} mill is 4,200 euros, payable in advance.\n\n"
    f"The {IN_DOCUMENT} mill was let on 3 March 2021 to Birch Foods Inc.\n"
)
QUESTION = f"How much is the monthly rent of the {IN_DOCUMENT} mill at {IN_QUESTION}?"
INSIDE = (IN_DOCUMENT, IN_QUESTION, IN_PASSWORD)


def desk_with(root: Path, settings: str = "") -> Desk:
    desk = Desk(root, settings=f", parsing: {{ocr: off}}{settings}")
    for number in range(4):
        desk.write("a", f"{number}.md", TEXT)
    return desk


def traces(desk: Desk, *said: str) -> list[str]:
    """Where a canary word stands outside the store and the documents."""
    found = [f"printed: {word}" for text in said for word in INSIDE if word in text]
    own = (desk.root / "a", desk.root / ".ragkit", desk.root / "secrets.yaml")
    for path in desk.root.rglob("*"):
        is_own = any(path == place or place in path.parents for place in own)
        if path.is_file() and not is_own:
            data = path.read_bytes().lower()
            found += [f"{path}: {word}" for word in INSIDE if _stands_in(word, data)]
    return found


def _stands_in(word: str, data: bytes) -> bool:
    return any(word.lower().encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be"))


FAULTS: dict[str, tuple[str, ...]] = {
    "embedding": ("ingest", "a"),
    "publishing": ("ingest", "a"),
    "asking": ("ask", "a", "-"),
    "answering": ("ask", "a", "-"),
    "summarizing": ("summarize", "a", "--focus", "-"),
    "the night": ("nightly", "a"),
}


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = desk_with(tmp_path_factory.mktemp("traces"))
    assert desk.run("ingest", "a").returncode == 0
    return desk


@pytest.mark.parametrize(
    "place", [place for place in FAULTS if place not in ("embedding", "publishing")]
)
def test_a_bug_while_asking_leaves_no_text(ingested: Desk, place: str) -> None:
    words = FAULTS[place]
    more = {FAULT: place, "RAGKIT_TEST_CANARY": IN_DOCUMENT}
    done = ingested.run(*words, typed=QUESTION, **more)
    assert done.returncode in (1, 3)
    assert traces(ingested, done.stderr, done.stdout) == []


def test_nor_does_it_as_json(ingested: Desk) -> None:
    more = {FAULT: "answering", "RAGKIT_TEST_CANARY": IN_DOCUMENT}
    done = ingested.run("ask", "a", "-", "--json", typed=QUESTION, **more)
    assert done.returncode == 1
    assert "this is a bug" in done.stdout
    assert traces(ingested, done.stderr, done.stdout) == []


def test_the_control_minus_v_does_show_it(ingested: Desk) -> None:
    """The canary is there to be printed: -v, which says so, prints it."""
    more = {FAULT: "asking"}
    done = ingested.run("ask", "a", "-", "-v", typed=QUESTION, **more)
    assert done.returncode == 1
    assert IN_QUESTION in done.stderr


@pytest.mark.parametrize("place", ["embedding", "publishing"])
def test_a_bug_while_ingesting_leaves_no_text(tmp_path: Path, place: str) -> None:
    desk = desk_with(tmp_path)
    done = desk.run("ingest", "a", **{FAULT: place})
    assert done.returncode == 1
    assert "this is a bug in ragkit" in done.stderr
    assert traces(desk, done.stderr, done.stdout) == []


def test_files_that_cannot_be_parsed_leave_no_text(tmp_path: Path) -> None:
    """Their names are told, and the reason; not what is in them."""
    desk = desk_with(tmp_path)
    for suffix in ("docx", "pdf", "eml", "xlsx", "json", "xml", "rtf", "pptx", "msg", "zip"):
        desk.write("a", f"broken.{suffix}", f"%PDF-1.4 PK {IN_DOCUMENT} {{[<a>" * 20)
    done = desk.run("ingest", "a")
    assert done.returncode in (0, 3)
    assert "broken.docx" in done.stdout
    assert traces(desk, done.stderr, done.stdout) == []


def test_a_killed_ingest_leaves_no_text(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    for number in range(30):
        desk.write("a", f"long{number}.md", TEXT * (number + 1))
    said = desk.killed(lambda: documents_kept(desk), "ingest", "a")
    assert documents_kept(desk)
    assert traces(desk, said) == []


def documents_kept(desk: Desk) -> bool:
    """Whether an ingest has begun to write what the documents say to its store."""
    written = (desk.store() / "catalog.db-wal", desk.store() / "catalog.db")
    return any(path.exists() and IN_DOCUMENT.encode() in path.read_bytes() for path in written)


class Watching(threading.Thread):
    """Command lines and environments of a process and all below it, as /proc shows them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.seen: set[bytes] = set()
        self.processes: set[int] = set()

    def run(self) -> None:
        while self.process.poll() is None:
            for child in _below(self.process.pid):
                self.processes.add(child)
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add(Path(f"/proc/{child}/{name}").read_bytes())
                    except OSError:
                        continue  # it has ended, or shuts others out
            time.sleep(0.005)


def _below(process: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                stat = Path(entry.path, "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = [process]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def test_no_text_stands_in_command_lines_or_environments(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text(f'"*.zip": "{IN_PASSWORD}"\n', encoding="utf-8")
    (tmp_path / "secrets.yaml").chmod(0o600)
    desk = desk_with(tmp_path, ", passwords: secrets.yaml")
    for words in (("ingest", "a"), ("ask", "a", "-"), ("summarize", "a", "--focus", "-")):
        process = desk.start(*words)
        watching = Watching(process)
        watching.start()
        process.communicate(QUESTION, timeout=120)
        watching.join(10)
        # No document holds the word of the question alone, so that it may be told as not found.
        assert process.returncode in (0, EXIT_NOT_FOUND)
        everything = b"\n".join(watching.seen)
        assert b"tests.hygiene.models" in everything  # it did watch
        assert [word for word in INSIDE if word.encode() in everything] == []
        if words[0] == "ingest":
            assert len(watching.processes) > 2
        assert traces(desk) == []


def test_the_control_a_question_as_an_argument_is_seen(ingested: Desk) -> None:
    process = ingested.start("ask", "a", QUESTION)
    watching = Watching(process)
    watching.start()
    process.communicate(timeout=120)
    watching.join(10)
    assert any(IN_QUESTION.encode() in seen for seen in watching.seen)
