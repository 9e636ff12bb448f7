"""What a command has loaded when it shuts itself in: nothing from a third party but click and yaml."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.cli import main
from tests.isolation.conftest import ROOT
from tests.isolation.test_levels import NOT_GUARDED

PROGRAM = """
import sys
import ragkit.isolation
def sealing(**_):
    loaded = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
    print("LOADED", *sorted(name for name in loaded if not name.startswith("_")))
    raise SystemExit
ragkit.isolation.seal = sealing
from ragkit.cli.main import cli
cli(sys.argv[1:])
"""
ALLOWED = {"click", "yaml", "ragkit", "cython_runtime"}  # the last one is yaml's
COMMANDS = {
    "ingest": ["p"],
    "nightly": ["--all"],
    "status": [],
    "runs": ["p"],
    "search": ["p", "q"],
    "ask": ["p", "q"],
    "chat": ["p"],
    "sweep": ["p", "q"],
    "verify": ["answer.json"],
    "eval": ["p", "--questions", "gold.jsonl"],
    "feedback": ["p", "--list"],
    "tune": ["p"],
    "summarize": ["p"],
    "audit": ["verify", "p"],
    "purge": ["p", "a.txt"],
    "bench": ["ingest", "p"],
    "doctor": [],
}


def test_every_command_that_seals_itself_is_looked_at() -> None:
    assert set(COMMANDS) == set(main.COMMANDS) - NOT_GUARDED


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_else_is_loaded_before(command: str, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "gold.jsonl").write_text('{"question": "q", "document": "a.txt"}\n')
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines: {p: {folders: [files], parsing: {ocr: off}}, q: {folders: [files]}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, command, *COMMANDS[command]],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("LOADED")]
    assert said, done.stderr
    assert set(said[0]) <= ALLOWED
