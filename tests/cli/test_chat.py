"""`ragkit chat` as a person meets it: real processes, sealed, with models that count words."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ragkit.cli.saver import Saver
from ragkit.cli.watching import needs_watching
from ragkit.errors import UsageFault
from tests.hygiene.desk import REPOSITORY, Desk

LEASE = (
    "# Lease with Birch Foods\n\nThis lease is made between Alder Holdings Ltd and Birch Foods Inc.\n\n"
    "# Rent\n\nThe monthly rent of Birch Foods is 4,200 euros, payable on the first day of the month.\n"
)
OTHER = (
    "# Lease with Cobalt Mills\n\nThis lease is made between Alder Holdings Ltd and Cobalt Mills Inc.\n\n"
    "# Rent\n\nThe monthly rent of Cobalt Mills is 7,700 euros, payable on the last day of the month.\n"
)
INTERRUPT = "\x03"
"""What a terminal turns into SIGINT."""
SECONDS = 150
"""Until a test gives up waiting; a busy machine takes long."""
RENT = "How much is the monthly rent in the lease with Birch Foods?"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("chat"))
    desk.write("a", "birch.md", LEASE)
    desk.write("a", "cobalt.md", OTHER)
    done = desk.run("ingest", "a")
    assert done.returncode == 0, done.stderr
    return desk


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_answers_come_one_a_line_as_ask_gives_them(desk: Desk) -> None:
    done = desk.run("chat", "a", "--json", typed=f"{RENT}\nand with Cobalt Mills?\n/sources\n")
    assert done.returncode == 0, done.stderr
    first, second, sources = lines(done.stdout)
    asked = desk.json("ask", "a", RENT)
    for key in ("question", "outcome", "text", "citations", "coverage", "facts", "nearest"):
        assert first[key] == asked[key]
    assert second["typed"] == "and with Cobalt Mills?"
    assert second["question"] == "How much is the monthly rent in the lease with Cobalt Mills?"
    assert second["rewritten_by"] == "rules"
    assert "explanation" not in second
    assert sources["citations"] == second["citations"]
    assert any("7,700" in one["quote"] for one in second["citations"])


def test_for_people_the_question_is_shown_as_it_is_asked(desk: Desk) -> None:
    done = desk.run("chat", "a", typed=f"{RENT}\nand with Cobalt Mills?\n/why\n/help\n")
    assert "Asked as: How much is the monthly rent in the lease with Cobalt Mills?" in done.stdout
    assert done.stdout.count("Asked as:") == 1
    assert "Decision" in done.stdout
    assert "/forget" in done.stdout


WRONG = [
    "/nope",
    "/forget x",
    "/forget 0",
    "/forget 9",
    "/save",
    "/save a.txt",
    "/asis maybe",
    "5",
    "/",
]


def test_wrong_input_is_one_sentence_and_the_session_goes_on(desk: Desk) -> None:
    typed = "\n".join([*WRONG, "/why", "", RENT])
    done = desk.run("chat", "a", typed=typed)
    told = [line for line in done.stderr.splitlines() if line.startswith("ragkit: ")]
    assert len(told) == len(WRONG) + 1, done.stderr
    assert "4,200" in done.stdout
    assert done.returncode == 3  # a script's question failed
    assert "Traceback" not in done.stderr


def test_everything_is_forgotten_and_told_in_the_language_of_the_question(desk: Desk) -> None:
    long = "9" * 5000  # more digits than Python reads
    typed = [RENT, "/forget", f"/forget {long}", "¿Cuál es la renta de Birch Foods?", "/forget 9"]
    done = desk.run("chat", "a", typed="\n".join([*typed, "/help", "/forget"]))
    assert "1 turn is forgotten." in done.stdout
    assert "is no number of a turn" in done.stderr
    assert "No hay ningún turno 9; se recuerdan: 2." in done.stderr
    assert "olvidar todo lo dicho hasta ahora" in done.stdout
    assert "Se ha olvidado 1 turno." in done.stdout
    assert "bug" not in done.stderr
    assert done.returncode == 3


def test_a_place_that_cannot_be_written_ends_no_script(desk: Desk) -> None:
    done = desk.run("chat", "a", typed=f"/save none/x.jsonl\n{RENT}\n/save none/x.jsonl\n{RENT}\n")
    assert done.stderr.count("cannot be written") == 2
    assert done.stdout.count("Searched 2 of 2 documents") == 2
    assert done.returncode == 3


def test_what_is_not_utf8_is_told(desk: Desk) -> None:
    process = desk.start("chat", "a", "--json", "--as-typed")
    said, _ = process.communicate(
        f"caf\udce9?\n{RENT}\nand with Cobalt?\n/quit\nx\n", timeout=SECONDS
    )
    fault, answer, follow_up = lines(said)
    assert fault["error"] == "UsageFault"
    assert answer["outcome"] == "found"
    assert (follow_up["question"], follow_up["rewritten_by"]) == ("and with Cobalt?", "")


def test_what_is_not_ready_ends_a_script(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("chat", "a", typed="x\n")
    assert done.returncode == 4
    assert "ragkit ingest a" in done.stderr


def test_saved_turns_are_the_owners_and_noted_as_exported(desk: Desk) -> None:
    before = len(desk.entries())
    files = {path for path in desk.root.rglob("*") if path.is_file()}
    typed = f"{RENT}\n/save talk.jsonl\nand with Cobalt Mills?\n/save talk.jsonl\n"
    done = desk.run("chat", "a", typed=typed)
    place = desk.root / "talk.jsonl"
    kept = lines(place.read_text(encoding="utf-8"))
    assert [line["typed"] for line in kept] == [RENT, "and with Cobalt Mills?"]
    assert place.stat().st_mode & 0o777 == 0o600
    exported = [(e["command"], e["exported"]) for e in desk.entries()[before:]]
    assert exported[:3] == [("ask", ""), ("chat", str(place)), ("ask", str(place))]
    assert done.returncode == 0, done.stderr
    assert {path for path in desk.root.rglob("*") if path.is_file()} - files == {place}


def test_what_was_saved_survives_a_kill(desk: Desk) -> None:
    process = desk.start("chat", "a", "--save", "killed.jsonl")
    assert process.stdin is not None
    process.stdin.write(f"{RENT}\n")
    process.stdin.flush()
    place, end = desk.root / "killed.jsonl", time.monotonic() + SECONDS
    while time.monotonic() < end and not (place.exists() and place.stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [line["typed"] for line in lines(place.read_text(encoding="utf-8"))] == [RENT]


@pytest.mark.long
def test_after_a_purge_nothing_of_the_document_is_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("a", "birch.md", LEASE)
    desk.write("a", "cobalt.md", OTHER)
    assert desk.run("ingest", "a").returncode == 0
    with _Typing(desk, "chat", "a") as chat:
        chat.say(RENT, until="4,200")
        (desk.root / "a" / "birch.md").unlink()
        assert desk.run("purge", "a", "birch.md").returncode == 0
        shown = chat.say("/sources", until="Turn 1 is forgotten")
        assert "There is no answer yet" in shown
        shown += chat.say("What is the monthly rent?", until="Searched")
    assert "4,200" not in shown


def test_ctrl_c_at_the_prompt_once_goes_on_and_twice_ends(desk: Desk) -> None:
    with _Typing(desk, "chat", "a") as chat:
        chat.say(INTERRUPT, until="Stopped", is_line=False)
        chat.say(RENT, until="4,200")
        chat.say(INTERRUPT, until="Stopped", is_line=False)
        chat.say(INTERRUPT, until="Ended", is_line=False)
        assert chat.code() == 130


def test_ctrl_d_ends_it(desk: Desk) -> None:
    with _Typing(desk, "chat", "a") as chat:
        chat.say("\x04", until="", is_line=False)
        assert chat.code() == 0


def test_the_saver_makes_new_files_only(tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text("mine")
    with Saver.start(accept_weak=False) as save:
        save(tmp_path / "new.jsonl", ["{}"])
        save(tmp_path / "new.jsonl", ["[]"])
        for name in ("mine.jsonl", "x.sh"):
            with pytest.raises(UsageFault):
                save(tmp_path / name, ["{}"])
    assert (tmp_path / "new.jsonl").read_text() == "{}\n[]\n"
    assert (tmp_path / "mine.jsonl").read_text() == "mine"


def test_a_crash_of_its_model_is_told() -> None:
    assert needs_watching(["chat", "p"], ["chat", "ask"])


@dataclass
class _Typing:
    """A command at a terminal of its own. say: type, and wait for what is shown."""

    desk: Desk
    words: tuple[str, ...]

    def __init__(self, desk: Desk, *words: str) -> None:
        self.desk, self.words = desk, words
        self.shown = ""

    def __enter__(self) -> _Typing:
        self._child, self._terminal = pty.fork()
        if self._child == 0:
            os.chdir(self.desk.root)
            kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
            home = {"HOME": str(self.desk.root / "home"), "TERM": "dumb", "COLUMNS": "200"}
            own = {**kept, **home, "PYTHONPATH": str(REPOSITORY)}
            os.execve(
                sys.executable, [sys.executable, "-m", "tests.hygiene.models", *self.words], own
            )
        self._wait("a> ", 0)
        return self

    def say(self, text: str, *, until: str, is_line: bool = True) -> str:
        start = len(self.shown)
        if text == INTERRUPT:
            time.sleep(
                1
            )  # between its prompt and its waiting, Python takes it only with the next key
        os.write(self._terminal, (text + ("\n" if is_line else "")).encode())
        return self._wait(until, start + (len(text) if is_line else 0))

    def _wait(self, until: str, start: int) -> str:
        end = time.monotonic() + SECONDS
        while until not in self.shown[start:] and time.monotonic() < end:
            if select.select([self._terminal], [], [], 0.5)[0]:
                try:
                    self.shown += os.read(self._terminal, 65_536).decode(errors="replace")
                except OSError:  # the other side has closed it
                    break
        assert until in self.shown[start:], self.shown
        return self.shown[start:]

    def code(self) -> int:
        """How it ended, by itself."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            ended, status = os.waitpid(self._child, os.WNOHANG)
            if ended:
                self._child = 0
                return os.waitstatus_to_exitcode(status)
            if select.select([self._terminal], [], [], 0.05)[0]:
                try:
                    self.shown += os.read(self._terminal, 65_536).decode(errors="replace")
                except OSError:
                    time.sleep(0.05)
        raise AssertionError(self.shown)

    def __exit__(self, *_: object) -> None:
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
        os.close(self._terminal)
