"""The models folder: what is installed, where it lies, and whether every byte of it is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ragkit.errors import CheckFailed, ModelMissing, UsageFault
from ragkit.models.digests import MEMORY_FOLDER, DigestMemory, memory_of
from ragkit.models.files import Progress, bytes_under, no_progress
from ragkit.models.installed import InstalledModel, ModelState
from ragkit.models.known import (
    expected_digest,
    expected_files,
    require_nothing_else,
    require_present,
    wrong_file,
)
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
from ragkit.models.pulling import PARTIAL, pull_model, remove_model
from ragkit.models.registry import ModelSpec, Registry, Role


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

    def spec(self, name: str) -> ModelSpec:
        """The registry's model of that name, or NAME:QUANTIZATION.

        Raises UnknownPipeline, which knows the user's own names too; UsageFault if it is one of them.
        """
        own = named_models(self.root)
        if name in own and name not in self.registry:
            raise UsageFault(
                f"{name} is a model of your own, which is here already.", hint="ragkit models list"
            )
        return self.registry.find(name, own=own)

    def has(self, name: str) -> bool:
        """Whether every file of it is here with the right size. Nothing is hashed."""
        return self._state(self.spec(name)).installed

    def path(self, name: str) -> Path:
        """Where the model lies: the GGUF file of a generator, else its folder. Nothing is hashed.

        Raises UnknownPipeline, ModelMissing, CheckFailed if a file has a wrong size.
        """
        spec = self.spec(name)
        for file in expected_files(self.root, spec):
            require_present(self.root, spec, file)
        return self._place(spec)

    def trusted_path(self, name: str, progress: Progress = no_progress) -> Path:
        """`path`, after making sure that every byte is right: the one to load a model from.

        Files that were hashed in the last day and not written to since are not hashed again.
        """
        return self._check(self.spec(name), progress, fresh=False)

    def verify(self, name_or_path: str, progress: Progress = no_progress) -> None:
        """Hash every file. Raises ModelMissing, or CheckFailed with the file that is wrong."""
        if self._is_own(name_or_path):
            path = self._own_path(name_or_path)
            own_weights(path, None)
            own_digest(self.root, path, progress, fresh=True)
        else:
            self._check(self.spec(name_or_path), progress, fresh=True)

    def weights(self, name_or_path: str) -> Path:
        """The main weights file. Raises UnknownPipeline, ModelMissing, UsageFault, CheckFailed."""
        if self._is_own(name_or_path):
            return own_weights(self._own_path(name_or_path), None)
        spec = self.spec(name_or_path)
        self.path(spec.name)
        return self._folder(spec) / spec.weights.path

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
        spec = self.spec(name)
        self.path(name)
        return expected_digest(self.root, spec)

    def pull(self, name: str, progress: Progress = no_progress) -> Path:
        """Bring the model here, unless it already is here and right.

        An interrupted pull goes on where it stopped. Raises Busy, NotReady (no network, no login),
        CheckFailed (a wrong byte), StorageFault, UsageFault (the source has no such file).
        """
        spec = self.spec(name)
        try:
            return self._check(spec, progress, fresh=True)
        except (ModelMissing, CheckFailed):
            pull_model(spec, self.root, progress)
        return self.path(name)

    def remove(self, name: str) -> int:
        """Delete the model, what was fetched of it and what was prepared of it; returns the bytes freed.

        Raises ModelMissing, Busy, StorageFault.
        """
        self.require_any(name)
        own = named_model(self.root, name)
        if own is None or (name in self.registry and self._has_any(self.registry[name])):
            digest, freed = self._remove_known(self.registry[name])
        else:
            digest, freed = noted_digest(self.root, own), remove_named(name, self.root)
        return freed + remove_prepared(self.root / MEMORY_FOLDER, digest)

    def require_any(self, name: str) -> None:
        """Raises UnknownPipeline, ModelMissing unless there is something of it to remove."""
        if named_model(self.root, name) is not None:
            return
        lies = _absolute(name)
        if name not in self.registry and (lies.is_file() or (lies / "config.json").is_file()):
            raise UsageFault(
                f"{name} is your own where it lies, and stays; only what ragkit keeps is removed.",
                hint="ragkit models list",
            )
        if not self._has_any(spec := self.spec(name)):
            raise ModelMissing(f"{spec.name} is not on this machine.", hint="ragkit models list")

    def _has_any(self, spec: ModelSpec) -> bool:
        return self._folder(spec).exists() or (self.root / PARTIAL / spec.folder).exists()

    def _remove_known(self, spec: ModelSpec) -> tuple[str, int]:
        digest = expected_digest(self.root, spec)
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
        spec = self.spec(name_or_path)
        if role is not None and spec.role != role:
            raise UsageFault(
                f"{spec.name} cannot be the {role}: its role is {spec.role}.",
                hint="ragkit models list",
            )
        path = self.trusted_path(spec.name, progress)
        return InstalledModel(spec.name, path, expected_digest(self.root, spec), spec)

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

    def _check(self, spec: ModelSpec, progress: Progress, *, fresh: bool) -> Path:
        digests = DigestMemory(memory_of(self.root, spec.folder))
        try:
            for file in expected_files(self.root, spec):
                require_present(self.root, spec, file)
            require_nothing_else(self.root, spec)
            for file in expected_files(self.root, spec):
                path = self._folder(spec) / file.path
                found = digests.digest(file.path, path, progress, fresh=fresh)
                if found != file.sha256:
                    raise wrong_file(spec, path, f"sha256 {found[:16]}…", f"{file.sha256[:16]}…")
        finally:
            digests.save()  # a wrong digest too, so that the cheaper check fails from now on
        return self._place(spec)

    def _state(self, spec: ModelSpec) -> ModelState:
        expected = expected_files(self.root, spec)
        folder = self._folder(spec)
        installed = all(file.sha256 and _size(folder / file.path) == file.size for file in expected)
        memory = DigestMemory(memory_of(self.root, spec.folder))
        verified = memory.oldest(file.path for file in expected)
        return ModelState(
            spec=spec,
            installed=installed,
            bytes_on_disk=bytes_under(folder),
            verified=verified if installed else None,
            digest=expected_digest(self.root, spec),
        )


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
