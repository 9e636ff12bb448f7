"""The Python API: a client in the caller's process, and the work in a sealed process of its own.

A process with threads (a notebook, a server) cannot be sealed, and a library must not take the
network from its caller. So `ragkit.Workspace` starts `python -m ragkit.remote` by exec, which seals
itself as every command does, and only then loads what opens documents:

    client.py     what the caller holds; every public method of ragkit.workspace.Workspace
    worker.py     starts the process, asks it, interrupts it, ends it
    server.py     the other end: seals, opens a ragkit.workspace.Workspace, answers
    surface.py    the methods and their types, read from their files without importing them
    codec.py      values <-> JSON, checked against those types
    faults.py     errors <-> JSON
    frames.py     JSON over one pair of sockets, within a size

The sealed process handles strangers' documents, so nothing that comes from it can run code here: no
pickle, only plain values and the frozen dataclasses of ragkit.types, each field checked.
"""
