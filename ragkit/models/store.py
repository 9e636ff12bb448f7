"""The models folder: what is installed, where it lies, and whether every byte of it is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ragkit.errors import CheckFailed, ModelMissing, UsageFault
from ragkit.models.digests import MEMORY_FOLDER, DigestMemory, memory_of
from ragkit.models.files import Progress, bytes_under, no_progress, read_json
from ragkit.models.installed import InstalledModel, ModelState
from ragkit.models.named import (
    add_named,
    name_for,
    named_model,
    named_models,
    remove_named,
    require_name,
)
from ragkit.models.own import (
    accept_own,
    looks_like_path,
    noted_digest,
    noted_models,
    own_digest,
    own_weights,
)
from ragkit.models.prepared import check_all_prepared, check_prepared, remove_prepared
from ragkit.models.pulling import MANIFEST, PARTIAL, pull_model, remove_model
from ragkit.models.registry import ModelFile, ModelSpec, Registry, Role

_NOTES = (MANIFEST, "verified.json")
"""What pulls leave beside a model's own files (the second: before digests were kept elsewhere)."""


class ModelStore:
    """The models of `registry` under `root`. Only `pull` connects to anything."""

    def __init__(self, root: Path, registry: Registry) -> None:
        self.root = root
        self.registry = registry

    def list(self) -> tuple[ModelState, ...]:
        """Every known model, in the registry's order; of its other quantizations those that are here."""
        return tuple(self._state(one) for spec in self.registry for one in self._forms(spec))

    def _forms(self, spec: ModelSpec) -> Iterator[ModelSpec]:
        yield spec
        others = (spec.at(variant.quantization) for variant in spec.variants)
        yield from (one for one in others if self._folder(one).exists())

    def has(self, name: str) -> bool:
        """Whether every file of it is here with the right size. Nothing is hashed."""
        return self._state(self.registry[name]).installed

    def path(self, name: str) -> Path:
        """Where the model lies: the GGUF file of a generator, else its folder. Nothing is hashed.

        Raises UnknownPipeline, ModelMissing, CheckFailed if a file has a wrong size.
        """
        spec = self.registry[name]
        for file in self._expected(spec):
            self._require_present(spec, file)
        return self._place(spec)

    def trusted_path(self, name: str, progress: Progress = no_progress) -> Path:
        """`path`, after making sure that every byte is right: the one to load a model from.

        Files that were hashed in the last day and not written to since are not hashed again.
        """
        return self._check(self.registry[name], progress, fresh=False)

    def verify(self, name_or_path: str, progress: Progress = no_progress) -> None:
        """Hash every file. Raises ModelMissing, or CheckFailed with the file that is wrong."""
        if self._is_own(name_or_path):
            path = self._own_path(name_or_path)
            own_weights(path, None)
            own_digest(self.root, path, progress, fresh=True)
        else:
            self._check(self.registry[name_or_path], progress, fresh=True)

    def trust_prepared(self, folder: Path, progress: Progress = no_progress) -> None:
        """Check what was made of a model for this machine before it is loaded. Raises CheckFailed."""
        if folder.is_dir():
            check_prepared(folder, progress)

    def verify_prepared(self, progress: Progress = no_progress) -> int:
        """Hash all that was made of models for this machine; how many were. Raises CheckFailed."""
        return check_all_prepared(self.root / MEMORY_FOLDER, progress)

    def own(self) -> tuple[Path, ...]:
        """The user's own models that were used here."""
        return noted_models(self.root)

    def named(self) -> dict[str, Path]:
        """The user's own generators that were given a name here."""
        return named_models(self.root)

    def add(self, file: Path, name: str, progress: Progress = no_progress) -> InstalledModel:
        """Copy a GGUF file into the models folder under a name of the user's, and note its digest.

        The file's header must have been checked. Raises UsageFault (no name, or one that is taken),
        Busy, CheckFailed, StorageFault.
        """
        self.require_name(name)
        path = add_named(file, name, self.root, progress)
        return self._own(path, "generator", progress)

    def require_name(self, name: str) -> None:
        """Raises UsageFault unless a model of the user's may be called so: before any work for it."""
        if name in self.registry:
            raise UsageFault(
                f"{name} is the name of a model of the registry.",
                hint=f"Another name, such as: --name {name_for(f'my-{name}')}",
            )
        require_name(self.root, name)

    def accept(self, path: str, progress: Progress = no_progress) -> str:
        """Note the user's own model as it is now; returns its digest.

        Raises ModelMissing, UsageFault, CheckFailed if it holds more than weights, StorageFault.
        """
        if path in self.registry:
            raise UsageFault(
                f"{path} is a model of the registry, which holds its digests.",
                hint=f"ragkit models pull {path}",
            )
        place = self._own_path(path)
        own_weights(place, None)
        return accept_own(self.root, place, progress)

    def digest(self, name: str) -> str:
        """The sha256 that the main weights file has, or must have. Raises ModelMissing."""
        spec = self.registry[name]
        self.path(name)
        return self._expected_digest(spec)

    def pull(self, name: str, progress: Progress = no_progress) -> Path:
        """Bring the model here, unless it already is here and right.

        An interrupted pull goes on where it stopped. Raises Busy, NotReady (no network, no login),
        CheckFailed (a wrong byte), StorageFault, UsageFault (the source has no such file).
        """
        spec = self.registry[name]
        try:
            return self._check(spec, progress, fresh=True)
        except (ModelMissing, CheckFailed):
            pull_model(spec, self.root, progress)
        return self.path(name)

    def remove(self, name: str) -> int:
        """Delete the model, what was fetched of it and what was prepared of it; returns the bytes freed.

        Raises ModelMissing, Busy, StorageFault.
        """
        own = named_model(self.root, name)
        if own is None or (name in self.registry and self._has_any(self.registry[name])):
            digest, freed = self._remove_known(self.registry[name])
        else:
            digest, freed = noted_digest(self.root, own), remove_named(name, self.root)
        return freed + remove_prepared(self.root / MEMORY_FOLDER, digest)

    def _has_any(self, spec: ModelSpec) -> bool:
        return self._folder(spec).exists() or (self.root / PARTIAL / spec.folder).exists()

    def _remove_known(self, spec: ModelSpec) -> tuple[str, int]:
        if not self._has_any(spec):
            raise ModelMissing(f"{spec.name} is not on this machine.", hint="ragkit models list")
        digest = self._expected_digest(spec)
        freed = bytes_under(self._folder(spec)) + bytes_under(self.root / PARTIAL / spec.folder)
        remove_model(spec.folder, self.root)
        return digest, freed

    def resolve(
        self, name_or_path: str, *, role: Role | None = None, progress: Progress = no_progress
    ) -> InstalledModel:
        """A model by the registry's name or by the path of the user's own, checked for loading.

        Raises UnknownPipeline, ModelMissing, CheckFailed, UsageFault if it cannot serve as `role`.
        """
        if self._is_own(name_or_path):
            return self._own(self._own_path(name_or_path), role, progress)
        spec = self.registry[name_or_path]
        if role is not None and spec.role != role:
            raise UsageFault(
                f"{spec.name} cannot be the {role}: its role is {spec.role}.",
                hint="ragkit models list",
            )
        path = self.trusted_path(spec.name, progress)
        return InstalledModel(spec.name, path, self._expected_digest(spec), spec)

    def _is_own(self, name_or_path: str) -> bool:
        if name_or_path in self.registry:
            return False
        return named_model(self.root, name_or_path) is not None or looks_like_path(name_or_path)

    def _own_path(self, name_or_path: str) -> Path:
        return named_model(self.root, name_or_path) or _absolute(name_or_path)

    def _own(self, path: Path, role: Role | None, progress: Progress) -> InstalledModel:
        own_weights(path, role)
        digest = own_digest(self.root, path, progress)
        name = path.stem if path.is_file() else path.name
        return InstalledModel(name, path, digest, None, named_model(self.root, name) == path)

    def _folder(self, spec: ModelSpec) -> Path:
        return self.root / spec.folder

    def _place(self, spec: ModelSpec) -> Path:
        folder = self._folder(spec)
        return folder / spec.weights.path if spec.role == "generator" else folder

    def _expected(self, spec: ModelSpec) -> tuple[ModelFile, ...]:
        """The files as the registry wants them; what it leaves open, as the first pull found them.

        The registry wins: a changed model.json cannot make a changed file right.
        """
        pinned = {
            str(entry.get("path")): entry
            for entry in read_json(self._folder(spec) / MANIFEST).get("files", ())
        }
        return tuple(
            replace(
                file,
                sha256=file.sha256 or str(pinned.get(file.path, {}).get("sha256", "")),
                size=file.size or int(pinned.get(file.path, {}).get("size", 0)),
            )
            for file in spec.files
        )

    def _expected_digest(self, spec: ModelSpec) -> str:
        main = spec.weights.path
        return next(file.sha256 for file in self._expected(spec) if file.path == main)

    def _require_present(self, spec: ModelSpec, file: ModelFile) -> None:
        path = self._folder(spec) / file.path
        if not path.is_file() or not file.sha256:
            raise ModelMissing(
                f"The model {spec.name} is not on this machine.",
                hint=f"ragkit models pull {spec.name}",
            )
        if (size := path.stat().st_size) != file.size:
            raise _wrong(spec, path, f"{size:,} bytes", f"{file.size:,}")

    def _require_nothing_else(self, spec: ModelSpec) -> None:
        """Libraries load what they find beside the weights: a pickle, a tokenizer, code."""
        folder = self._folder(spec)
        known = {file.path for file in spec.files} | set(_NOTES)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.relative_to(folder).as_posix() not in known:
                raise CheckFailed(
                    f"{path} does not belong to the model {spec.name}.",
                    hint=f"Delete it, or: ragkit models pull {spec.name}",
                )

    def _check(self, spec: ModelSpec, progress: Progress, *, fresh: bool) -> Path:
        digests = DigestMemory(memory_of(self.root, spec.folder))
        try:
            for file in self._expected(spec):
                self._require_present(spec, file)
            self._require_nothing_else(spec)
            for file in self._expected(spec):
                path = self._folder(spec) / file.path
                found = digests.digest(file.path, path, progress, fresh=fresh)
                if found != file.sha256:
                    raise _wrong(spec, path, f"sha256 {found[:16]}…", f"{file.sha256[:16]}…")
        finally:
            digests.save()  # a wrong digest too, so that the cheaper check fails from now on
        return self._place(spec)

    def _state(self, spec: ModelSpec) -> ModelState:
        expected = self._expected(spec)
        folder = self._folder(spec)
        installed = all(file.sha256 and _size(folder / file.path) == file.size for file in expected)
        memory = DigestMemory(memory_of(self.root, spec.folder))
        verified = memory.oldest(file.path for file in expected)
        return ModelState(
            spec=spec,
            installed=installed,
            bytes_on_disk=bytes_under(folder),
            verified=verified if installed else None,
            digest=self._expected_digest(spec),
        )


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _wrong(spec: ModelSpec, path: Path, found: str, expected: str) -> CheckFailed:
    return CheckFailed(
        f"{path} is not what it should be: {found} instead of {expected}.",
        hint=f"ragkit models pull {spec.name}",
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
