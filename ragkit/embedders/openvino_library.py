"""The OpenVINO library, without what reports home. The only file that imports it."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import version
from typing import Any


@cache
def openvino_library() -> Any:
    """The library, without the two parts of it that its own __init__ can do without.

    `openvino_telemetry` reports each import to a web analytics service, unasked, and leaves an
    identifier of the machine in the home folder. The conversion tools import it, and cost 0.1 s.
    """
    for unwanted in ("openvino_telemetry", "openvino.tools.ovc"):
        sys.modules.setdefault(unwanted, None)  # type: ignore[arg-type]
    import openvino

    return openvino


def conversion_tool() -> Any:
    """`convert_model`, which is left out of the library above."""
    openvino_library()
    sys.modules.pop("openvino.tools.ovc", None)
    from openvino.tools.ovc import convert_model

    return convert_model


@cache
def core() -> Any:
    """The one Core of this process."""
    return openvino_library().Core()


def openvino_version() -> str:
    """Without importing it."""
    return version("openvino")


def computes_bf16() -> bool:
    """Whether the processor has instructions for bfloat16; without them it is 100 times slower."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
