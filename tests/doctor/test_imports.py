"""The sensor over all imports: no module of ragkit's and no library of its sends anything, unguarded.

The libraries' own switches are set as ragkit sets them. That some of them send without is shown too, so
that the silence means something.
"""

from __future__ import annotations

import importlib.metadata
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ragkit
from ragkit.doctor.attestation import dependencies
from tests.doctor.conftest import inside_sensor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sensor is Linux's")

IMPORT = """
import importlib, sys, time, warnings
warnings.simplefilter("ignore")
if "openvino" in {names!r}:
    from ragkit.acceleration.openvino_library import conversion_tool, openvino_library

    openvino_library(), conversion_tool()
failed = []
for name in {names!r}:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed.append(f"{{name}}: {{type(error).__name__}}")
time.sleep({seconds})
print(*failed, sep="\\n")
"""
WITHOUT_SWITCHES = """
import os
from ragkit.isolation.environment import SWITCHES
for switch in SWITCHES:
    os.environ.pop(switch.name, None)
"""
OFTEN_USED = (
    "numpy",
    "chromadb",
    "llama_cpp",
    "openvino",
    "tokenizers",
    "pypdf",
    "pypdfium2",
    "lxml.etree",
    "PIL.Image",
    "openpyxl",
    "pptx",
    "charset_normalizer",
    "jinja2",
    "Stemmer",
    "huggingface_hub",
)
LEFT_OUT = {"openvino_telemetry"}
"""What openvino_library.py keeps from being imported."""
ACTING_ON_IMPORT = {"__main__", "this", "antigravity"}
TOGETHER = 12
"""Modules that are imported by one process."""


def importing(*names: str, seconds: float = 0.5) -> str:
    return IMPORT.format(names=names, seconds=seconds)


def own_modules() -> list[str]:
    found = pkgutil.walk_packages(ragkit.__path__, "ragkit.")
    return [each.name for each in found if not each.name.endswith(".__main__")]


def libraries() -> Iterator[str]:
    """Top-level modules of every distribution that ragkit depends on, directly or not."""
    needed = {each.metadata["Name"].lower() for each in dependencies()}
    for module, owners in sorted(importlib.metadata.packages_distributions().items()):
        if {owner.lower() for owner in owners} & needed and module.isidentifier():
            yield module


def test_importing_what_is_often_used_sends_nothing(home: Path) -> None:
    (seen,) = inside_sensor(importing(*OFTEN_USED), HOME=str(home))
    assert seen["code"] == 0, seen["errors"]
    assert seen["printed"].split() == [], "a library of the list cannot be imported"
    assert seen["packets"] == []


@pytest.mark.long
def test_importing_every_module_of_ragkit_sends_nothing(home: Path) -> None:
    (seen,) = inside_sensor(importing(*own_modules(), seconds=2), HOME=str(home))
    assert seen["code"] == 0, seen["errors"]
    assert seen["printed"].split() == []
    assert seen["packets"] == []


@pytest.mark.long
def test_importing_every_library_sends_nothing(home: Path) -> None:
    names = [name for name in libraries() if name not in ACTING_ON_IMPORT | LEFT_OUT]
    assert {"chromadb", "torch", "unstructured", "onnxruntime", "openvino"} <= set(names)
    batches = [names[at : at + TOGETHER] for at in range(0, len(names), TOGETHER)]
    results = inside_sensor(*(importing(*each, seconds=2) for each in batches), HOME=str(home))
    for batch, seen in zip(batches, results, strict=True):
        assert seen["packets"] == [], batch


@pytest.mark.parametrize(
    ("library", "use", "seconds"),
    [
        ("openvino", "import openvino", 1),
        pytest.param("onnxruntime", "import onnxruntime", 30, marks=pytest.mark.long),
        pytest.param(
            "unstructured",
            "from unstructured.partition.text import partition_text\npartition_text(text='A text.')",
            2,
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_library_that_phones_home_is_seen(
    home: Path, library: str, use: str, seconds: float
) -> None:
    """The control: what ragkit never does with them. One that no longer sends is a skip, and good news."""
    program = f"{WITHOUT_SWITCHES}\n{use}\nimport time\ntime.sleep({seconds})"
    (seen,) = inside_sensor(program, HOME=str(home))
    if not seen["packets"]:
        version = importlib.metadata.version(library)
        pytest.skip(f"{library} {version} sends nothing here within {seconds} s")
    assert any(port in (53, 80, 443) for _, _, port, _ in seen["packets"])
