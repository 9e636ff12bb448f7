"""The sample that asks for a password: named under "not found", and answered once it is given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

SAMPLES = Path(__file__).resolve().parents[2] / "corpora" / "legal" / "documents"
LOCKED = "settlement_agreement_protected.pdf"
OTHERS = ("contracts/nda_ferrow_quill.docx", "memos/memo_change_of_control.md")
PASSWORD = "Tidewater-58"
QUESTION = (
    "How much does Orrin Medical Supplies pay the Dellmoor Hospital Trust for the infusion pumps?"
)
SETTINGS = "pipelines:\n  matters: {{folders: [docs], ledger: off{more}}}\n"


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ragkit", *arguments],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def test_not_found_names_the_locked_file_and_its_password_answers(
    tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    (tmp_path / "docs").mkdir()
    for sample in (f"transactions/{LOCKED}", *OTHERS):
        shutil.copy(SAMPLES / sample, tmp_path / "docs")
    settings = tmp_path / "pipelines.yaml"
    settings.write_text(SETTINGS.format(more=""))
    assert run(tmp_path, "ingest")[0] == 3
    code, said = run(tmp_path, "ask", "matters", QUESTION)
    assert code == 6
    assert f"Not found in 2 of 3 documents; 1 could not be read: {LOCKED}" in " ".join(said.split())
    passwords = tmp_path / "passwords.yaml"
    passwords.write_text(f"{LOCKED}: {PASSWORD}\n")
    passwords.chmod(0o600)
    settings.write_text(SETTINGS.format(more=", passwords: passwords.yaml"))
    assert run(tmp_path, "ingest")[0] == 0
    code, said = run(tmp_path, "ask", "matters", QUESTION)
    assert code == 0
    assert LOCKED in said
    assert PASSWORD not in said
