"""What `ragkit doctor` found, and the proof that nothing leaves."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["ok", "note", "warning", "fault"]
Verdict = Literal["proved", "not provable", "violated"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. mend: the exact command or step that mends it, "" for nothing to do.

    state: "note" is worth knowing, a "warning" should be mended, a "fault" breaks a promise.
    """

    area: str
    name: str
    state: State
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """All findings, in the order of the page."""

    findings: tuple[Finding, ...]

    def of(self, state: State) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.state == state)

    def as_dict(self) -> dict[str, object]:
        counts = {f"{state}s": len(self.of(state)) for state in ("fault", "warning", "note")}
        return {"version": 1, **counts, "findings": [asdict(each) for each in self.findings]}


@dataclass(frozen=True, slots=True)
class Sent:
    """Packets of one kind to one place in one phase; what was in them is not kept.

    port: None where the protocol has none.
    """

    phase: str
    protocol: str
    destination: str
    port: int | None
    packets: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One way out of the control, tried once. answer: what the kernel said, "" if it let it pass.

    seen: whether the sensor saw it. needed: False where a machine may lack the way altogether.
    """

    way: str
    answer: str
    seen: bool
    needed: bool


@dataclass(frozen=True, slots=True)
class StepDone:
    """One command of the workload. calls: as of a phase, those of this command's processes alone."""

    name: str
    exit_code: int
    seconds: float
    calls: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class PhaseDone:
    """One phase. packets: sent by its processes and by nobody else, since nobody else is in there.

    calls: how often its processes asked the kernel for what a connection is made of, by kind; None
    where this kernel cannot count them. callers: of those sockets that Python code asked for, "library
    module, family of addresses, what for": how often; noted without the guard only. services: local
    services (paths, "@" for abstract names) to which connections were begun: how often. level: the
    isolation that its processes told of, "" for none.
    """

    name: str
    seconds: float
    packets: int
    calls: dict[str, int] | None
    steps: tuple[StepDone, ...] = ()
    tried: tuple[Tried, ...] = ()
    level: str = ""
    callers: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """What `doctor --prove-offline` hands to an auditor. Times are UTC, ISO 8601.

    reason, remedy: why it is not proved and what would make it so; "" for a proof.
    facts: what the proof is of: section -> name -> value, digests among them.
    """

    verdict: Verdict
    reason: str
    remedy: str
    started: str
    finished: str
    idle_seconds: float
    phases: tuple[PhaseDone, ...] = ()
    sent: tuple[Sent, ...] = ()
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {"version": 1, **asdict(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Proof:
        """What `as_dict` made of one, by way of JSON."""
        given = {name: value for name, value in data.items() if name != "version"}
        phases = tuple(_phase(each) for each in given["phases"])
        sent = tuple(Sent(**each) for each in given["sent"])
        return cls(**{**given, "phases": phases, "sent": sent, "notes": tuple(given["notes"])})


def _phase(data: dict[str, Any]) -> PhaseDone:
    steps = tuple(StepDone(**each) for each in data["steps"])
    tried = tuple(Tried(**each) for each in data["tried"])
    return PhaseDone(**{**data, "steps": steps, "tried": tried})
