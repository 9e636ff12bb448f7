"""The levels below B: measured, refused by every command, accepted only when told to, and recorded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.cli.main import COMMANDS
from ragkit.isolation.namespace import has_no_way_out
from ragkit.types import isolation_of
from tests.isolation import launcher
from tests.isolation.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guard's filter is Linux's")

LAUNCHER = [sys.executable, launcher.__file__]
RAGKIT = [sys.executable, "-m", "ragkit"]
ACCEPT = "--accept-weak-isolation"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def run(folder: Path, *command: str, without: str = "", alone: bool = False) -> Ended:
    """A command in `folder`. without: system calls it cannot have. alone: in an empty network."""
    before = ["unshare", *([] if os.geteuid() == 0 else ["--user"]), "--net"] if alone else []
    launched = [*LAUNCHER, without] if without else []
    done = subprocess.run(
        [*before, *launched, *RAGKIT, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("The monthly rent is 900 euros.")
    settings = (
        "pipelines: {p: {folders: [files], parsing: {ocr: off}}}\n"  # its helpers take a second
    )
    (tmp_path / "pipelines.yaml").write_text(settings)
    return tmp_path


def level(ended: Ended) -> str:
    entry = json.loads(ended.out)["pipelines"][0]
    return str(entry["isolation"]).removeprefix("level ")[0]


def test_without_the_filter_documents_are_refused(folder: Path) -> None:
    refused = run(folder, "ingest", "p", without="seccomp")
    assert refused.code == 4
    assert "so nothing is opened: no system call filter: seccomp gives EPERM" in refused.err
    assert ACCEPT in refused.err
    assert not (folder / ".ragkit" / "p" / "catalog.db").exists()
    assert run(folder, "status", "--json").code == 0


def test_a_network_of_its_own_without_the_filter_is_level_c(folder: Path) -> None:
    ended = run(folder, "status", "--json", ACCEPT, without="seccomp")
    if level(ended) == "D":
        pytest.skip("no network namespace can be made here")
    assert level(ended) == "C"


def test_surroundings_without_a_network_are_level_c(folder: Path) -> None:
    ended = run(folder, "status", "--json", ACCEPT, without="seccomp,unshare", alone=True)
    if "unshare failed" in ended.err:
        pytest.skip("no network namespace can be made here")
    assert level(ended) == "C"
    assert f"accepted with {ACCEPT}" in ended.err
    assert run(folder, "status", without="seccomp,unshare", alone=True).code == 4


def test_with_a_network_it_is_level_d(folder: Path) -> None:
    if has_no_way_out():
        pytest.skip("there is no network here")
    assert level(run(folder, "status", "--json", ACCEPT, without="seccomp,unshare")) == "D"


def test_the_option_changes_nothing_where_the_filter_holds(folder: Path) -> None:
    ended = run(folder, "status", "--json", ACCEPT)
    assert level(ended) in "AB"
    assert ended.err == ""


NOT_GUARDED = {"init", "models", "schedule"}
"""Commands that open neither a document nor a store."""


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - NOT_GUARDED))
def test_every_command_that_opens_documents_has_the_option(command: str) -> None:
    import importlib

    import click

    found = importlib.import_module(COMMANDS[command][0]).command
    members = list(found.commands.values()) if isinstance(found, click.Group) else [found]
    for each in members:
        options = {name for option in each.params for name in option.opts}
        assert ACCEPT in options, f"{command} {each.name}"


@pytest.mark.real
def test_what_was_accepted_is_recorded(folder: Path, starter_models: dict[str, Path]) -> None:
    """Also by the workers that read the file, which are refused the filter as well."""
    done = run(folder, "ingest", "p", "--json", ACCEPT, without="seccomp,unshare")
    report = json.loads(done.out)
    assert (done.code, report["documents"]) == (0, 1), done.err
    assert not report["notes"]  # the vector index was built, in a child that writes there only
    expected = ("C" if has_no_way_out() else "D", True)
    assert (report["isolation"], report["accepted_weak"]) == expected
    listed = json.loads(run(folder, "runs", "p", "--json").out)["runs"][0]["figures"]
    assert (listed["isolation"], listed["accepted_weak"]) == expected
    assert isolation_of(listed) == f"{expected[0]}, accepted"
    again = json.loads(run(folder, "ingest", "p", "--json").out)
    assert again["isolation"] in "AB"
    assert again["accepted_weak"] is False
