"""On a full or read-only disk what cannot be noted is not shown; the reader is told how to go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.test_disks import can_mount
from tests.hygiene.desk import REPOSITORY


@pytest.mark.long
def test_what_cannot_be_noted_is_not_shown(tmp_path: Path) -> None:
    if not can_mount(tmp_path):
        pytest.skip("this kernel does not let an ordinary user mount a disk in memory")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.ledger.disks", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
