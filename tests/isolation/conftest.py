"""Receivers for what gets out, and children to try it: sealing cannot be undone in this process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534


@dataclass
class Receivers:
    """Listeners of every kind on this machine; `heard` holds what arrived."""

    folder: Path
    heard: set[str] = field(default_factory=set)
    sockets: dict[str, socket.socket] = field(default_factory=dict)
    stopping: bool = False

    def open(self) -> None:
        self._add("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        if socket.has_ipv6:
            self._add("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))
        self._add("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._add("stream", socket.AF_UNIX, socket.SOCK_STREAM, str(self.folder / "stream"))
        self._add("datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(self.folder / "datagram"))
        for name in ("stream", "datagram"):
            (self.folder / name).chmod(0o777)

    def targets(self) -> dict[str, Any]:
        """Where each can be reached: a port or a file."""
        names = {name: s.getsockname() for name, s in self.sockets.items()}
        return {name: n if isinstance(n, str) else n[1] for name, n in names.items()}

    def close(self) -> None:
        self.stopping = True
        for listening in self.sockets.values():
            listening.close()

    def _add(self, name: str, family: int, kind: int, address: Any) -> None:
        receiving = socket.socket(family, kind)
        receiving.bind(address)
        receiving.settimeout(0.2)
        if kind == socket.SOCK_STREAM:
            receiving.listen()
        self.sockets[name] = receiving
        threading.Thread(target=self._receive, args=(receiving, kind), daemon=True).start()

    def _receive(self, receiving: socket.socket, kind: int) -> None:
        while not self.stopping:
            with contextlib.suppress(OSError):
                if kind == socket.SOCK_DGRAM:
                    self.heard.add(receiving.recv(100).decode())
                    continue
                connection, _ = receiving.accept()
                with connection:
                    connection.settimeout(5)
                    self.heard.add(connection.recv(100).decode())


@dataclass(frozen=True)
class Tried:
    """What one run of escapes.py gave: its level, each way's error ("" if open), what arrived."""

    level: str
    status: str
    ways: dict[str, str]
    heard: frozenset[str]


@pytest.fixture(scope="package")
def shared_folder() -> Iterator[Path]:
    """A folder that every user may read, holding the guard alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        package = folder / "root" / "ragkit"
        shutil.copytree(ROOT / "ragkit" / "isolation", package / "isolation")
        shutil.copy(ROOT / "ragkit" / "errors.py", package)
        (package / "__init__.py").touch()
        for script in ("escapes.py", "writes.py"):
            shutil.copy(Path(__file__).parent / script, folder)
        subprocess.run(["chmod", "-R", "a+rX", name], check=True)
        yield folder


def ordinary_user() -> dict[str, Any]:
    """How to start a child without privilege; skips where that cannot be done."""
    if os.getuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}


def interpreter_for_all() -> str:
    """A Python that an ordinary user may start: this one, else the system's."""
    check = "import sys, ctypes, mmap; sys.exit(sys.version_info < (3, 11))"
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            command = [candidate, "-I", "-c", check]
            if not subprocess.run(command, capture_output=True, **ordinary_user()).returncode:
                return candidate
    pytest.skip("no Python 3.11 that an ordinary user may start")


def try_escapes(folder: Path, seal: str, *, ordinary: bool = False) -> Tried:
    """Run every way out in a child, unsealed (""), or sealed with "namespace" or "filter"."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        receivers = Receivers(Path(name))
        receivers.open()
        try:
            wanted = json.dumps({"root": str(folder / "root"), "seal": seal, **receivers.targets()})
            python = interpreter_for_all() if ordinary else sys.executable
            ended = subprocess.run(
                [python, "-I", str(folder / "escapes.py"), wanted],
                capture_output=True,
                text=True,
                timeout=60,
                **(ordinary_user() if ordinary else {}),
            )
        finally:
            threading.Event().wait(0.1)  # what is under way may still arrive
            receivers.close()
    assert ended.returncode == 0, ended.stderr
    return Tried(**json.loads(ended.stdout), heard=frozenset(receivers.heard))


@dataclass(frozen=True)
class Sealed:
    """What a child printed, and how it ended."""

    printed: str
    errors: str
    code: int


def in_child(program: str, **options: Any) -> Sealed:
    """Run a program in a Python of its own, which finds ragkit."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("environment", {})}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        **options,
    )
    return Sealed(ended.stdout.strip(), ended.stderr, ended.returncode)
