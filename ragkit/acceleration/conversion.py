"""A model converted for OpenVINO, once, and what was measured of it on this kind of machine.

    CACHE/53aa51172d142c89-2026.4.1-1/     digest, OpenVINO version, who made it: one conversion
        conversion.json                    why it could not be converted, or an empty reason
        measured-0f3c….json                one for each kind of processor that uses the folder
        model.xml  model.bin  compiled/    what its maker puts there

Every file appears whole or not at all. Nothing here is derived from documents.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ragkit.acceleration.machine import machine_id
from ragkit.acceleration.openvino_library import openvino_version
from ragkit.files import write_atomically

CONVERSION = "conversion.json"


def converted_folder(cache: Path, digest: str, made_by: str) -> Path:
    """Where the model with weights of that sha256 is, or will be, converted.

    made_by: changes when the same weights are converted to something else.
    """
    return cache / f"{digest[:16]}-{openvino_version()}-{made_by}"


def read_conversion(converted: Path) -> str | None:
    """Why the model could not be converted, "" if it was; None if that was not tried to the end."""
    try:
        return str(json.loads((converted / CONVERSION).read_text(encoding="utf-8"))["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def convert_once(converted: Path, convert: Callable[[Path], str]) -> str:
    """Have `convert` fill the folder, unless that was done. Returns why it could not be done, or "".

    convert: given an empty folder; returns the reason in the same way.
    """
    known = read_conversion(converted)
    if known is not None:
        return known
    converted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = converted.with_name(f".{converted.name}.{os.getpid()}")
    aside.mkdir(mode=0o700)
    try:
        problem = convert(aside)
        write_json(aside / CONVERSION, {"reason": problem})
        shutil.rmtree(converted, ignore_errors=True)  # a damaged one
        aside.rename(converted)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return problem


def read_measured(converted: Path) -> Any:
    """What was measured on this kind of machine; None if nothing was, or it cannot be read."""
    try:
        return json.loads(_measured_path(converted).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_measured(converted: Path, content: dict[str, Any]) -> None:
    """Remember it for this kind of machine."""
    write_json(_measured_path(converted), content)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Atomically: readers see the old file or the new one."""
    write_atomically(path, json.dumps(content, indent=1))


def fastest(rates: Iterable[tuple[str, float]]) -> str:
    """The fastest of the ways that agree with the reference; one on torch only where OpenVINO has none.

    However fast, torch costs each command several seconds of importing.
    """
    good = list(rates)
    light = [each for each in good if each[0].startswith("openvino")]
    return max(light or good, key=lambda each: each[1])[0]


def _measured_path(converted: Path) -> Path:
    return converted / f"measured-{machine_id()}.json"
