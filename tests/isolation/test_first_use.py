"""First use with no network, an empty HOME and libraries that cannot be written: all sample formats.

Long: the embedder is converted and measured anew, and both sample corpora are read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.isolation.conftest import ROOT

pytestmark = [
    pytest.mark.long,
    pytest.mark.real,
    pytest.mark.skipif(sys.platform != "linux", reason="needs namespaces of its own"),
]

UNSHARE = ["unshare", *(["--user", "--map-root-user"] if os.geteuid() else []), "--net", "--mount"]
READ_ONLY = """
set -e
for place in "$LIBRARIES" "$PACKAGE"; do
    mount --bind "$place" "$place"
    mount -o remount,bind,ro "$place"
done
mount -t tmpfs -o size=64k,mode=500 none "$HOME"
mount -o remount,ro "$HOME"
if touch "$LIBRARIES/x" 2>/dev/null || touch "$PACKAGE/x" 2>/dev/null || touch "$HOME/x" 2>/dev/null
then exit 99; fi
if [ -n "$(ls -A "$HOME")" ]; then exit 98; fi
exec "$@"
"""


class First:
    """A machine on which ragkit was just installed and its models were brought."""

    def __init__(self, folder: Path, models: dict[str, Path]) -> None:
        self.folder = folder
        self.models = folder / "models"
        for name, path in models.items():
            shutil.copytree(path if path.is_dir() else path.parent, self.models / name)
        shutil.copytree(ROOT / "corpora", folder / "corpora")
        shutil.copy(ROOT / "pipelines.yaml", folder)
        (folder / "home").mkdir()

    def __call__(self, *command: str) -> subprocess.CompletedProcess[str]:
        libraries = str(Path(sys.prefix).resolve())
        return subprocess.run(
            [*UNSHARE, "/bin/sh", "-c", READ_ONLY, "sh", sys.executable, "-m", "ragkit", *command],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder / "home"),
                "PYTHONPATH": str(ROOT),
                "RAGKIT_MODELS": str(self.models),
                "LIBRARIES": libraries,
                "PACKAGE": str(ROOT / "ragkit"),
            },
            capture_output=True,
            text=True,
            timeout=1200,
        )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> First:
    made = First(tmp_path_factory.mktemp("first"), starter_models)
    tried = made("--version")
    if tried.returncode in (98, 99) or "unshare" in tried.stderr or "mount" in tried.stderr:
        pytest.skip(f"no namespaces here: {tried.stderr.strip()}")
    return made


@pytest.mark.parametrize("pipeline", ["medical", "legal"])
def test_every_sample_is_read_and_asked(first: First, pipeline: str) -> None:
    done = first("ingest", pipeline, "--json")
    assert done.returncode == 3, done.stdout + done.stderr
    report = json.loads(done.stdout)
    unread = {item["document"]: item["reason"] for item in report["unreadable"]}
    # One file of each corpus cannot be read on purpose; without tesseract the scans neither.
    named = [d for d, why in unread.items() if "damaged" in why or "password" in why]
    assert len(named) == 1, unread
    assert all("needs OCR" in why for d, why in unread.items() if d not in named)
    assert report["isolation"] in ("A", "B")
    # The samples are in two languages, and the starter embedder knows one.
    others = [note for note in report["notes"] if "was not trained for" not in note]
    assert not others, others
    found = json.loads(
        first("search", pipeline, "Who is the patient or the tenant?", "--json").stdout
    )
    assert found["passages"]
    asked = first("ask", pipeline, "Who signed, and when?", "--json")
    assert asked.returncode in (0, 6), asked.stderr
    assert list((first.folder / "home").iterdir()) == []
