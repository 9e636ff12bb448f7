"""A folder of documents with its settings, and ragkit's command run on it as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
LEASE = (
    "# Lease\n\nThis lease is made between Alder Holdings Ltd and Birch Foods Inc on 3 March 2021.\n\n"
    "# Rent\n\nThe monthly rent is 4,200 euros, payable on the first day of the month.\n"
)
LETTER = (
    "# Discharge\n\nThe patient Lucia Romero takes apixaban 5 mg every twelve hours.\n\n"
    "The next visit is on 14 May 2024.\n"
)
RENT = "How much is the monthly rent?"


@dataclass
class Desk:
    """root: holds the documents, `pipelines.yaml`, an own HOME and an own folder for temporary files."""

    root: Path
    pipelines: tuple[str, ...] = ("a",)
    settings: str = ", parsing: {ocr: off}"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("home", "tmp", *self.pipelines):
            (self.root / name).mkdir(exist_ok=True)
        entries = "\n".join(
            f"  {name}: {{folders: [{name}]{self.settings}}}" for name in self.pipelines
        )
        (self.root / "pipelines.yaml").write_text(f"pipelines:\n{entries}\n", encoding="utf-8")

    def write(self, pipeline: str, name: str, text: str) -> None:
        path = self.root / pipeline / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000))

    def store(self, pipeline: str = "a") -> Path:
        return self.root / ".ragkit" / pipeline

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        own = {"HOME": str(self.root / "home"), "TMPDIR": str(self.root / "tmp")}
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "tests.hygiene.models", *words],
            cwd=self.root,
            env={**kept, **own, "PYTHONPATH": str(REPOSITORY), **self.environment, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="surrogateescape",
        )

    def run(self, *words: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, **more)
        said, noted = process.communicate(typed, timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, said, noted)

    def killed(self, when: Callable[[], bool], *words: str) -> str:
        """The command is killed as soon as `when`; returns all that it printed before.

        Fails if the command ended first: then nothing was killed, and nothing is proved.
        """
        process = self.start(*words)
        while process.poll() is None and not when():
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        said, noted = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, f"it ended before it was killed: {noted}"
        return said + noted

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def entries(self, pipeline: str = "a") -> list[dict[str, Any]]:
        path = self.store(pipeline) / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
