"""`ragkit ingest --ask-passwords`: typed unseen at a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from ragkit.cli.asking import locked, to_ask
from ragkit.cli.main import cli
from ragkit.errors import LOCKED
from ragkit.types import Unreadable
from tests.parsers import samples

SECRET = "s3cret-pass"


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {p: {folders: [.]}}\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["ingest", "--ask-passwords", "--config", str(config)])
    assert done.exit_code == 2
    assert "standard input is none" in done.stderr
    assert "`passwords` in pipelines.yaml" in done.stderr


def test_only_what_a_password_would_open_is_asked_for() -> None:
    unreadable = [
        Unreadable("a.pdf", f"{LOCKED}."),
        Unreadable("mail.eml::b.docx", f"{LOCKED}, and the one given does not open it."),
        Unreadable("c.eml::secret", "The message is encrypted; only its headers can be read."),
        Unreadable("d.pdf", "It is damaged or cut off."),
    ]
    assert locked(unreadable) == ["a.pdf", "mail.eml::b.docx"]


def test_an_archive_is_asked_for_once_and_again_only_for_what_stays_locked() -> None:
    members = [Unreadable(f"box.zip::{number}.pdf", f"{LOCKED}.") for number in range(600)]
    unreadable = [*members, Unreadable("a.pdf", f"{LOCKED}."), Unreadable("b.pdf", f"{LOCKED}.")]
    assert to_ask(unreadable, {}) == ["box.zip", "a.pdf", "b.pdf"]
    typed = {"box.zip": "first", "a.pdf": "wrong"}
    assert to_ask(unreadable[7:], typed) == ["box.zip::7.pdf", "a.pdf"]
    typed |= {"box.zip::7.pdf": "second"}
    assert to_ask(unreadable[9:-2], typed) == ["box.zip::9.pdf"]
    assert to_ask([], typed) == []


@pytest.mark.real
def test_what_is_typed_opens_the_file_and_is_not_kept(
    tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    (tmp_path / "files").mkdir()
    locked_pdf = samples.pdf(["The rent is 4,200 euros a month."], password=SECRET)
    (tmp_path / "files" / "lease.pdf").write_bytes(locked_pdf)
    (tmp_path / "files" / "note.txt").write_text("The deposit is 300 euros.", encoding="utf-8")
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines: {p: {folders: [files]}}\n", encoding="utf-8"
    )
    shown = _at_a_terminal(tmp_path, [("lease.pdf", "wrong"), ("lease.pdf", SECRET)])
    assert "shows 2 documents" in shown
    assert SECRET not in shown
    for path in (tmp_path / ".ragkit").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def _at_a_terminal(folder: Path, answers: list[tuple[str, str]]) -> str:
    """All that is shown. answers: (what the question names, what is typed)."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "ragkit", "ingest", "--ask-passwords"])
    shown, unread, waiting, end = "", "", list(answers), time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            block = os.read(terminal, 65_536).decode(errors="replace")
        except OSError:  # the other side has closed it
            break
        shown, unread = shown + block, unread + block
        if waiting and f"Password of {waiting[0][0]} (Enter: leave it out): " in unread:
            time.sleep(0.2)  # until what is typed is no longer shown
            os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
            unread = ""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    assert not waiting, shown
    return shown
