"""Children inside the sensor: this process cannot enter one, since that cannot be undone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
INSIDE = """
import json, subprocess, sys
from ragkit.doctor.sensor.enclosure import CannotEnclose, enter
from ragkit.doctor.sensor.watching import Sensor
from ragkit.isolation.environment import scrub_environment
try:
    enter()
except CannotEnclose as error:
    print(json.dumps({"refused": str(error)}))
    sys.exit()
scrub_environment()
sensor = Sensor((b"a-mark-of-the-test",))
results = []
for program in json.load(sys.stdin):
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    packets, calls = sensor.take()
    places = [[p.protocol, p.destination, p.port, sorted(map(bytes.decode, p.marks))]
              for p in packets if not p.answer]
    results.append({"code": ended.returncode, "errors": ended.stderr[-2000:], "printed": ended.stdout,
                    "packets": places, "calls": calls,
                    "services": sensor.take_services()})
sensor.close()
print(json.dumps({"results": results}))
"""


def inside_sensor(*programs: str, **environment: str) -> list[dict[str, Any]]:
    """What the sensor saw of each Python program, each in a process of its own; skips without a sensor."""
    ended = subprocess.run(
        [sys.executable, "-c", INSIDE],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    if "refused" in told:
        pytest.skip(f"no sensor here: {told['refused']}")
    return list(told["results"])


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home whose name says nothing (pytest's own folders carry the test's name)."""
    with tempfile.TemporaryDirectory(prefix="ragkit-home-") as name:
        yield Path(name).resolve()
