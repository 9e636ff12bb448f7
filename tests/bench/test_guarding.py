"""What runs searches without the guard does nothing else, whoever tells it to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from ragkit.bench.guarding import Enclosed, guard_cost
from ragkit.doctor import enclosed
from ragkit.doctor.workload import Plan
from ragkit.errors import NotReady
from ragkit.types import Step

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")


def plan(models: Path) -> Plan:
    return Plan(str(models), {"model": "there-is-none"}, None, whole=False)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Enclosed]:
    with Enclosed(plan(tmp_path)) as made:
        if made.reason:
            pytest.skip(f"no network of its own here: {made.reason}")
        yield made


def told(tmp_path: Path, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", enclosed.MODULE, json.dumps(asdict(plan(tmp_path)))],
        input=f"{line}\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )


def test_it_takes_two_words_and_no_arguments(process: Enclosed, tmp_path: Path) -> None:
    leak = tmp_path / "leak.jsonl"
    arguments = ["p", "a question", "--output", str(leak)]
    for line in (
        json.dumps({"guarded": False, "arguments": arguments}),
        f"not p --output {leak}",
        f"guarded --output {leak}",
    ):
        ended = told(tmp_path, line)
        assert ended.returncode == 1
        assert "two words" in ended.stderr
        assert ended.stdout.count("\n") == 1, "it has told that it is ready, and run nothing"
    assert not leak.exists()


def test_a_search_that_fails_is_told_and_nothing_is_left(process: Enclosed) -> None:
    with pytest.raises(NotReady, match="without the guard ended with exit code"):
        process.search(guarded=False)


def ignore(step: Step) -> None:
    """No progress is shown."""


def test_without_a_process_nothing_is_measured() -> None:
    assert guard_cost(None, 1, ignore).pairs == ()
