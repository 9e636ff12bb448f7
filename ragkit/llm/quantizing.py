"""Makes a smaller form of a model with llama.cpp, which tells its progress only in its log.

Run in a process of its own (model_process.py): native code that reads a stranger's file may crash.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from ragkit.errors import CheckFailed
from ragkit.llm import native
from ragkit.llm.gguf_metadata import FILE_TYPES, UNQUANTIZED

TARGETS = tuple(
    name
    for name in ("Q2_K", "Q3_K_M", "Q4_0", "Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0")
    if name in FILE_TYPES.values()
)
"""What a model may be made: the types that need no measured importance of weights."""
_NUMBERS = {name: number for number, name in FILE_TYPES.items()}
_TENSOR = re.compile(r"\[\s*(\d+)/\s*(\d+)\]")
_ERROR = 4
OnPart = Callable[[int, int], None]


def was_quantized(quantization: str) -> bool:
    """Whether a model of that type has lost precision already."""
    return quantization not in UNQUANTIZED


def quantize(source: Path, target: Path, to: str, threads: int, on_part: OnPart) -> None:
    """Write `source` at the quantization `to`, one of TARGETS, to the new file `target`.

    on_part: told the tensors done and all. Raises CheckFailed with llama.cpp's own last word.
    """
    llama = native.library()
    errors: list[str] = []
    # Replaces the listener of native.py, which keeps errors only; this process does nothing else.
    listener = llama.llama_log_callback(lambda level, text, _: _heard(level, text, on_part, errors))
    llama.llama_log_set(listener, None)
    settings = llama.llama_model_quantize_default_params()
    settings.ftype = _NUMBERS[to]
    settings.nthread = threads
    settings.allow_requantize = True
    status = llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), settings)
    if status != 0:
        said = f": {errors[-1]}" if errors else ""
        raise CheckFailed(
            f"llama.cpp cannot quantize {source.name}{said}.", hint="Get the file again."
        )


def _heard(level: int, text: bytes | None, on_part: OnPart, errors: list[str]) -> None:
    line = (text or b"").decode("utf-8", "replace").strip()
    part = _TENSOR.match(line)
    if part:
        on_part(int(part[1]), int(part[2]))
    elif level == _ERROR and line:
        errors.append(line)
