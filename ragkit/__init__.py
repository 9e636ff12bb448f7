"""Private document RAG: ask confidential files, on your own machine, with quotes you can open.

    from ragkit import Workspace

    with Workspace("pipelines.yaml") as workspace:
        workspace.ingest("legal")
        answer = workspace.ask("legal", "Who may terminate for convenience?")

The work is done in a process of its own, which shuts itself off the network as every command does;
the caller keeps its own. `Scope` limits a question to some documents; `seal()` shuts the caller off
too, for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ragkit.errors import RagkitError
from ragkit.isolation import seal

if TYPE_CHECKING:
    from ragkit.remote.client import Workspace
    from ragkit.types.scope import Scope

__version__ = "0.1.0"
__all__ = ["Workspace", "Scope", "RagkitError", "seal", "__version__"]


def __getattr__(name: str) -> Any:
    # Loaded when first asked for, so that seal() can run before anything from a third party.
    if name == "Workspace":
        from ragkit.remote.client import Workspace

        return Workspace
    if name == "Scope":
        from ragkit.types.scope import Scope

        return Scope
    raise AttributeError(f"module 'ragkit' has no attribute {name!r}")
