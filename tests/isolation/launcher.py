"""Starts a command where the system call filter cannot be had: `launcher.py seccomp,unshare COMMAND...`.

Puts a filter over itself that answers EPERM to the calls named, which the command inherits.
"""

from __future__ import annotations

import errno
import os
import sys

from ragkit.isolation.bpf import ALLOW, CALL_NUMBER, assemble, if_equal, load, refuse
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.reader_filter import refused_calls
from ragkit.isolation.seccomp import put, this_machine


def main() -> None:
    machine = this_machine()
    assert machine is not None
    known = {"seccomp": machine.seccomp, **refused_calls(machine)}
    names = sys.argv[1].split(",")
    steps = [if_equal(known[name], "refuse") for name in names]
    end = [if_equal(-1 & 0xFFFFFFFF, "refuse", otherwise="allow")]
    program = [load(CALL_NUMBER), *steps, *end, ALLOW, refuse(errno.EPERM, label="refuse")]
    problem = put(Kernel(), machine, assemble(program))
    if problem:
        sys.exit(problem)
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
