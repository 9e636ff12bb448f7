"""Starting the proof in a process of its own, in a folder that goes away whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ragkit
from ragkit.config import load_config
from ragkit.doctor.workload import Plan
from ragkit.errors import ModelMissing, NotReady
from ragkit.models import InstalledModel, ModelStore
from ragkit.settings import EmbedderSettings, GeneratorSettings
from ragkit.types import Step
from ragkit.types.doctor import Proof

_PREFIX = "ragkit-proof-"
_ENDING_SECONDS = 5.0
_CONTEXT = 1024
"""Tokens: the made-up documents are short, and a large model's context takes memory."""


def run_proof(
    plan: Plan, models: dict[str, str], idle: float, on_step: Callable[[Step], None]
) -> Proof:
    """Prove it. models: name -> digest. idle: seconds. Raises NotReady if the process fails.

    Interrupted, it leaves neither a process nor a folder behind.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        request = {"folder": folder, "idle": idle, "plan": asdict(plan), "models": models}
        return _in_process(json.dumps(request), on_step)


def planned(settings: Path, models: ModelStore) -> tuple[Plan, dict[str, str]]:
    """What the settings' first pipeline works with, and the digests of its models.

    Without a settings file what a new one would have. A language model that is not here is left out.
    Raises ConfigFault with the file's faults, ModelMissing without the embedder.
    """
    pipelines = load_config(settings).pipelines if settings.is_file() else {}
    chosen = next((each.settings for each in pipelines.values()), None)
    embedder = chosen.embedder if chosen else EmbedderSettings()
    generator = chosen.generator if chosen else GeneratorSettings()
    found = models.resolve(embedder.model, role="embedder")
    digests = {found.name: found.digest}
    writes: dict[str, object] | None = None
    with suppress(ModelMissing):
        writer = models.resolve(generator.model, role="generator")
        digests[writer.name] = writer.digest
        writes = {**asdict(generator), "model": _named(writer), "context": _CONTEXT}
    plan = Plan(str(models.root.absolute()), {**asdict(embedder), "model": _named(found)}, writes)
    return plan, digests


def planned_for(settings: EmbedderSettings, models: ModelStore) -> Plan:
    """The main commands with this embedder, and no language model. Raises ModelMissing."""
    found = models.resolve(settings.model, role="embedder")
    embedder = {**asdict(settings), "model": _named(found)}
    return Plan(str(models.root.absolute()), embedder, None, whole=False)


def _named(model: InstalledModel) -> str:
    """As it can be named in any settings file."""
    return model.name if model.spec is not None else str(model.path)


def _in_process(request: str, on_step: Callable[[Step], None]) -> Proof:
    environment = {**os.environ, "PYTHONPATH": _with_package(os.environ.get("PYTHONPATH", ""))}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "ragkit.doctor.proof"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
        start_new_session=True,  # so that all it has started can be ended with it
    )
    try:
        return _listened_to(process, request, on_step)
    finally:
        _end(process)


def _with_package(path: str) -> str:
    return os.pathsep.join(filter(None, [str(Path(ragkit.__path__[0]).parent), path]))


def _listened_to(
    process: subprocess.Popen[str], request: str, on_step: Callable[[Step], None]
) -> Proof:
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin as stream:
        stream.write(request)
    for line in process.stdout:
        told: dict[str, Any] = json.loads(line)
        if "proof" in told:
            return Proof.from_dict(told["proof"])
        on_step(Step(told["step"], 0, 0))
    raise NotReady(
        f"The proof's process ended with exit code {process.wait()}.",
        hint="Run the command again; if it happens again, please report it.",
    )


def _end(process: subprocess.Popen[str]) -> None:
    """Everything of its session, wherever it is."""
    with suppress(ProcessLookupError):  # all of it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        until = time.monotonic() + _ENDING_SECONDS
        while time.monotonic() < until:  # those it had started are gone a moment later
            os.killpg(process.pid, 0)
            time.sleep(0.01)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
