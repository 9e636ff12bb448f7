"""A full disk, a read-only one, and a second writer: one sentence each, and nothing is damaged."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ragkit.catalog import WriterLock
from ragkit.errors import Busy
from tests.crash.scene import REPOSITORY, AskingReader, Scene, start
from tests.flows.corpus import published_state


def can_mount(folder: Path) -> bool:
    """Whether this kernel lets us have a disk of our own, seen by nobody else."""
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.long
def test_full_and_read_only_disks_damage_nothing(tmp_path: Path) -> None:
    if not can_mount(tmp_path):
        pytest.skip("this kernel does not let an ordinary user mount a disk in memory")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.crash.disks", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 4, "the disk was hardly ever full"


def stop_between_openings(process: subprocess.Popen[bytes], scene: Scene) -> None:
    """Stopped while it opens the catalog, it keeps SQLite's lock, and nobody can read."""
    while True:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            assert published_state(scene.store) == scene.old
        except Busy:
            os.kill(process.pid, signal.SIGCONT)
            time.sleep(0.05)
        else:
            return


def test_a_second_writer_is_told_at_once_and_changes_nothing(tmp_path: Path) -> None:
    scene = Scene.make(tmp_path)
    scene.restore_old_store()
    first = start(scene.folder, "--busy", "1")  # a reader asks on and on
    while not WriterLock.is_held(scene.store):
        time.sleep(0.01)
    stop_between_openings(first, scene)
    with AskingReader(scene) as reader:
        second = subprocess.run(
            [sys.executable, "-m", "tests.crash.child", str(scene.folder)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 5
        assert f"process {first.pid}, since " in second.stderr
        assert published_state(scene.store) == scene.old
        os.kill(first.pid, signal.SIGCONT)
        first.communicate(timeout=120)
    assert first.returncode == 0
    assert published_state(scene.store) == scene.new
    assert reader.faults == []
