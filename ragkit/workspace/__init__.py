"""The application: what the command, a Python program and later a page all call. It never prints.

    base.py       the settings, opened models and indexes, the ledger's pen
    indexing.py   ingest, purge, status
    asking.py     search, ask, summarize
    learning.py   evaluate, compare, feedback, tune
    auditing.py   the ledger
    sweeping.py   sweep
    nights.py     nightly: an ingest, its report, and summaries and sweeps after it

What only one kind of work needs is imported where it is done: a question answered by a fresh process
waits for every module of this package.
"""

from __future__ import annotations

from ragkit.workspace.auditing import Auditing
from ragkit.workspace.learning import Learning
from ragkit.workspace.nights import Nights


class Workspace(Nights, Learning, Auditing):
    """A pipelines.yaml and all that can be done with it. Internal: it runs in a sealed process.

    The command seals itself and then opens one; a Python program opens `ragkit.Workspace`, which has
    the same methods and opens one of these in a sealed process of its own.

    config: the settings file. models: the folder of models, by default the user's. ocr_helpers:
    processes that read scanned pages, started before the process was sealed; else they are started
    when a scan is met. accepted_weak: the user goes on though nothing in the kernel keeps the process
    off the network; it stands in every entry of the ledger.
    Opened models and indexes are kept until close(); use it in a `with`. Not thread-safe: one
    Workspace for each thread.

    Raises ConfigFault with every fault of the file.
    """
