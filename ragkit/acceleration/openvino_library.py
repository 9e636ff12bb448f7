"""The OpenVINO library, without what reports home. The only file that imports it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ragkit.errors import RagkitError
from ragkit.machine import processors


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


def save_converted(module: Any, example: dict[str, Any], graph: Path) -> None:
    """Trace a torch module with its example input, and write it as `graph` with its weights beside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, about branches that are constant here
        model = conversion_tool()(module, example_input=example)
    openvino_library().save_model(model, str(graph), compress_to_fp16=False)


def convert_both(
    trace: Callable[[bool], tuple[Any, dict[str, Any]]], graph: Path, bf16_graph: Path
) -> str:
    """Write a model as `graph`, and in bf16 where the processor computes that. Returns why it cannot be
    done, or "" when done.

    trace: from whether it is to be in bf16 to a torch module and its example input. A fault in
    ragkit's own words, such as that the model cannot be loaded, is raised as it is.
    """
    try:
        save_converted(*trace(False), graph)
        if computes_bf16():
            save_converted(*trace(True), bf16_graph)
    except RagkitError:
        raise
    except Exception as error:  # noqa: BLE001 (any part of a strange model may fail; another way is left)
        return f"OpenVINO cannot convert the model ({type(error).__name__})"
    return ""


def compiled(graph: Path, kept: Path, *, precision: str, goal: str, threads: int) -> Any:
    """The graph, ready to compute; what that took is kept in the folder `kept`.

    precision: "f32" or "bf16". goal: "LATENCY" or "THROUGHPUT". threads: 0 for all cores. OpenVINO
    gives the graphs of different settings one name, so each combination needs a folder of its own.
    """
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": goal,
        "INFERENCE_NUM_THREADS": threads or len(processors()),
        # Compiled graphs are kept without the weights: 0.4 MB, loaded in 0.1 s instead of 0.4.
        "CACHE_DIR": str(kept),
        "CACHE_MODE": "OPTIMIZE_SIZE",
    }
    model = core().compile_model(str(graph), "CPU", settings)
    if not model.get_property("LOADED_FROM_CACHE"):
        for path in kept.iterdir():
            path.chmod(0o600)  # OpenVINO lets the group read, whatever the umask
    return model
