"""A command that loads native code with a model in it runs in a child of its own process, which watches.

A crash in such code (SIGSEGV, abort, or the system ending the process for its memory) leaves Python no
moment to say anything. The parent, which has loaded nothing and opened nothing, then says it: one
sentence and exit code 1, as for any other bug. What was published before stays as it was, since it is
published whole or not at all.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Collection, Sequence

import click

from ragkit.errors import EXIT_BUG, ProcessLost

WATCHED = ("ask", "chat", "sweep", "summarize", "nightly", "eval", "models", "bench")
"""Commands that may load a language model."""
_CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE}
_HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_SENT_BY_A_PROCESS = 0  # SI_USER; what a terminal sends reaches the child by itself
_PR_SET_PDEATHSIG = 1


def needs_watching(arguments: Sequence[str], commands: Collection[str]) -> bool:
    """Whether the command among the arguments may load a model, and this system can watch it.

    commands: names of all; the first that is met is the command, what stands before it are options.
    """
    command = next((word for word in arguments if word in commands), "")
    return command in WATCHED and sys.platform == "linux" and hasattr(signal, "sigwaitinfo")


def watched(work: Callable[[], None]) -> None:
    """Do `work`, which ends by sys.exit, in a child; exit as it does, or say how it crashed."""
    awaited = (*_HANDED_ON, signal.SIGCHLD)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        work()
        return
    sys.exit(_exit_code(_awaited(child, awaited)))


def _awaited(child: int, signals: Sequence[signal.Signals]) -> int:
    """How the child ended, as os.waitstatus_to_exitcode tells it. Signals sent to us are handed on."""
    while True:
        told = signal.sigwaitinfo(signals)
        if told.si_signo != signal.SIGCHLD:
            if told.si_code == _SENT_BY_A_PROCESS:
                os.kill(child, told.si_signo)
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended == child:
            return os.waitstatus_to_exitcode(status)


def _exit_code(ended: int) -> int:
    if ended >= 0:
        return ended
    number = -ended
    if number not in _CRASHES and number != signal.SIGKILL:
        return 128 + number
    error = _told(number)
    if "--json" in sys.argv[1:]:
        click.echo(json.dumps({"version": 1, **error.as_dict()}, indent=2))
    else:
        click.echo(f"ragkit: {error.message}\n  -> {error.hint}", err=True)
    return EXIT_BUG


def _told(number: int) -> ProcessLost:
    if number == signal.SIGKILL:
        return ProcessLost(
            "The command was ended by the system (SIGKILL), mostly because memory ran out; the index is "
            "as it was.",
            hint="ragkit models recommend  (a smaller model, or a smaller context in pipelines.yaml)",
        )
    return ProcessLost(
        f"A library that computes the model crashed ({signal.Signals(number).name}); the index is as it "
        "was.",
        hint="ragkit models verify  (then run the command again; if it crashes again, report it)",
    )
