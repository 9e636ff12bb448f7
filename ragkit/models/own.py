"""Models of the user's own, given by path: a GGUF file, or a folder in the sentence-transformers layout.

The registry does not know their digests, so those of their first use are noted, and from then on every
byte must stay as it was: vectors of two states of one model must not be compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from ragkit.errors import CheckFailed, ModelMissing, UsageFault
from ragkit.models.digests import MEMORY_FOLDER, DigestMemory
from ragkit.models.files import Progress, stamp_of
from ragkit.models.registry import PICKLE_SUFFIXES, WEIGHTS_SUFFIX, Role

_GGUF_MAGIC = b"GGUF"
_OWN_DIGESTS = "own-models.json"
_MOST_FILES = 200
_VOCABULARY = "tokenizer.json"
"""Holds words and no settings, and is too large to be read for them."""
_LISTS = ("modules.json", "model.safetensors.index.json")
"""Name the files that are loaded."""
_SCORES_PAIRS = "ForSequenceClassification"
_CODE_SUFFIXES = frozenset({".py", ".pyc", ".so", ".dll", ".dylib", ".sh"})
_CODE_KEYS = ("auto_map", "trust_remote_code", "custom_pipelines")
"""Keys of a model's JSON files by which the libraries load code from the folder or from elsewhere."""


def looks_like_path(name_or_path: str) -> bool:
    """Whether a model that the registry does not know is meant as a path."""
    if not name_or_path:
        return False  # else it would be the folder that one is in
    written_as_path = any(mark in name_or_path for mark in "/\\") or name_or_path.startswith("~")
    return written_as_path or name_or_path.endswith(".gguf") or Path(name_or_path).exists()


def own_digest(root: Path, path: Path, progress: Progress, *, fresh: bool = False) -> str:
    """The digest of a GGUF file, or of all files of a folder together, as it was at the first use.

    Raises CheckFailed by name if a byte of one changed, or one came or went since; StorageFault if
    its first use cannot be noted.
    """
    return _compared(DigestMemory(_memory(root)), path, progress, fresh, _how_to_note(root, path))


def accept_own(root: Path, path: Path, progress: Progress) -> str:
    """Note the model as it is now, whatever it was; returns its digest. Raises StorageFault."""
    memory = DigestMemory(_memory(root))
    memory.forget([key for key in memory.known() if _belongs(key, path)])
    return _compared(memory, path, progress, True, _writable(root))


def note_own(root: Path, file: Path, digest: str) -> None:
    """Note that a GGUF file has that digest, whatever lay at its path before. Raises StorageFault."""
    memory = DigestMemory(_memory(root))
    memory.forget([str(file)])
    memory.remember(str(file), digest, stamp_of(file))
    memory.save_first(file, _writable(root))


def forget_own(root: Path, file: Path) -> None:
    """Forget a GGUF file that was deleted."""
    memory = DigestMemory(_memory(root))
    memory.forget([str(file)])
    memory.save()


def noted_digest(root: Path, file: Path) -> str:
    """The digest of a GGUF file that was noted first; "" if none was."""
    first = DigestMemory(_memory(root)).first(str(file))
    return first[0] if first else ""


def _compared(
    memory: DigestMemory, path: Path, progress: Progress, fresh: bool, how_to_note: str
) -> str:
    files = {str(file): file for file in model_files(path)}
    noted = [key for key in memory.known() if _belongs(key, path)]
    if noted and set(noted) != set(files):
        different = sorted(set(noted) ^ set(files))[0]
        raise _changed(Path(different), path, "it was not there before", files)
    found = {key: memory.digest(key, file, progress, fresh=fresh) for key, file in files.items()}
    # All or none: of a folder noted in part, the rest would seem to have come later.
    if noted:
        memory.save()
    else:
        memory.save_first(path, how_to_note)
    for key, digest in found.items():
        first = memory.first(key)
        if first is not None and first[0] != digest:
            raise _changed(
                files[key], path, f"its sha256 was {first[0][:16]}… on {first[1]}", files
            )
    return _together(path, found)


def noted_models(root: Path) -> tuple[Path, ...]:
    """The user's own models that were used and still lie where they did: files and folders."""
    files = [Path(key) for key in DigestMemory(_memory(root)).known()]
    singles = {file for file in files if file.suffix.lower() == ".gguf"}
    folders = {file.parent for file in files if file.name == "config.json"}
    outermost = {one for one in folders if not any(other in one.parents for other in folders)}
    return tuple(sorted(path for path in singles | outermost if path.exists()))


def own_weights(path: Path, role: Role | None) -> Path:
    """The main weights file of a model at `path`: the file itself, or the one in the folder.

    Raises ModelMissing if there is nothing, UsageFault if it is no model or not one for `role`,
    CheckFailed if it cannot be trusted to hold only weights.
    """
    if not path.exists():
        raise ModelMissing(f"There is no model at {path}.", hint="ragkit models list")
    weights = _in_folder(path) if path.is_dir() else _single_file(path)
    if role is not None and weights.suffix.lower() != WEIGHTS_SUFFIX[role]:
        needed = "a GGUF file" if role == "generator" else "a folder with *.safetensors"
        raise UsageFault(
            f"{path} cannot be the {role}: that needs {needed}.", hint="ragkit models list"
        )
    if role == "embedder":
        _require_vectors(path)
    return weights


def _require_vectors(folder: Path) -> None:
    """A model that gives pairs of texts a score has token states too, but they are no vectors of texts."""
    config = _settings(folder / "config.json")
    kinds = config.get("architectures") if isinstance(config, dict) else None
    if isinstance(kinds, list) and any(str(kind).endswith(_SCORES_PAIRS) for kind in kinds):
        raise UsageFault(
            f"{folder} cannot be the embedder: its config.json names {kinds[0]}, a reranker.",
            hint="Name it under `reranker:` in pipelines.yaml.",
        )


def model_files(path: Path) -> list[Path]:
    """Every file of a model, hidden ones and those below hidden folders (downloaders' notes) left out."""
    if path.is_file():
        return [path]
    found = [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(path).parts)
    ]
    if len(found) > _MOST_FILES:
        raise UsageFault(f"{path} is not a model folder: it has more than {_MOST_FILES} files.")
    return found


def _in_folder(folder: Path) -> Path:
    _require_no_linked_folder(folder)
    files = model_files(folder)
    for file in files:
        _require_no_code(file, folder)
    weights = [one for one in files if one.parent == folder and one.suffix == ".safetensors"]
    if weights and (folder / "config.json").is_file():
        return weights[0]
    raise UsageFault(
        f"{folder} is not a model folder: it needs config.json and a *.safetensors file."
    )


def _require_no_linked_folder(folder: Path) -> None:
    """The libraries follow a link to a folder; the digest does not. Raises CheckFailed."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and path.is_dir():
            raise CheckFailed(
                f"{path} is a link to a folder, whose files are not checked: it is refused.",
                hint="Put the folder itself there.",
            )


def _require_no_code(file: Path, folder: Path) -> None:
    """Raises CheckFailed for a file that holds, or asks for, code that runs when the model is loaded,
    or that leads the libraries to what no digest covers.
    """
    suffix = file.suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        raise _pickle_refused(file)
    if suffix in _CODE_SUFFIXES:
        raise CheckFailed(f"{file} is a program, and no program of a model is run: it is refused.")
    if suffix == ".json" and file.name != _VOCABULARY:
        settings = _settings(file)
        _require_no_code_keys(file, settings)
        _require_nothing_hidden(file, folder, settings)


def _require_no_code_keys(file: Path, settings: Any) -> None:
    asked = next(_code_keys(settings), "")
    if asked:
        raise CheckFailed(
            f"{file} asks for code of its own ({asked}), which is never run: it is refused.",
            hint="Use a model that needs no code beside its weights.",
        )


def _require_nothing_hidden(file: Path, folder: Path, settings: Any) -> None:
    """Hidden files are a downloader's notes and not part of the digest, so nothing may name one."""
    for text in _texts(settings):
        path = PurePosixPath(text)
        if path.is_absolute() or not any(p.startswith(".") and p != ".." for p in path.parts):
            continue
        if file.name in _LISTS or _is_there(folder / path) or _is_there(file.parent / path):
            raise CheckFailed(
                f"{file} names the hidden {text!r}, which is not checked: it is refused.",
                hint="Use a model whose files are all in plain sight.",
            )


def _texts(settings: Any) -> Iterator[str]:
    """Every text among the values, at any depth; not the keys."""
    left = [settings]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            left += value.values() if isinstance(value, dict) else value


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # no path at all: a zero in it
        return False


def _settings(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckFailed(f"{file} is no JSON file, so the model is refused.") from error


def _code_keys(value: Any) -> Iterator[str]:
    """The keys that ask for code, in the settings themselves and one level below."""
    inner = list(value.values()) if isinstance(value, dict) else value
    for level in (value, *(inner if isinstance(inner, list) else ())):
        if isinstance(level, dict):
            yield from (key for key in _CODE_KEYS if level.get(key))


def _single_file(path: Path) -> Path:
    if path.suffix.lower() in PICKLE_SUFFIXES:
        raise _pickle_refused(path)
    with path.open("rb") as stream:
        magic = stream.read(len(_GGUF_MAGIC))
    if path.suffix.lower() != ".gguf" or magic != _GGUF_MAGIC:
        raise UsageFault(f"{path} is not a GGUF file.", hint="ragkit models recommend")
    return path


def _pickle_refused(path: Path) -> CheckFailed:
    return CheckFailed(
        f"{path} is a pickle, a format that can run code when it is loaded, and is refused.",
        hint="Delete it if *.safetensors beside it hold the same weights. If not, get the model as "
        "safetensors (an embedder, a reranker) or GGUF (a generator).",
    )


def _how_to_note(root: Path, path: Path) -> str:
    # Where there is no folder a sealed command could not make it.
    there = (root / MEMORY_FOLDER).exists()
    return _writable(root) if there else f"ragkit models accept {shlex.quote(str(path))}"


def _writable(root: Path) -> str:
    folder = root / MEMORY_FOLDER
    return f"Make {folder} writable for you, or set RAGKIT_MODELS to a folder of your own."


def _memory(root: Path) -> Path:
    return root / MEMORY_FOLDER / _OWN_DIGESTS


def _belongs(key: str, path: Path) -> bool:
    return key == str(path) or path in Path(key).parents


def _together(path: Path, found: dict[str, str]) -> str:
    if path.is_file():
        return found[str(path)]
    lines = [f"{Path(key).relative_to(path).as_posix()} {found[key]}" for key in sorted(found)]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _changed(file: Path, model: Path, how: str, files: dict[str, Path]) -> CheckFailed:
    what = how if str(file) in files else "it is gone"
    return CheckFailed(
        f"{file} is not what it was when this model was first used here: {what}.",
        hint="Put the old file back; or, if you changed it yourself: "
        f"ragkit models accept {shlex.quote(str(model))}",
    )
