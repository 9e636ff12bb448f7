"""Models on this machine: which there are, where they lie, whether they are what they should be.

Nothing here connects to anything except `ModelStore.pull`, and nothing is pulled unless asked for.
"""

from ragkit.models.files import Progress, no_progress
from ragkit.models.installed import InstalledModel, ModelState, default_models_folder
from ragkit.models.registry import (
    HubSource,
    ModelFile,
    ModelSpec,
    Registry,
    Variant,
    WheelSource,
)
from ragkit.models.registry_file import load_registry
from ragkit.models.store import ModelStore

__all__ = [
    "HubSource",
    "InstalledModel",
    "ModelFile",
    "ModelSpec",
    "ModelState",
    "ModelStore",
    "Progress",
    "Registry",
    "Variant",
    "WheelSource",
    "default_models_folder",
    "load_registry",
    "no_progress",
]
