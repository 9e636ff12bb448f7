"""`python -m ragkit.remote` on a kernel that refuses every filter and namespace."""

from __future__ import annotations

from ragkit.isolation import guard
from ragkit.remote.server import main

guard.install = lambda *_: "this kernel has no filters"
guard.leave_network = lambda *_: "this kernel has no namespaces"

if __name__ == "__main__":
    main()
