"""Run in a mount namespace of its own: an ingest whose disk is full, or becomes read-only.

    unshare -rm python -m tests.crash.disks FOLDER

FOLDER holds a scene (tests/crash/scene.py). Its store is put on a small disk in memory. Fails with a
traceback; prints how many ingests ended in a fault.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.crash.scene import REPOSITORY, AskingReader, Scene
from tests.flows.corpus import published_state

DISK_KB = 24_000
LEFT_KB = (0, 8, 40, 100, 200, 400, 700, 1000, 1500, 2000, 3000, 4000)
"""Free space at the beginning of each ingest: it ends in other steps each time."""
READER_KB = 40
"""What SQLite needs beside a log; on a disk with less, readers and writers exclude each other."""
STORAGE_FAULT, BUSY = 4, 5


def mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True)


def ingest(scene: Scene) -> tuple[int, str]:
    """Exit code, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.child", str(scene.folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def assert_told(code: int, said: str) -> None:
    """One sentence, the exit code of a storage fault, and no traceback."""
    assert code == STORAGE_FAULT, (code, said)
    assert len(said.splitlines()) == 1, said
    assert "Traceback" not in said


def fill_up(disk: Path, left_kb: int) -> Path:
    """Leave so much space on the disk. Returns the file that takes the rest."""
    ballast = disk / "ballast"
    free_kb = shutil.disk_usage(disk).free // 1024
    ballast.write_bytes(b"\0" * 1024 * max(0, free_kb - left_kb))
    return ballast


def on_a_full_disk(scene: Scene, disk: Path) -> int:
    faults = 0
    for left_kb in LEFT_KB:
        scene.restore_old_store()
        ballast = fill_up(disk, left_kb)
        if left_kb < READER_KB:
            with AskingReader(scene) as reader:
                assert published_state(scene.store) == scene.old
                assert ingest(scene)[0] == BUSY
            assert reader.faults == []
            assert reader.answers > 0
            faults += ingest_until_full(scene)
        else:
            with AskingReader(scene) as reader:
                faults += ingest_until_full(scene)
            assert reader.faults == []
        ballast.unlink()
        assert ingest(scene)[0] == 0
        assert published_state(scene.store) == scene.new
    return faults


def ingest_until_full(scene: Scene) -> int:
    code, said = ingest(scene)
    if code:
        assert_told(code, said)
    assert published_state(scene.store) in (scene.old, scene.new)
    return int(code != 0)


def on_a_read_only_disk(scene: Scene, disk: Path) -> None:
    scene.restore_old_store()
    mount("-o", "remount,ro", str(disk))
    with AskingReader(scene) as reader:
        assert_told(*ingest(scene))
        assert published_state(scene.store) == scene.old
    assert reader.faults == []
    mount("-o", "remount,rw", str(disk))
    assert ingest(scene)[0] == 0
    assert published_state(scene.store) == scene.new


def main() -> None:
    folder = Path(sys.argv[1])
    disk = folder / ".ragkit"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(disk))
    scene = Scene.make(folder)
    faults = on_a_full_disk(scene, disk)
    on_a_read_only_disk(scene, disk)
    print(faults)


if __name__ == "__main__":
    main()
