"""The JSON files that say what a model is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ragkit.errors import ModelMissing


def read_config(folder: Path, name: str) -> Any:
    """The JSON file, or an empty object where there is none. Raises ModelMissing if it is none."""
    path = folder / name
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMissing(f"{path} cannot be read", hint="ragkit models verify") from error
