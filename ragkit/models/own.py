"""Models of the user's own, given by path: a GGUF file, or a folder in the sentence-transformers layout."""

from __future__ import annotations

from pathlib import Path

from ragkit.errors import ModelMissing, UsageFault
from ragkit.models.registry import PICKLE_SUFFIXES, WEIGHTS_SUFFIX, Role

_GGUF_MAGIC = b"GGUF"


def looks_like_path(name_or_path: str) -> bool:
    """Whether a model that the registry does not know is meant as a path."""
    written_as_path = any(mark in name_or_path for mark in "/\\") or name_or_path.startswith("~")
    return written_as_path or name_or_path.endswith(".gguf") or Path(name_or_path).exists()


def own_weights(path: Path, role: Role | None) -> Path:
    """The main weights file of a model at `path`: the file itself, or the one in the folder.

    Raises ModelMissing if there is nothing, UsageFault if it is no model that can be trusted to
    hold only weights, or not one for `role`.
    """
    if not path.exists():
        raise ModelMissing(f"There is no model at {path}.", hint="ragkit models list")
    weights = _in_folder(path) if path.is_dir() else _single_file(path)
    if role is not None and weights.suffix.lower() != WEIGHTS_SUFFIX[role]:
        needed = "a GGUF file" if role == "generator" else "a folder with *.safetensors"
        raise UsageFault(f"{path} cannot be the {role}: that needs {needed}.")
    return weights


def _in_folder(folder: Path) -> Path:
    weights = sorted(folder.glob("*.safetensors"))
    if weights and (folder / "config.json").is_file():
        return weights[0]
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in PICKLE_SUFFIXES)
    if pickles and not weights:
        raise _pickle_refused(folder / pickles[0])
    raise UsageFault(
        f"{folder} is not a model folder: it needs config.json and a *.safetensors file."
    )


def _single_file(path: Path) -> Path:
    if path.suffix.lower() in PICKLE_SUFFIXES:
        raise _pickle_refused(path)
    with path.open("rb") as stream:
        magic = stream.read(len(_GGUF_MAGIC))
    if path.suffix.lower() != ".gguf" or magic != _GGUF_MAGIC:
        raise UsageFault(f"{path} is not a GGUF file.")
    return path


def _pickle_refused(path: Path) -> UsageFault:
    return UsageFault(
        f"{path} is a pickle, a format that can run code when it is loaded, and is refused.",
        hint="Use the same model as safetensors (search) or GGUF (language models).",
    )
