"""`python -m ragkit.doctor.enclosed`: runs searches with and without the guard, where nothing leads out.

What is to run without the guard cannot be started by a process that is sealed, so this one is
started before. It moves into an empty network of its own first, and then runs nothing but searches:
for each line of JSON on standard input, {"guarded", "arguments"}, a whole process of `ragkit search`;
on standard output a line {"code"}. Its first line is {"reason"}: why it is not possible here, or "".
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import ragkit
from ragkit.doctor import unguarded
from ragkit.doctor.sensor.enclosure import nothing_leads_out
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.namespace import leave_network

MODULE = "ragkit.doctor.enclosed"


def main() -> None:
    """Serve until standard input ends."""
    reason = _enclosed()
    _tell({"reason": reason})
    for line in () if reason else sys.stdin:
        request = json.loads(line)
        ended = subprocess.run(
            _command(request),
            cwd=Path(ragkit.__path__[0]).parent,  # `-m` imports from the current folder first
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        _tell({"code": ended.returncode})


def _enclosed() -> str:
    if not sys.platform.startswith("linux"):
        return f"no network namespaces on {sys.platform}"
    reason = leave_network(Kernel())
    return reason or ("" if nothing_leads_out() else "the new network is not empty")


def _command(request: dict[str, Any]) -> list[str]:
    through = [] if request["guarded"] else [unguarded.MODULE]
    return [sys.executable, "-m", *through, "ragkit", "search", *request["arguments"]]


def _tell(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
