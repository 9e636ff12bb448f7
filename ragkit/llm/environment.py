"""What llama.cpp and its library for threads read of the environment, once, when they are loaded."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_WAITING = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
"""How threads wait for each other (libgomp, "Environment Variables")."""
_TURNS = "1000"
"""A thread spins so often before it sleeps. On two quiet cores as fast as the library's 300,000 (62 to 70
tokens a second written, beside 66; sleeping at once: 46); on cores that two other programs want 9 to 10
instead of 1 (the starter model at Q4_0, 16 tokens)."""

_setting = threading.Lock()  # protects the two below
_is_loaded = False
_is_patient = False


def set_environment() -> None:
    """Before a thread is started that will load llama.cpp: C programs must not read the environment while
    another thread adds to it. Does nothing once it is loaded.

    Threads that wait for each other sleep after a moment instead of spinning: on a core that another
    program wants, spinning is what makes a busy machine ten times slower. Whoever has set one of the
    variables is obeyed.
    """
    global _is_patient
    with _setting:
        if _is_loaded:
            return
        # A fault in native code would start a debugger, which prints what the memory holds.
        os.environ.setdefault("GGML_NO_BACKTRACE", "1")
        if not any(name in os.environ for name in _WAITING):
            os.environ[_WAITING[0]] = _TURNS
            _is_patient = True


@contextmanager
def environment_for_loading() -> Iterator[None]:
    """The same while this holds. How threads wait is not meant for other programs: it is taken back."""
    global _is_loaded, _is_patient
    set_environment()
    try:
        yield
    finally:
        with _setting:
            _is_loaded = True
            if _is_patient:
                os.environ.pop(_WAITING[0], None)
                _is_patient = False
