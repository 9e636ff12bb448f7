"""The README cannot lie: its tables, YAML, commands and Python are read and run here."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ragkit import errors
from ragkit.cli.main import COMMANDS, cli
from ragkit.config import load_config
from ragkit.nightsteps import describe_steps
from ragkit.settings import describe_settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str, *, marked: str = "") -> list[str]:
    """Fenced blocks of a kind; `marked`: only those below that comment."""
    before = re.escape(f"<!-- {marked} -->\n") if marked else ""
    return re.findall(rf"{before}```{kind}\n(.*?)```", README, re.DOTALL)


def test_settings_table_is_complete_and_true() -> None:
    table = README.split("<!-- settings -->")[1].split("<!-- /settings -->")[0]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    shown = [(key, default.strip("`"), about) for key, default, about in rows]
    assert shown == list(describe_settings())


def test_table_of_steps_is_complete_and_true() -> None:
    table = README.split("<!-- steps -->")[1].split("<!-- /steps -->")[0]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert [(key, default.strip("`"), about) for key, default, about in rows] == list(
        describe_steps()
    )


def test_exit_codes_are_those_of_the_error_tree() -> None:
    table = README.split("### Exit codes")[1].split("###")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    classes = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.RagkitError)
    ]
    codes = {kind.exit_code for kind in classes} | {
        0,
        errors.EXIT_HELD_BACK,
        *errors.OUTCOME_EXIT_CODES.values(),
    }
    assert documented == codes
    listed = README.split("the first of ")[1].split(" is used")[0]
    assert [int(code) for code in listed.split()] == [c for c in errors.EXIT_PRECEDENCE if c]


def test_every_command_is_described() -> None:
    table = README.split("## Commands")[1].split("###")[0]
    described = set(re.findall(r"^\| `ragkit (\w+)", table, re.MULTILINE))
    assert described == set(COMMANDS)


def test_options_of_the_table_exist() -> None:
    table = README.split("## Commands")[1].split("###")[0]
    for line in re.findall(r"^\| `ragkit (.+?) \|", table, re.MULTILINE):
        command, *rest = line.split()
        below = getattr(cli.get_command(click.Context(cli), command), "commands", {})
        words = [command, *(word for word in rest[:1] if word in below)]
        shown = CliRunner().invoke(cli, [*words, "--help"]).output
        for option in re.findall(r"--[a-z-]+", line):
            assert option in shown, f"{command} has no {option}"


@pytest.mark.parametrize("text", blocks("yaml"))
def test_yaml_is_valid(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pipelines.yaml"
    path.write_text(text, encoding="utf-8")
    gold = {"question": "Who may terminate?", "document": "contract.pdf", "quote": "Either party"}
    (tmp_path / "gate.jsonl").write_text(json.dumps(gold), encoding="utf-8")
    assert load_config(path).pipelines


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Path:
    """The samples in a folder of their own, where the README's commands are run."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "corpora", folder / "corpora")
    shutil.copy(ROOT / "pipelines.yaml", folder)
    bin_folder = folder / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    script = bin_folder / "ragkit"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m ragkit "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return folder


@pytest.mark.real
def test_commands_run(copy: Path) -> None:
    (block,) = blocks("sh", marked="run")
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        done = subprocess.run(words, cwd=copy, capture_output=True, text=True, timeout=300)
        expected = 3 if words[1] in ("ingest", "nightly") else 0
        assert done.returncode == expected, f"{line}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip()


@pytest.mark.real
def test_python_runs(copy: Path) -> None:
    (block,) = blocks("python", marked="run python")
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert done.returncode == 0, done.stderr
    assert "found" in done.stdout
