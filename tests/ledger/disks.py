"""Questions on a read-only disk and on a full one; run where mounting is allowed.

unshare -rm python -m tests.ledger.disks FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.hygiene.desk import LEASE, RENT, Desk

OCR_OFF = ", parsing: {ocr: off}"
HINT = "set `ledger: off` in pipelines.yaml"


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def fill_up(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def require_refused(desk: Desk) -> None:
    """Nothing is shown, and the way on is told; it works."""
    done = desk.run("ask", "a", RENT)
    assert (done.returncode, done.stdout) == (4, ""), done
    assert HINT in done.stderr, done.stderr
    assert desk.run("audit", "verify", "a").returncode == 0
    without = Desk(desk.root, settings=f", ledger: off{OCR_OFF}")
    done = without.run("ask", "a", RENT)
    assert done.returncode == 0, done
    assert "4,200" in done.stdout
    Desk(desk.root)


def asked(desk: Desk) -> int:
    return sum(entry["command"] == "ask" for entry in desk.entries())


def main() -> None:
    os.umask(0o077)
    desk = Desk(Path(sys.argv[1]))
    desk.write("a", "lease.md", LEASE)
    disk = desk.root / ".ragkit"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=3000k,mode=0700", "tmpfs", str(disk))
    assert desk.run("ingest", "a").returncode == 0
    assert desk.run("ask", "a", RENT).returncode == 0
    mount("-o", "remount,ro", str(disk))
    require_refused(desk)
    mount("-o", "remount,rw", str(disk))
    noted = asked(desk)
    fill_up(disk / "ballast")
    answered = 0
    while desk.run("ask", "a", RENT).returncode == 0:
        answered += 1  # the last page of the ledger has room for some
    require_refused(desk)
    assert asked(desk) == noted + answered
    (disk / "ballast").unlink()
    assert desk.run("ask", "a", RENT).returncode == 0
    assert desk.run("audit", "verify", "a").returncode == 0
    assert asked(desk) == noted + answered + 1


if __name__ == "__main__":
    main()
