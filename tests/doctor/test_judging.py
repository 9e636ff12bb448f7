"""What amounts to a proof, and what does not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ragkit.doctor import control, judging
from ragkit.doctor.control import WAYS
from ragkit.doctor.sensor.calls import (
    INTERNET,
    KINDS,
    LOCAL,
    OTHER,
    RINGS,
    SEALED,
    TO_INTERNET,
    TO_LOCAL,
)
from ragkit.doctor.sensor.capture import Packet
from ragkit.types.doctor import PhaseDone, Proof, StepDone, Tried

QUIET = dict.fromkeys(KINDS, 0)


def phases() -> dict[str, PhaseDone]:
    """As they are when all is well."""
    blocked = tuple(Tried(way.name, "EACCES", seen=False, needed=way.needed) for way in WAYS)
    made = {name: PhaseDone(name, 1.0, 0, QUIET) for name in judging.QUIET}
    for name in (judging.CONTROL_SEALED, judging.CONTROL_FILTERED):
        made[name] = replace(made[name], tried=blocked)
    steps = tuple(StepDone(name, 0, 1.0, {**QUIET, SEALED: 1}) for name in ("ingest", "ask"))
    made[judging.GUARDED] = replace(made[judging.GUARDED], calls={**QUIET, SEALED: 2}, steps=steps)
    return made


def verdict(made: dict[str, PhaseDone], lost: int = 0) -> str:
    return judging.judged(tuple(made.values()), lost).verdict


def test_all_quiet_is_a_proof() -> None:
    assert verdict(phases()) == "proved"


@pytest.mark.parametrize("phase", judging.QUIET)
def test_one_packet_anywhere_violates_it(phase: str) -> None:
    made = phases()
    made[phase] = replace(made[phase], packets=1)
    assert verdict(made) == "violated"


@pytest.mark.parametrize("phase", [judging.CONTROL_SEALED, judging.CONTROL_FILTERED])
@pytest.mark.parametrize("answer", ["", "ECONNREFUSED", "child: Connection refused"])
def test_a_way_that_the_guard_leaves_open_violates_it(phase: str, answer: str) -> None:
    made = phases()
    first, *others = made[phase].tried
    made[phase] = replace(made[phase], tried=(replace(first, answer=answer), *others))
    assert verdict(made) == "violated"


def test_lost_packets_prove_nothing() -> None:
    assert verdict(phases(), lost=1) == "not provable"


def test_a_sensor_that_stopped_watching_proves_nothing() -> None:
    made = phases()
    found = judging.judged(tuple(made.values()), 0, "OSError")
    assert found.verdict == "not provable"
    assert "stopped watching (OSError)" in found.reason
    made[judging.IDLE] = replace(made[judging.IDLE], packets=1)
    assert judging.judged(tuple(made.values()), 0, "OSError").verdict == "violated"


def test_a_way_that_this_machine_has_no_numbers_for_is_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "_HAS_NUMBERS", False)
    way = next(way for way in WAYS if way.port == 41006)
    assert control.tried(way) == "ENOSYS"


def test_a_workload_that_was_guarded_after_all_proves_nothing() -> None:
    made = phases()
    made[judging.UNGUARDED] = replace(made[judging.UNGUARDED], calls={**QUIET, SEALED: 1})
    assert verdict(made) == "not provable"


def test_a_guarded_workload_without_a_guard_violates_it() -> None:
    made = phases()
    made[judging.GUARDED] = replace(made[judging.GUARDED], calls=QUIET, steps=())
    assert verdict(made) == "violated"


@pytest.mark.parametrize("calls", [QUIET, None])
def test_one_command_without_a_guard_violates_it(calls: dict[str, int] | None) -> None:
    made = phases()
    ingest, ask = made[judging.GUARDED].steps
    steps = (replace(ingest, calls={**QUIET, SEALED: 9}), replace(ask, calls=calls))
    made[judging.GUARDED] = replace(made[judging.GUARDED], calls={**QUIET, SEALED: 9}, steps=steps)
    found = judging.judged(tuple(made.values()), 0)
    assert found.verdict == "violated"
    assert "ask" in found.reason
    assert "ingest" not in found.reason


@pytest.mark.parametrize("kind", [OTHER, RINGS])
@pytest.mark.parametrize("phase", judging.QUIET)
def test_what_can_leave_without_a_packet_is_no_proof(phase: str, kind: str) -> None:
    made = phases()
    calls = {**(made[phase].calls or {}), kind: 2}
    made[phase] = replace(made[phase], calls=calls)
    found = judging.judged(tuple(made.values()), 0)
    unguarded = phase in (judging.UNGUARDED, judging.IDLE)
    assert found.verdict == ("not provable" if unguarded else "violated")
    assert f"2 {kind}" in found.reason


@pytest.mark.parametrize("kind", [INTERNET, TO_INTERNET])
def test_a_socket_under_the_guard_violates_it_though_nothing_was_sent(kind: str) -> None:
    made = phases()
    calls = {**(made[judging.GUARDED].calls or {}), kind: 1}
    made[judging.GUARDED] = replace(made[judging.GUARDED], calls=calls)
    assert verdict(made) == "violated"


@pytest.mark.parametrize("phase", judging.QUIET)
def test_where_calls_are_not_counted_nothing_is_proved(phase: str) -> None:
    made = phases()
    made[phase] = replace(made[phase], calls=None)
    found = judging.judged(tuple(made.values()), 0)
    assert found.verdict == "not provable"
    assert "cannot be counted" in found.reason
    assert found.remedy


def test_local_services_are_said_with_the_verdict() -> None:
    made = phases()
    made[judging.UNGUARDED] = replace(
        made[judging.UNGUARDED], calls={**QUIET, LOCAL: 40, TO_LOCAL: 39}
    )
    found = judging.judged(tuple(made.values()), 0)
    assert found.verdict == "proved"
    assert f"40 {LOCAL}, 39 {TO_LOCAL} in {judging.UNGUARDED}" in found.reason


def test_a_process_that_is_left_behind_proves_nothing() -> None:
    found = judging.judged(tuple(phases().values()), 0, left_behind=True)
    assert found.verdict == "not provable"
    assert "still running" in found.reason


def test_a_control_that_is_not_seen_proves_nothing() -> None:
    answers = {way.name: "ECONNREFUSED" for way in WAYS}
    packets = [
        Packet("TCP", "192.0.2.1", way.port, marks=frozenset({way.mark} - {b""})) for way in WAYS
    ]
    seen = judging.compared(answers, packets, {**QUIET, LOCAL: 1})
    assert judging.unseen(seen) == []
    for missing in (way for way in WAYS if way.packet):
        left = [packet for packet, way in zip(packets, WAYS, strict=True) if way is not missing]
        assert judging.unseen(judging.compared(answers, left, QUIET)) == [missing.name]


def test_a_way_that_the_machine_lacks_is_not_asked_for() -> None:
    answers = {way.name: "" if way.needed else "EAFNOSUPPORT" for way in WAYS}
    missed = judging.unseen(judging.compared(answers, [], None))
    assert missed == [way.name for way in WAYS if way.needed]


def test_packets_are_told_by_place_and_the_kernels_answers_left_out() -> None:
    packet = Packet("UDP", "192.0.2.1", 53)
    answer = Packet("ICMP", "192.0.2.1", None, answer=True)
    (sent,) = judging.summed("idle", [packet, packet, answer])
    assert (sent.protocol, sent.destination, sent.port, sent.packets) == ("UDP", "192.0.2.1", 53, 2)


def test_a_proof_survives_json() -> None:
    made = phases()
    proof = Proof("proved", "", "", "2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00", 1.0,
                  tuple(made.values()), facts={"system": {"kernel": "Linux"}}, notes=("one",))  # fmt: skip
    assert Proof.from_dict(json.loads(json.dumps(proof.as_dict()))) == proof
