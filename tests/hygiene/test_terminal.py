"""Row 11 at the terminal: names, headings and texts of documents cannot steer or deceive it, at any door."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable

import pytest

from ragkit.isolation import Isolation
from ragkit.workspace import Workspace
from tests.hygiene.desk import Desk
from tests.hygiene.models import FakeBuilder

EVIL = (
    "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\"
    "\x1b]52;c;ZXZpbA==\x07\x9b31m\x85\x90q\u202egnp\u2066x\u2069\u200b\u200f\u061c\ufeff"
    "\u2028\U000e0041\U000e007f"
)
"""Clears the screen, names the window, links, fills the clipboard; C1 controls; direction; tags."""
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
NAME = f"le{EVIL.replace('/', '')}ase.md"
TEXT = (
    f"# Le{EVIL}ase\n\nThis lease is made between Alder{EVIL} Holdings Ltd and Birch Foods Inc.\n\n"
    f"# Re{EVIL}nt\n\nThe monthly rent is 4,200 {EVIL}euros, payable on the first day.\n"
)
RENT = "How much is the monthly rent?"

DOORS: dict[str, tuple[str, ...]] = {
    "ask": ("ask", "a", RENT),
    "ask what is not there": ("ask", "a", "Who is the xylophone teacher?"),
    "ask with the signals": ("ask", "a", RENT, "--explain"),
    "ask as JSON": ("ask", "a", RENT, "--json"),
    "search": ("search", "a", RENT),
    "search with the scores": ("search", "a", RENT, "--explain"),
    "search as JSON": ("search", "a", RENT, "--json"),
    "a question that steers": ("ask", "a", f"monthly {EVIL} rent"),
    "summarize": ("summarize", "a"),
    "summarize as JSON": ("summarize", "a", "--json"),
    "summarize one": ("summarize", "a", NAME),
    "a document that is not there": ("summarize", "a", f"x{EVIL}y"),
    "status": ("status",),
    "status as JSON": ("status", "--json"),
    "runs": ("runs", "a"),
    "report": ("runs", "a", "--report"),
    "report as Markdown": ("runs", "a", "--report", "--format", "markdown"),
    "report as HTML": ("runs", "a", "--report", "--format", "html"),
    "report as JSON": ("runs", "a", "--report", "--format", "json"),
    "nightly": ("nightly", "a"),
    "ingest": ("ingest", "a"),
    "what an ingest would do": ("ingest", "a", "--dry-run"),
    "audit": ("audit", "show", "a"),
    "audit as JSON": ("audit", "show", "a", "--json"),
    "audit of one document": ("audit", "show", "a", "--document", NAME),
    "audit of none": ("audit", "show", "a", "--document", f"x{EVIL}"),
    "purge of none": ("purge", "a", f"x{EVIL}"),
    "a pipeline that is not there": ("ask", f"a{EVIL}", RENT),
    "a date that is none": ("audit", "show", "--since", EVIL),
    "purge": ("purge", "a", NAME, "--still-there"),
}
"""In this order: the last one erases what the others show."""


class Terminal(io.StringIO):
    """Standard output or error of a person who is watching."""

    def isatty(self) -> bool:
        return True


def said_at(run: Callable[..., int], words: tuple[str, ...]) -> str:
    shown, noted = Terminal(), Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", shown)
        patch.setattr(sys, "stderr", noted)
        run(*words)
    # The line of progress is wiped by a carriage return and an escape of ragkit's own.
    return shown.getvalue() + re.sub("\r(\x1b\\[K)?|\x1b\\[K", "", noted.getvalue())


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("hostile"))
    desk.write("a", NAME, TEXT)
    desk.write("a", f"scan{EVIL.replace('/', '')}.docx", "PK\x03\x04 no more")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
        with Workspace(desk.root / "pipelines.yaml", models=desk.root / "home") as workspace:
            workspace.nightly("a")
    return desk


@pytest.fixture
def hostile(ingested: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("ragkit.cli.door.seal", lambda **given: Isolation("A", (), ""))
    monkeypatch.setenv("RAGKIT_MODELS", str(ingested.root / "home"))
    monkeypatch.chdir(ingested.root)
    return ingested


def test_the_control_with_the_protection_out_does(
    hostile: Desk, run_here: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doors that show names and texts; those of JSON are protected by its own escapes."""
    monkeypatch.setattr("ragkit.rendering.terminal.STEERING", re.compile("(?!)"))
    for name in ("ask", "search", "status", "report", "audit"):
        assert STEERING.search(said_at(run_here, DOORS[name])), name
    monkeypatch.setattr("ragkit.cli.door.json", Unescaped)
    assert STEERING.search(said_at(run_here, DOORS["search as JSON"]))


class Unescaped:
    """The module json as the door sees it, without its escapes."""

    @staticmethod
    def dumps(data: object, **given: object) -> str:
        return json.dumps(data, ensure_ascii=False).replace("\\u001b", "\x1b")


def test_files_that_reports_are_written_to_do_not_either(
    hostile: Desk, run_here: Callable[..., int]
) -> None:
    """They are read with `cat` too."""
    run_here("summarize", "a", "--output", "out")
    for path in [*(hostile.store() / "runs").iterdir(), *(hostile.root / "out").iterdir()]:
        if path.suffix in (".md", ".html"):
            text = path.read_text(encoding="utf-8")
            assert STEERING.findall(text) == [], path.name


def test_no_door_lets_a_document_steer_the_terminal(
    hostile: Desk, run_here: Callable[..., int]
) -> None:
    found = {}
    for name, words in DOORS.items():
        said = said_at(run_here, words)
        assert said.strip(), f"{name} said nothing"
        if steering := sorted({f"U+{ord(sign):04X}" for sign in STEERING.findall(said)}):
            found[name] = steering
    assert found == {}
