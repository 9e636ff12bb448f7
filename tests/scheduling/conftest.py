"""A machine made of scripts: systemctl, loginctl and crontab that note how they were called."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from ragkit.cli.main import cli

SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >> "{log}"
case "$*" in
    *show-environment) test -e "{root}/systemd-answers" ;;
    *"fail me"*) echo "it broke" >&2; exit 1 ;;
esac
"""
LOGINCTL = """#!/bin/sh
echo "loginctl $*" >> "{log}"
echo "Linger=$(cat "{root}/linger")"
"""
CRONTAB = """#!/bin/sh
if [ "$1" = "-l" ]; then
    if [ -e "{root}/forbidden" ]; then echo "you may not use this program" >&2; exit 1; fi
    if [ -e "{root}/crontab" ]; then exec cat "{root}/crontab"; fi
    echo "no crontab for you" >&2; exit 1
fi
echo "crontab $*" >> "{log}"
exec cat > "{root}/crontab"
"""


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict:
        return json.loads(self.out)


@dataclass(frozen=True)
class Machine:
    """Its own PATH, home and settings file. `tools` are what stands on its PATH."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "pipelines.yaml"

    @property
    def units(self) -> Path:
        return self.root / "home" / ".config" / "systemd" / "user"

    @property
    def crontab(self) -> Path:
        return self.root / "crontab"

    def have(self, *tools: str) -> None:
        scripts = {"systemctl": SYSTEMCTL, "loginctl": LOGINCTL, "crontab": CRONTAB}
        for tool in tools:
            path = self.root / "bin" / tool
            path.write_text(scripts[tool].format(root=self.root, log=self.root / "log"))
            path.chmod(0o755)
        for tool in ("sh", "cat", "test", "echo"):
            link = self.root / "bin" / tool
            if not link.exists():
                link.symlink_to(f"/bin/{tool}")

    def with_systemd(self, *, linger: str = "yes") -> None:
        self.have("systemctl", "loginctl")
        (self.root / "systemd-answers").touch()
        (self.root / "linger").write_text(linger)

    def calls(self) -> list[str]:
        """What was called since the last time this was asked, but questions."""
        log = self.root / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if "show-" not in line]

    def state(self) -> dict[str, str]:
        """Every unit file and the crontab."""
        files = {path.name: path.read_text() for path in self.units.rglob("*") if path.is_file()}
        return files | ({"crontab": self.crontab.read_text()} if self.crontab.exists() else {})

    def __call__(self, *arguments: str, config: Path | None = None, **environment: str) -> Run:
        """`ragkit schedule`, in this process: it seals nothing and loads little."""
        unset = ("SUDO_USER", "RAGKIT_MODELS", *(name for name in os.environ if "XDG_" in name))
        own = {"PATH": str(self.root / "bin"), "HOME": str(self.root / "home"), **environment}
        done = CliRunner().invoke(
            cli,
            ["schedule", *arguments, "--config", str(config or self.config)],
            env={**dict.fromkeys(unset), **own},
        )
        return Run(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One with no tools at all; give it some."""
    for name in ("bin", "home", "files"):
        (tmp_path / name).mkdir()
    machine = Machine(tmp_path)
    machine.have()
    machine.config.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    return machine
