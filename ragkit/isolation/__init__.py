"""The guard: after `seal()` neither this process nor any child of it can reach the network.

Every command that opens a document or a store calls `seal()` before it imports anything from a
third party but click and yaml. What is shut, and by what, from the strongest down:

    namespace.py    an empty network of its own: no address, no route, not even loopback
    seccomp.py      the kernel refuses every call that makes a socket or borrows somebody else's
    landlock.py     the kernel refuses files: to commands what is written elsewhere (writing.py), to
                    the process that reads one document all but its libraries (profiles.py)
    process.py      no inherited connection, no core dump, files for the owner only
    environment.py  the libraries' own switches
    attempts.py     tells which line of Python tried, for the report

Not covered: root with intent, other processes of the user, and files in a folder that another
program copies elsewhere. Standard library only.
"""

from ragkit.isolation.attempts import Attempt, attempts, report
from ragkit.isolation.guard import ACCEPT_WEAK, Isolation, Level, current, seal
from ragkit.isolation.probes import Probe, prove

__all__ = [
    "seal",
    "current",
    "Isolation",
    "Level",
    "ACCEPT_WEAK",
    "attempts",
    "report",
    "Attempt",
    "prove",
    "Probe",
]
