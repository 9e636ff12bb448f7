"""Row 17: whatever becomes of the store's bytes, a sentence or an answer, never a crash."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.workspace import Workspace
from tests.hygiene.desk import RENT, REPOSITORY, Desk


def damaged(desk: Desk, seed: int, count: int) -> int:
    """Damage a store `count` times and ask of it; returns how often there was an answer."""
    with Workspace(desk.root / "pipelines.yaml", models=desk.root / "home") as workspace:
        workspace.nightly("a")
        workspace.ask("a", RENT)
    shutil.copytree(desk.store(), desk.root / ".kept")
    done = subprocess.run(
        [sys.executable, "-m", "tests.hygiene.flipping", str(desk.root), str(seed), str(count)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 0, f"it crashed: {last}"
    assert done.stdout == ""
    _, answers, _, told = last.split()
    assert int(told) > 0
    return int(answers)


def test_flipped_and_cut_bytes_never_crash_it(made: Desk) -> None:
    assert damaged(made, seed=20, count=40) > 40


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_flipped_and_cut_bytes_never_crash_it_in_the_long_run(made: Desk, seed: int) -> None:
    assert damaged(made, seed, count=200) > 200


@pytest.mark.parametrize(
    "name",
    [
        "data_level0.bin",
        "manifest.json",
        pytest.param("chroma.sqlite3", marks=pytest.mark.long),
        pytest.param("header.bin", marks=pytest.mark.long),
    ],
)
def test_an_index_that_is_damaged_is_gone_round_and_built_anew(made: Desk, name: str) -> None:
    """The answer is the same meanwhile, and the next ingest makes a sound index."""
    with Workspace(made.root / "pipelines.yaml", models=made.root / "home") as workspace:
        workspace.ingest("a")  # of this settings file from now on
        before = workspace.search("a", RENT).passages
        (path,) = made.store().glob(f"chroma/**/{name}")
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(bytes(data))
    with Workspace(made.root / "pipelines.yaml", models=made.root / "home") as workspace:
        found = workspace.search("a", RENT).passages
        assert [p.text for p in found] == [p.text for p in before]
        made.write("a", "new.md", "# New\n\nSomething has changed: every byte is looked at.\n")
        workspace.ingest("a")
        assert not path.exists() or path.read_bytes() != bytes(data)
        assert workspace.search("a", RENT).passages[0].text == before[0].text


def test_a_catalog_that_is_cut_is_said_to_be_damaged(made: Desk) -> None:
    path: Path = made.store() / "catalog.db"
    path.write_bytes(path.read_bytes()[:5000])
    done = made.run("ask", "a", RENT)
    assert done.returncode == 4
    assert "damaged" in done.stderr
    assert "Restore it from a backup" in done.stderr


def test_what_a_full_text_table_says_of_damage_is_said_in_a_sentence(made: Desk) -> None:
    """SQLite says "vtable constructor failed" of it, which is not among its words for damage."""
    path: Path = made.store() / "catalog.db"
    data = bytearray(path.read_bytes())
    data[20] ^= 64  # so many bytes at the end of each page are another's, it says now
    path.write_bytes(bytes(data))
    done = made.run("ask", "a", RENT)
    assert done.returncode == 4
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr
