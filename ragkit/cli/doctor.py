"""`ragkit doctor`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.cli.outputs import require_writable_file
from ragkit.config import load_config
from ragkit.errors import (
    EXIT_OK,
    CheckFailed,
    ConfigFault,
    ConnectionBlocked,
    NotReady,
    StorageFault,
    UsageFault,
)
from ragkit.files import write_atomically
from ragkit.isolation import ACCEPT_WEAK, seal
from ragkit.types.doctor import Checkup, Proof

VERDICT_CODES = {
    "proved": EXIT_OK,
    "not provable": NotReady.exit_code,
    "violated": ConnectionBlocked.exit_code,
}
FORMATS = (".json", ".html")
IDLE_SECONDS = 60.0


@click.command("doctor")
@click.option(
    "--prove-offline",
    is_flag=True,
    help="Watch the whole work over made-up documents with a packet sensor, with and without the guard.",
)
@click.option(
    "--idle",
    type=click.FloatRange(0, 86_400),
    show_default="60",
    help="Seconds for which the proof watches a program that does nothing.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the proof there: FILE.html, one page to hand on, or FILE.json.",
)
@guarded_options
def command(door: Door, prove_offline: bool, idle: float | None, output: Path | None) -> int:
    """Look at the machine, the models, the stores and what surrounds them; say what mends each.

    Exit code 9: there is a fault. With --prove-offline: 0 proved, 4 it cannot be proved here, 8 something
    was sent. The proof needs no root and a few minutes, and opens none of your documents.
    """
    if prove_offline:
        if door.accept_weak:
            raise UsageFault(
                f"The proof opens none of your documents: {ACCEPT_WEAK} would change nothing.",
                hint="ragkit doctor --prove-offline",
            )
        _require_output(output)
        return _prove(door, IDLE_SECONDS if idle is None else idle, output)
    for option, given in (("--output", output), ("--idle", idle)):
        if given is not None:
            hint = f"ragkit doctor --prove-offline {option} {given}"
            raise UsageFault(f"{option} is for the proof.", hint=hint)
    return _check_up(door)


def _check_up(door: Door) -> int:
    isolation = seal(accept_weak=True, write=_written(door))
    # Loads what opens stores: after the network is shut off.
    from ragkit.doctor.checkup import check_up
    from ragkit.models import ModelStore, default_models_folder, load_registry
    from ragkit.rendering.doctor import show_checkup

    models = ModelStore(default_models_folder(), load_registry())
    opens_stores = isolation.is_strong or door.accept_weak
    found = check_up(door.config, models, Path.home(), opens_stores=opens_stores)
    checkup = _as_typed_here(door, found)
    door.result(checkup.as_dict(), lambda: show_checkup(checkup))
    return CheckFailed.exit_code if checkup.of("fault") else EXIT_OK


def _as_typed_here(door: Door, checkup: Checkup) -> Checkup:
    """With the settings file in the commands that mend, where another than the usual one is meant."""
    typed = (replace(each, mend=door.with_config(each.mend)) for each in checkup.findings)
    return Checkup(tuple(typed))


def _written(door: Door) -> Collection[Path]:
    """Where SQLite keeps its shared memory, and where digests are remembered; no other place."""
    from ragkit.models import default_models_folder
    from ragkit.places import written_places

    try:
        return written_places(load_config(door.config), default_models_folder())
    except ConfigFault:
        return ()  # no settings, or faulty ones, which the page will say


def _prove(door: Door, idle: float, output: Path | None) -> int:
    """Not sealed: what it starts must be able to try. It opens no store, and only its own documents."""
    from ragkit.doctor.offline import planned, run_proof
    from ragkit.models import ModelStore, default_models_folder, load_registry
    from ragkit.rendering.doctor import show_proof, show_verdict

    models = ModelStore(default_models_folder(), load_registry())
    plan, digests = planned(door.config, models)
    with door.progress() as progress:
        proof = run_proof(plan, digests, idle, progress)
    if output is None:
        door.result(proof.as_dict(), lambda: show_proof(proof))
        return VERDICT_CODES[proof.verdict]
    try:
        _write(proof, output)
    except OSError as error:
        door.result(proof.as_dict(), lambda: show_proof(proof))  # minutes of work are not lost
        door.complain(StorageFault(f"{output} cannot be written: {error.strerror}."))
        return StorageFault.exit_code
    door.result(proof.as_dict(), lambda: show_verdict(proof, str(output)))
    return VERDICT_CODES[proof.verdict]


def _require_output(output: Path | None) -> None:
    """Before minutes of work."""
    if output is None:
        return
    if output.suffix.lower() not in FORMATS:
        raise UsageFault(
            f"{output} is neither a .html nor a .json file.", hint="--output proof.html"
        )
    require_writable_file(output)


def _write(proof: Proof, output: Path) -> None:
    from ragkit.rendering.doctor_page import as_html

    is_page = output.suffix.lower() == ".html"
    shown = as_html(proof) if is_page else json.dumps(proof.as_dict(), indent=2, ensure_ascii=False)
    write_atomically(output, shown)
