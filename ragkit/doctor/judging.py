"""What the phases of a proof amount to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ragkit.doctor.control import WAYS, Way, went_out
from ragkit.doctor.sensor.calls import (
    INTERNET,
    LOCAL,
    OTHER,
    RINGS,
    SEALED,
    TO_INTERNET,
    TO_LOCAL,
)
from ragkit.doctor.sensor.capture import Packet
from ragkit.types.doctor import PhaseDone, Sent, Tried, Verdict

CONTROL = "control"
UNGUARDED = "workload without the guard"
IDLE = "idle and exit"
CONTROL_SEALED = "control under the guard"
CONTROL_FILTERED = "control under the filter alone"
GUARDED = "workload under the guard"
QUIET = (UNGUARDED, IDLE, CONTROL_SEALED, CONTROL_FILTERED, GUARDED)
"""Phases in which nothing may be sent."""

_UNSEEN = (OTHER, RINGS)
"""What may leave the machine without a packet: the host of a virtual one (VSOCK), among others."""


class Judgement(NamedTuple):
    """remedy: empty for a proof. reason: there what has to be known beside it, or ""."""

    verdict: Verdict
    reason: str = ""
    remedy: str = ""


def compared(
    answers: Mapping[str, str], packets: Sequence[Packet], calls: Mapping[str, int] | None
) -> tuple[Tried, ...]:
    """What the control tried beside what the sensor saw of it."""
    return tuple(
        Tried(way.name, answers[way.name], _is_seen(way, packets, calls), way.needed)
        for way in WAYS
    )


def _is_seen(way: Way, packets: Sequence[Packet], calls: Mapping[str, int] | None) -> bool:
    if not way.packet:
        return calls is not None and calls[LOCAL] > 0
    own = [packet for packet in packets if not packet.answer]
    return any(packet.port == way.port if way.port else way.mark in packet.marks for packet in own)


def unseen(control: Iterable[Tried]) -> list[str]:
    """Ways of the positive control that the sensor missed, so that its silence would mean nothing.

    A way that a machine may lack counts only if the kernel's answer says that it went out.
    """
    packets = {way.name for way in WAYS if way.packet}
    missed = [each for each in control if each.way in packets and not each.seen]
    return [each.way for each in missed if each.needed or went_out(each.answer)]


def still_open(sealed: Iterable[Tried]) -> list[str]:
    """Ways that the guard left open."""
    return [each.way for each in sealed if each.seen or went_out(each.answer)]


def summed(phase: str, packets: Iterable[Packet]) -> tuple[Sent, ...]:
    """Packets to the same place as one line. The kernel's own answers are left out: nobody sent them."""
    counts: dict[tuple[str, str, int | None], int] = {}
    for packet in packets:
        if not packet.answer:
            place = (packet.protocol, packet.destination, packet.port)
            counts[place] = counts.get(place, 0) + 1
    return tuple(Sent(phase, *place, count) for place, count in counts.items())


def broken(fault: str) -> Judgement:
    """Of a sensor that stopped watching."""
    return Judgement("not provable", f"The sensor stopped watching ({fault}).", _REPORT)


def judged(
    phases: Sequence[PhaseDone], lost: int, fault: str = "", left_behind: bool = False
) -> Judgement:
    """The verdict over all phases. What was sent counts for more than what could not be looked at.

    lost: packets that were not looked at. fault: why the sensor stopped watching, "" if it did not.
    left_behind: whether a process of a workload was still running after its end.
    """
    by_name = {phase.name: phase for phase in phases}
    sent = [name for name in QUIET if name in by_name and by_name[name].packets]
    if sent:
        return Judgement("violated", f"Packets were sent in: {', '.join(sent)}.", _REPORT)
    if fault:
        return broken(fault)
    for name in (CONTROL_SEALED, CONTROL_FILTERED):
        left = still_open(by_name[name].tried)
        if left:
            return Judgement("violated", f"The guard left open: {', '.join(left)}.", _REPORT)
    if lost:
        return Judgement("not provable", f"{lost} packets came too fast to be looked at.", _AGAIN)
    if left_behind:
        text = "A process that the workload had started was still running after its end."
        return Judgement("not provable", text, _REPORT)
    return _uncounted(by_name) or _past_the_packets(by_name) or _really(by_name)


def _uncounted(phases: Mapping[str, PhaseDone]) -> Judgement | None:
    """Without the counts nobody can tell what was asked for beside packets, or who sealed himself."""
    if all(phases[name].calls is not None for name in QUIET):
        return None
    text = (
        "Calls cannot be counted here, so whether the guard was left out and put in, "
        "and what sends no packet, is not known."
    )
    return Judgement("not provable", text, "Linux 5.5 or newer, with seccomp allowed, counts them.")


def _past_the_packets(phases: Mapping[str, PhaseDone]) -> Judgement | None:
    """Ways past the packet sensor that were asked for. The guard refuses them before they are counted."""
    for name in (CONTROL_SEALED, CONTROL_FILTERED, GUARDED):
        asked = _asked(phases[name], (INTERNET, TO_INTERNET, *_UNSEEN))
        if asked:
            return Judgement("violated", f"The guard let pass in {name}: {asked}.", _REPORT)
    for name in (UNGUARDED, IDLE):
        asked = _asked(phases[name], _UNSEEN)
        if asked:
            text = f"Asked for in {name}, and no packet shows what became of it: {asked}."
            return Judgement("not provable", text, _REPORT)
    return None


def _asked(phase: PhaseDone, kinds: Iterable[str]) -> str:
    calls = phase.calls or {}
    return ", ".join(f"{calls[kind]} {kind}" for kind in kinds if calls.get(kind))


def _really(phases: Mapping[str, PhaseDone]) -> Judgement:
    """Whether the phases were what they are called: without the guard, and with it in each command."""
    without = [phases[name].calls for name in (UNGUARDED, IDLE)]
    if any(calls and calls[SEALED] for calls in without):
        return Judgement(
            "not provable", "A process of the unguarded workload sealed itself.", _REPORT
        )
    steps = phases[GUARDED].steps
    open_ones = [step.name for step in steps if not (step.calls or {}).get(SEALED)]
    if open_ones or not steps:
        named = ", ".join(open_ones) or "none was run"
        text = f"Commands of the guarded workload that did not seal themselves: {named}."
        return Judgement("violated", text, _REPORT)
    return Judgement("proved", _local_services(phases))


def _local_services(phases: Mapping[str, PhaseDone]) -> str:
    """Said with the verdict: a service of this machine may pass on what it is told."""
    asked = ((name, _asked(phases[name], (LOCAL, TO_LOCAL))) for name in QUIET)
    told = [f"{counts} in {name}" for name, counts in asked if counts]
    if not told:
        return ""
    return (
        f"Asked for beside packets: {'; '.join(told)}. The sensor hides the local services that it "
        "knows of, and follows none."
    )


_REPORT = "Please report it with this page."
_AGAIN = "Run it again on a quieter machine."
