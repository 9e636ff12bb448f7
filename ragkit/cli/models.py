"""`ragkit models`: the only commands of which one, `pull`, uses a network. None opens a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ragkit.cli import models_bench, models_choice, models_making, models_removing
from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK, RagkitError, strongest_exit_code
from ragkit.models import ModelState, ModelStore, default_models_folder, load_registry


@click.group("models", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Choose, bring, list, measure and remove models. Only `pull` connects to anything."""


command.add_command(models_choice.recommend)
command.add_command(models_making.import_model)
command.add_command(models_making.quantize)
command.add_command(models_bench.bench)
command.add_command(models_removing.remove)


def _store() -> ModelStore:
    return ModelStore(default_models_folder(), load_registry())


@command.command("list")
@common_options
def list_models(door: Door) -> int:
    """Models of the registry: what they are for, their size, and whether they are here."""
    store = _store()
    states, own = store.list(), store.named()
    data: dict[str, object] = {
        "version": 1,
        "folder": str(store.root),
        "models": [_as_dict(state) for state in states],
        "own": [{"name": n, "path": str(p), "size": p.stat().st_size} for n, p in own.items()],
    }
    lines = [_line(state) for state in states]
    lines += [
        f"here   {name:<30}generator  {_mb(p.stat().st_size)}  your own" for name, p in own.items()
    ]
    door.result(data, lambda: "\n".join(lines))
    return EXIT_OK


def _mb(count: int) -> str:
    return f"{count / 1e6:>7.0f} MB"


def _as_dict(state: ModelState) -> dict[str, object]:
    spec = state.spec
    return {
        "name": spec.name,
        "role": spec.role,
        "installed": state.installed,
        "size": spec.size,
        "memory_mb": spec.memory_mb,
        "licence": spec.licence,
        "source": str(spec.source),
        "sha256": state.digest,
        "verified": state.verified.isoformat("T", "seconds") if state.verified else "",
        "reader": spec.reader,
        "description": spec.description,
        "parameters": spec.parameters,
        "languages": list(spec.languages),
        "window": spec.window,
        "quantizations": [one for one in spec.quantizations if one],
        "chat": spec.chat,
    }


def _line(state: ModelState) -> str:
    spec = state.spec
    here = "here   " if state.installed else "       "
    return (
        f"{here}{spec.name:<30}{spec.role:<11}{_mb(spec.size)}  "
        f"{spec.licence:<12} {spec.description}"
    )


@command.command("pull")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--quantization", default="", help="Bits a number, such as Q8_0; also NAME:Q8_0.")
@common_options
def pull(door: Door, names: tuple[str, ...], quantization: str) -> int:
    """Download models and check their digests. Uses the network: pip's index or the model hub."""
    store = _store()
    specs = [store.spec(f"{one}:{quantization}" if quantization else one) for one in names]
    paths = {}
    for name in (spec.name for spec in specs):
        with door.progress() as progress:
            paths[name] = store.pull(name, progress.bytes)
        door.note(f"{name} is here: {paths[name]}")
        door.note(f"  sha256 {store.digest(name)}")
    data: dict[str, object] = {
        "version": 1,
        "paths": {name: str(path) for name, path in paths.items()},
        "sha256": {name: store.digest(name) for name in paths},
    }
    if door.as_json:
        door.result(data, str)
    return EXIT_OK


@command.command("path")
@click.argument("name")
@common_options
def path(door: Door, name: str) -> int:
    """Print where a model lies."""
    store = _store()
    found = store.named().get(name) or store.path(name)
    door.result({"version": 1, "name": name, "path": str(found)}, lambda: str(found))
    return EXIT_OK


@command.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME|PATH...]")
@common_options
def verify(door: Door, names: tuple[str, ...]) -> int:
    """Hash every file of a model and compare; of a GGUF file also look whether it is whole.

    Without a name: of all models that are here, of your own that were used, and of what was made of
    them for this machine. A fault of one does not keep the others from being checked.
    """
    from ragkit.llm.wholeness import check_whole

    store = _store()
    installed = (state.spec.name for state in store.list() if state.installed)
    chosen = names or (*installed, *map(str, store.own()))
    checking = _Checking()
    prepared = 0
    with door.progress() as progress:
        for name in chosen:
            with checking.one(name):
                if (
                    name not in store.registry
                ):  # what is not whole is not noted as what it should be
                    check_whole(store.weights(name))
                store.verify(name, progress.bytes)
                check_whole(store.weights(name))
        if not names:
            with checking.one("prepared"):
                prepared = store.verify_prepared(progress.bytes)
    good = [name for name in chosen if name not in checking.faults]
    _tell(door, checking, good, prepared)
    return strongest_exit_code(fault.exit_code for fault in checking.faults.values())


class _Checking:
    """Goes on after a fault: a model that is wrong says nothing of the others. faults: by name."""

    def __init__(self) -> None:
        self.faults: dict[str, RagkitError] = {}

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        try:
            yield
        except RagkitError as fault:
            self.faults[name] = fault


def _tell(door: Door, checking: _Checking, good: list[str], prepared: int) -> None:
    data: dict[str, object] = {
        "version": 1,
        "verified": good,
        "prepared": prepared,
        "failed": [{"name": name, **fault.as_dict()} for name, fault in checking.faults.items()],
    }
    lines = [f"{name}: every file is as it should be." for name in good]
    lines += [f"Prepared for this machine: {prepared}, as they were made."] if prepared else []
    if lines or door.as_json or not checking.faults:
        door.result(data, lambda: "\n".join(lines) or "No models are here.")
    if not door.as_json:
        for fault in checking.faults.values():
            door.complain(fault)


@command.command("accept")
@click.argument("path")
@common_options
def accept(door: Door, path: str) -> int:
    """Note the digests of your own model at PATH anew, after you have changed it."""
    from ragkit.llm.wholeness import check_whole

    store = _store()
    check_whole(store.weights(path))
    with door.progress() as progress:
        digest = store.accept(path, progress.bytes)
    data: dict[str, object] = {"version": 1, "path": path, "sha256": digest}
    door.result(data, lambda: f"{path} is noted as it is now: sha256 {digest}")
    return EXIT_OK
