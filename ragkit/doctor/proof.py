"""`python -m ragkit.doctor.proof`: the whole proof, inside the sensor.

On standard input the request as JSON: {"folder", "idle", "plan"}. On standard output, a line of JSON
each: {"step"} for what is being done, at the end {"proof"}. Started by offline.py, in a session of
its own, which ends it together with everything it has started.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ragkit.doctor import attestation, judging
from ragkit.doctor.control import MARKS
from ragkit.doctor.judging import Judgement
from ragkit.doctor.sensor.calls import KINDS
from ragkit.doctor.sensor.capture import Packet
from ragkit.doctor.sensor.enclosure import CannotEnclose, enter
from ragkit.doctor.sensor.watching import Sensor
from ragkit.doctor.workload import Plan, Workload
from ragkit.errors import NotReady
from ragkit.types.doctor import PhaseDone, Proof, Sent, StepDone, Tried

_PR_SET_CHILD_SUBREAPER, _PR_SET_PDEATHSIG = 36, 1
_KILL = 9
_LEFT_BEHIND_SECONDS = 5.0
_CONTROL_SECONDS = 120


@dataclass(slots=True)
class Proving:
    """A proof on its way. Every method is a phase, and notes what was seen of it."""

    sensor: Sensor
    folder: Path
    plan: Plan
    idle: float
    phases: list[PhaseDone] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_behind: bool = False

    def control(self) -> bool:
        """The positive control; whether the sensor has seen everything."""
        tried = self._control(judging.CONTROL, "open")
        return not judging.unseen(tried)

    def unguarded(self) -> None:
        """The whole workload, then nothing at all, then the end of the process."""
        work = Workload(self.folder / "unguarded", self.plan, guarded=False)
        self._workload(judging.UNGUARDED, work)
        _tell(f"idle for {self.idle:g} s, then the end of the process")
        started = time.monotonic()
        steps = [work.stay(self.idle, lambda: self._also(judging.UNGUARDED))]
        self.left_behind |= _left_behind()
        self._note(judging.IDLE, started, steps=tuple(steps), callers=work.callers())

    def guarded(self) -> None:
        """The control under the guard, and the same workload as it always runs."""
        self._control(judging.CONTROL_SEALED, "sealed")
        self._control(judging.CONTROL_FILTERED, "filtered")
        work = Workload(self.folder / "guarded", self.plan, guarded=True)
        self._workload(judging.GUARDED, work)
        self.left_behind |= _left_behind()

    def _control(self, phase: str, how: str) -> tuple[Tried, ...]:
        _tell(phase)
        started = time.monotonic()
        command = [sys.executable, "-P", "-m", "ragkit.doctor.control", how]
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=_CONTROL_SECONDS, check=False
        )
        if ended.returncode:
            raise NotReady(f"The {phase} failed: {ended.stderr.strip().rpartition(chr(10))[2]}")
        told = json.loads(ended.stdout)
        packets, calls = self.sensor.take()
        tried = judging.compared(told["answers"], packets, calls)
        self._keep(phase, started, packets, calls, tried=tried, level=told["level"])
        return tried

    def _workload(self, phase: str, work: Workload) -> None:
        started, steps, level = time.monotonic(), list[StepDone](), ""
        packets: list[Packet] = []
        total: dict[str, int] | None = dict.fromkeys(KINDS, 0)
        work.prepare()
        try:
            for words, done, printed in work.steps():
                _tell(f"{phase}: {words}, {done.seconds:.1f} s")
                sent, calls = self.sensor.take()
                packets, total = packets + sent, _added(total, calls)
                steps.append(replace(done, calls=calls))
                if words == "status":
                    level = _level(printed)
                if words == "ingest":
                    self._note_unread(printed)
        except BaseException:  # what was sent until then counts
            self.sent += judging.summed(phase, packets)
            raise
        rest = {"steps": tuple(steps), "level": level, "callers": work.callers()}
        self._keep(phase, started, packets, total, **rest)

    def _note_unread(self, printed: str) -> None:
        """What this machine lacks a reader for (tesseract) is no part of the workload, and is said."""
        for unread in json.loads(printed)["unreadable"]:
            note = (
                f"{unread['document']} could not be read here, so its reader is not in the proof: "
            )
            if not any(known.startswith(note) for known in self.notes):
                self.notes.append(note + str(unread["reason"]))

    def _note(self, phase: str, started: float, **rest: Any) -> None:
        packets, calls = self.sensor.take()
        self._keep(phase, started, packets, calls, **rest)

    def _keep(
        self,
        phase: str,
        started: float,
        packets: list[Packet],
        calls: dict[str, int] | None,
        **rest: Any,
    ) -> None:
        own = sum(not packet.answer for packet in packets)
        rest["services"] = self.sensor.take_services()
        seconds = round(time.monotonic() - started, 2)
        self.phases.append(PhaseDone(phase, seconds, own, calls, **rest))
        if phase in judging.QUIET:
            self.sent += judging.summed(phase, packets)

    def _also(self, phase: str) -> None:
        """What was seen up to now belongs to a phase that was noted before."""
        packets, calls = self.sensor.take()
        place = next(i for i, each in enumerate(self.phases) if each.name == phase)
        before = self.phases[place]
        own = sum(not packet.answer for packet in packets)
        added = _added(before.calls, calls)
        services = Counter(before.services) + Counter(self.sensor.take_services())
        self.phases[place] = replace(
            before, packets=before.packets + own, calls=added, services=dict(services)
        )
        self.sent += judging.summed(phase, packets)


def _added(one: Mapping[str, int] | None, other: Mapping[str, int] | None) -> dict[str, int] | None:
    if one is None or other is None:
        return None
    return {kind: one[kind] + other[kind] for kind in one}


def prove(folder: Path, idle: float, plan: Plan, models: dict[str, str]) -> Proof:
    """Everything, in this process's own network. models: name -> digest, for the attestation."""
    begun = _now()
    try:
        notes = enter()
        sensor = Sensor(MARKS)
    except (CannotEnclose, PermissionError) as error:
        remedy = getattr(error, "remedy", "run it as root")
        refused = Judgement("not provable", f"No sensor can be made here: {error}.", remedy)
        return _proof(refused, begun, idle, facts=attestation.facts(models))
    proving = Proving(sensor, folder, plan, idle, notes=list(notes))
    with _closing(sensor):
        judgement = _all_phases(proving)
    return _proof(
        judgement,
        begun,
        idle,
        phases=tuple(proving.phases),
        sent=tuple(proving.sent),
        facts=attestation.facts(models),
        notes=tuple(proving.notes),
    )


def _all_phases(proving: Proving) -> Judgement:
    try:
        if not proving.control():
            if proving.sensor.fault:
                return judging.broken(proving.sensor.fault)
            missed = ", ".join(judging.unseen(proving.phases[0].tried))
            reason = f"The sensor did not see all of the control, so its silence proves nothing: {missed}."
            return Judgement("not provable", reason, "Please report it with this page.")
        proving.unguarded()
        if not proving.sent:  # else the verdict is known
            proving.guarded()
    except (NotReady, subprocess.TimeoutExpired) as error:
        return _stopped(proving, error)
    sensor = proving.sensor
    return judging.judged(proving.phases, sensor.lost, sensor.fault, proving.left_behind)


def _stopped(proving: Proving, error: Exception) -> Judgement:
    """A phase that could not be run to its end proves nothing; what it sent counts all the same."""
    packets, _ = proving.sensor.take()
    during = "the workload that failed"
    proving.sent += judging.summed(during, packets)
    if proving.sent:
        return Judgement("violated", "Packets were sent, and the workload failed.", str(error))
    if proving.sensor.fault:
        return judging.broken(proving.sensor.fault)
    return Judgement("not provable", str(error), "Mend that and run it again.")


def _proof(judgement: Judgement, begun: str, idle: float, **rest: Any) -> Proof:
    return Proof(*judgement, started=begun, finished=_now(), idle_seconds=idle, **rest)


@contextmanager
def _closing(sensor: Sensor) -> Iterator[None]:
    try:
        yield
    finally:
        sensor.close()


def _left_behind() -> bool:
    """Waits for processes whose parents have ended: one may be there to report in secret, and later."""
    until = time.monotonic() + _LEFT_BEHIND_SECONDS
    while time.monotonic() < until:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if not ended:
            time.sleep(0.05)
    return True


def _level(printed: str) -> str:
    """The isolation that `ragkit status --json` tells of."""
    return str(json.loads(printed)["pipelines"][0]["isolation"])


def _now() -> str:
    return datetime.now(UTC).isoformat("T", "seconds")


def _tell(step: str) -> None:
    sys.stdout.write(json.dumps({"step": step}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the request, prove, and print what came of it."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(_PR_SET_PDEATHSIG, _KILL, 0, 0, 0)
        library.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    request = json.load(sys.stdin)
    plan, models = Plan(**request["plan"]), request["models"]
    proof = prove(Path(request["folder"]), request["idle"], plan, models)
    sys.stdout.write(json.dumps({"proof": proof.as_dict()}) + "\n")


if __name__ == "__main__":
    main()
