"""The sensor sees whatever a process sends, by whatever means, and nothing else."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.doctor.sensor.calls import (
    INTERNET,
    KINDS,
    LOCAL,
    OTHER,
    SEALED,
    TO_INTERNET,
    TO_LOCAL,
)
from ragkit.doctor.sensor.capture import read_packet
from ragkit.doctor.sensor.enclosure import nothing_leads_out
from tests.doctor.conftest import ROOT, inside_sensor

linux = pytest.mark.skipif(sys.platform != "linux", reason="the sensor is Linux's")

TCP = "import socket\ns = socket.socket()\ns.connect_ex(('198.51.100.7', 443))"
UDP = (
    "import socket\ns = socket.socket(type=2)\ns.sendto(b'a-mark-of-the-test', ('198.51.100.8', 9))"
)
IPV6 = "import socket\ns = socket.socket(10, 2)\ns.sendto(b'x', ('2001:db8::9', 99))"
NATIVE = """
import ctypes, struct, socket
c = ctypes.CDLL(None)
s = c.socket(2, 2, 0)
c.sendto(s, b'x', 1, 0, struct.pack('=HH4s8x', 2, socket.htons(77), bytes([203, 0, 113, 5])), 16)
"""
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {NATIVE!r}])"
AT_EXIT = f"import atexit\natexit.register(lambda: exec({NATIVE!r}))"
NOTHING = "import json"
PAST_PACKETS = """
import ctypes, socket
c = ctypes.CDLL(None)
c.socket(40, 1, 0)
c.socket(38, 5, 0)
s = socket.socket(socket.AF_UNIX)
s.connect_ex("/nowhere/a-service")
s.connect_ex(chr(0) + "an-abstract-one")
socket.socket(type=2).connect(("198.51.100.7", 9))
"""
REACHED = """
import socket
print(socket.socket(socket.AF_UNIX).connect_ex({place!r}))
"""
MADE_ONLY = "import socket\nsocket.socket().close()\nsocket.socket(1).close()"


@linux
def test_it_sees_where_everything_goes() -> None:
    sent = [each["packets"] for each in inside_sensor(TCP, UDP, NATIVE, CHILD, AT_EXIT, NOTHING)]
    native = ["UDP", "203.0.113.5", 77, []]
    assert sent == [
        [["TCP", "198.51.100.7", 443, []]],
        [["UDP", "198.51.100.8", 9, ["a-mark-of-the-test"]]],
        [native],
        [native],
        [native],
        [],
    ]


@linux
def test_it_sees_ipv6() -> None:
    (seen,) = inside_sensor(IPV6)
    if seen["code"]:
        pytest.skip("no IPv6 on this machine")
    assert seen["packets"] == [["UDP", "2001:db8::9", 99, []]]


@linux
def test_it_counts_what_sends_nothing() -> None:
    made, sealed = inside_sensor(MADE_ONLY, "from ragkit import seal\nseal()")
    if made["calls"] is None:
        pytest.skip("this kernel tells of no calls")
    assert made["packets"] == []
    assert (made["calls"][INTERNET], made["calls"][KINDS[1]], made["calls"][SEALED]) == (1, 1, 0)
    assert sealed["calls"][SEALED] >= 1
    assert sealed["calls"][INTERNET] == 0, "the guard's filter answers before the counter is told"


@linux
def test_it_tells_what_a_socket_is_for() -> None:
    (seen,) = inside_sensor(PAST_PACKETS)
    if seen["calls"] is None:
        pytest.skip("this kernel tells of no calls")
    calls = {kind: count for kind, count in seen["calls"].items() if count}
    assert calls == {INTERNET: 1, LOCAL: 1, OTHER: 2, TO_INTERNET: 1, TO_LOCAL: 2}
    assert seen["services"] == {"/nowhere/a-service": 1, "@an-abstract-one": 1}


@linux
@pytest.mark.parametrize(
    ("name", "value", "file"),
    [
        ("DOCKER_HOST", "unix://{home}/docker.sock", "docker.sock"),
        ("SSH_AUTH_SOCK", "{home}/agent", "agent"),
        ("XDG_RUNTIME_DIR", "{home}/run", "run/bus"),
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path={home}/bus,guid=1", "bus"),
    ],
)
def test_services_of_the_session_cannot_be_reached(
    home: Path, name: str, value: str, file: str
) -> None:
    (home / "run").mkdir()
    place = str(home / file)
    program = REACHED.format(place=place)
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(place)
        service.listen()
        (open_one,) = inside_sensor(program)
        (hidden,) = inside_sensor(program, **{name: value.format(home=home)})
    assert open_one["printed"].strip() == "0", "a service that nobody names is reached"
    assert hidden["printed"].strip() != "0"


FAILING = """
import json, subprocess, sys
from ragkit.doctor.sensor.calls import CallCounter
from ragkit.doctor.sensor.enclosure import CannotEnclose, enter
from ragkit.doctor.sensor.watching import Sensor

def fail(self):
    raise OSError(5, "no more")

CallCounter.serve = fail
try:
    enter()
except CannotEnclose:
    sys.exit("no sensor")
sensor = Sensor()
made = subprocess.run([sys.executable, "-c", "import _socket; _socket.socket()"], capture_output=True)
packets, calls = sensor.take()
print(json.dumps({"ended": made.returncode, "calls": calls, "fault": sensor.fault}))
sensor.close()
"""


@linux
def test_nobody_waits_for_a_sensor_that_stopped_watching() -> None:
    if inside_sensor(NOTHING)[0]["calls"] is None:
        pytest.skip("this kernel tells of no calls")
    ended = subprocess.run(
        [sys.executable, "-c", FAILING],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    told = json.loads(ended.stdout)
    assert told == {"ended": 1, "calls": None, "fault": "OSError"}


@linux
def test_inside_nothing_leads_out_and_here_something_may() -> None:
    program = (
        "from ragkit.doctor.sensor.enclosure import nothing_leads_out\nprint(nothing_leads_out())"
    )
    (inside,) = inside_sensor(program)
    assert inside["printed"].strip() == "True"
    if "eth0:" in Path("/proc/net/dev").read_text(encoding="ascii"):
        assert not nothing_leads_out()


def ipv4(protocol: int, body: bytes) -> bytes:
    return (
        struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 0, 0, 64, protocol, 0, b"\0" * 4, b"\1\2\3\4")
        + body
    )


@pytest.mark.parametrize(
    ("protocol", "body", "answer"),
    [
        (6, struct.pack("!HHIIBBHHH", 1, 2, 0, 0, 0x50, 0x02, 0, 0, 0), False),
        (6, struct.pack("!HHIIBBHHH", 1, 2, 0, 0, 0x50, 0x14, 0, 0, 0), True),
        (1, b"\x08\0\0\0", False),
        (1, b"\x03\x03\0\0", True),
        (17, struct.pack("!HHHH", 1, 2, 8, 0), False),
    ],
)
def test_the_kernels_answers_are_told_from_what_was_sent(
    protocol: int, body: bytes, answer: bool
) -> None:
    assert read_packet(ipv4(protocol, body), 0x0800).answer is answer


@pytest.mark.parametrize("data", [b"", b"\x45", b"\x60" * 30, ipv4(6, b"\0"), ipv4(17, b"\0\0")])
def test_a_cut_packet_is_still_a_packet(data: bytes) -> None:
    for ethernet_type in (0x0800, 0x86DD, 0x0806):
        assert read_packet(data, ethernet_type).protocol
